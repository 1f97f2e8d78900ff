using Backprop.Formulas;
using Backprop.Graph.Ops;

namespace Backprop.Graph;

/// <summary>A variable of a computational graph and the operation that gives it. Goodfellow, Bengio and Courville (2016), section 6.5.1.</summary>
internal sealed class Node
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

    /// <summary>A matrix that is learned.</summary>
    public static Node Parameter(string name, int rows, int columns) => new(new Parameter(), [], new(rows, columns), name);

    /// <summary>A matrix of one number repeated.</summary>
    public static Node Constant(double value, Shape shape) => new(new Constant(value), [], shape, null);

    /// <summary>Whether its value is a sparse batch.</summary>
    public bool IsSparse => Op is Source { Sparse: true };

    /// <summary>The matrix product this · other.</summary>
    public Node Times(Node other) => Of(new Product(), this, other);

    /// <summary>The matrix product thisᵀ · other.</summary>
    public Node TransposeTimes(Node other) => Of(new TransposedProduct(), this, other);

    /// <summary>The transpose.</summary>
    public Node Transpose() => Of(new Transposition(), this);

    /// <summary>Adds a row to every row.</summary>
    public Node AddRow(Node row) => Of(new RowSum(), this, row);

    /// <summary>Adds up the rows.</summary>
    public Node SumRows() => Of(new ColumnSums(), this);

    /// <summary>f of every element.</summary>
    public Node Apply(Activation f) => Of(new Apply(f), this);

    /// <summary>The sum, element by element.</summary>
    public static Node operator +(Node a, Node b) => Of(new Add(), a, b);

    /// <summary>The product, element by element.</summary>
    public static Node operator *(Node a, Node b) => Of(new Multiply(), a, b);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Shape})";
}
