using Backprop.Graph.Ops;

namespace Backprop.Graph;

/// <summary>A variable of a computational graph and the operation that gives it. Goodfellow, Bengio and Courville (2016), section 6.5.1.</summary>
/// <remarks>
/// Every variable is a matrix. A node never changes and is made of nodes that are already there, so a graph has no cycles. It holds no
/// numbers: <c>Numbers</c> gives a graph's leaves theirs and computes the others.
/// </remarks>
public sealed partial class Node
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

    /// <summary>Whether it has a value of its own: an input, a parameter, a state or a constant.</summary>
    public bool IsLeaf => Op is Leaf;

    /// <summary>Whether it is a leaf whose numbers are given: an input, a parameter or a state.</summary>
    public bool TakesNumbers => Op is Source or Ops.Parameter or Ops.State;

    /// <summary>Applies an operation.</summary>
    /// <exception cref="ArgumentException">The shapes do not fit it; the message names the nodes.</exception>
    public static Node Of(Op op, params IReadOnlyList<Node> inputs)
    {
        if (op is Leaf)
        {
            throw new ArgumentException($"{op.Name} is a leaf: it is applied to nothing. Make it by {nameof(Node)}.{op.Name} or its like.");
        }

        Shape shape;
        try
        {
            shape = op.ShapeOf(Shape.Of(inputs));
        }
        catch (ArgumentException error)
        {
            throw new ArgumentException($"{error.Message} ({op.Name} of {string.Join(", ", inputs.Select(input => input.Name))}.)", error);
        }

        return new(op, [.. inputs], Checked(shape, op.Name), null);
    }

    /// <summary>A matrix given for each batch, with as many rows as the batch has.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="columns">Columns.</param>
    public static Node Input(string name, int columns) => Input(name, columns, false);

    /// <summary>The same, perhaps with only its non-zeros given.</summary>
    internal static Node Input(string name, int columns, bool sparse) => new(new Source(sparse), [], Checked(new(Shape.Batch, columns), name), name);

    /// <summary>A matrix that the caller writes before each run, as a random mask.</summary>
    internal static Node FilledInput(string name, int columns) => new(new Source(filled: true), [], Checked(new(Shape.Batch, columns), name), name);

    /// <summary>A matrix that is learned.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public static Node Parameter(string name, int rows, int columns) => new(new Parameter(), [], Lasting(rows, columns, name), name);

    /// <summary>A matrix that lasts from run to run but is not learned.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public static Node State(string name, int rows, int columns) => new(new State(), [], Lasting(rows, columns, name), name);

    /// <summary>A matrix of one number repeated.</summary>
    public static Node Constant(double value, Shape shape) => new(new Constant(value), [], Checked(shape, $"{value}"), null);

    /// <summary>1 / the number of rows of the batch.</summary>
    public static Node BatchShare() => new(new BatchShare(), [], Shape.Scalar, null);

    /// <summary>The same operation of the same inputs under a name of your own: a node apart, to be used instead of this one.</summary>
    /// <exception cref="InvalidOperationException">It is a leaf, which got its name when it was made.</exception>
    public Node Named(string name) => IsLeaf
        ? throw new InvalidOperationException($"{this} is a leaf: a node apart would have numbers of its own. Name it where it is made.")
        : new(Op, Inputs, Shape, name);

    /// <summary>Whether its value is a sparse batch.</summary>
    internal bool IsSparse => Op is Source { Sparse: true };

    /// <summary>The same operation of other inputs, of the same shapes.</summary>
    internal Node WithInputs(IReadOnlyList<Node> inputs) => new(Op, inputs, Shape, Name);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Shape})";

    /// <summary>The shape of what lasts from batch to batch: never the batch's.</summary>
    private static Shape Lasting(int rows, int columns, string name) => rows == Shape.Batch
        ? throw new ArgumentException($"{name} lasts from batch to batch and has no batch's number of rows. Give it 1 row at least.")
        : Checked(new(rows, columns), name);

    private static Shape Checked(Shape shape, string name) => shape.Rows is Shape.Batch or > 0 && shape.Columns > 0
        ? shape
        : throw new ArgumentException($"{name} would be a matrix of {shape.Rows} × {shape.Columns}. Give it 1 row and 1 column at least.");
}
