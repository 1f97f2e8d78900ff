using Backprop.Graph.Ops;

namespace Backprop.Graph;

/// <summary>A variable of a computational graph and the operation that gives it. Goodfellow, Bengio and Courville (2016), section 6.5.1.</summary>
internal sealed partial class Node
{
    private Node(Op op, IReadOnlyList<Node> inputs, Shape shape, string? name)
        => (Op, Inputs, Shape, Name) = (op, inputs, shape, name ?? op.Name);

    /// <summary>The operation: the book's get_operation.</summary>
    public Op Op { get; }

    /// <summary>What the operation is applied to: the book's get_inputs.</summary>
    public IReadOnlyList<Node> Inputs { get; }

    /// <summary>The value's size.</summary>
    public Shape Shape { get; }

    /// <summary>The user's name for it, or the operation's.</summary>
    public string Name { get; }

    /// <summary>Applies an operation.</summary>
    /// <exception cref="ArgumentException">The shapes do not fit it.</exception>
    public static Node Of(Op op, params IReadOnlyList<Node> inputs) => new(op, inputs, op.ShapeOf([.. inputs.Select(i => i.Shape)]), null);

    /// <summary>A matrix given for each batch.</summary>
    public static Node Input(string name, int columns, bool sparse = false) => new(new Source(sparse), [], new(Shape.Batch, columns), name);

    /// <summary>A matrix that the caller writes before each run, as a random mask.</summary>
    public static Node FilledInput(string name, int columns) => new(new Source(filled: true), [], new(Shape.Batch, columns), name);

    /// <summary>A matrix that is learned.</summary>
    public static Node Parameter(string name, int rows, int columns) => new(new Parameter(), [], new(rows, columns), name);

    /// <summary>A matrix that lasts from run to run but is not learned.</summary>
    public static Node State(string name, int rows, int columns) => new(new State(), [], new(rows, columns), name);

    /// <summary>A matrix of one number repeated.</summary>
    public static Node Constant(double value, Shape shape) => new(new Constant(value), [], shape, null);

    /// <summary>1 / the number of rows of the batch.</summary>
    public static Node BatchShare() => new(new BatchShare(), [], Shape.Scalar, null);

    /// <summary>Whether its value is a sparse batch.</summary>
    public bool IsSparse => Op is Source { Sparse: true };

    /// <summary>The same operation of other inputs, of the same shapes.</summary>
    internal Node WithInputs(IReadOnlyList<Node> inputs) => new(Op, inputs, Shape, Name);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Shape})";
}
