using Backprop.Formulas;
using Backprop.Graph.Ops;

namespace Backprop.Graph;

/// <content>The operations, as methods. Those on elements repeat an operand that has one row, one column or both.</content>
public sealed partial class Node
{
    /// <summary>A number, which operations on elements repeat.</summary>
    public static implicit operator Node(double number) => Constant(number, Shape.Scalar);

    /// <summary>The sum, element by element.</summary>
    public static Node operator +(Node a, Node b) => Map(new Primitives.Addition(), a, b);

    /// <summary>The difference, element by element.</summary>
    public static Node operator -(Node a, Node b) => Map(new Primitives.Subtraction(), a, b);

    /// <summary>The product, element by element.</summary>
    public static Node operator *(Node a, Node b) => Map(new Primitives.Multiplication(), a, b);

    /// <summary>The quotient, element by element.</summary>
    public static Node operator /(Node a, Node b) => Map(new Primitives.Division(), a, b);

    /// <summary>Every element with its sign flipped.</summary>
    public static Node operator -(Node x) => Map(new Primitives.Negation(), x);

    /// <summary>Any formula of one to three nodes, element by element.</summary>
    public static Node Map<TF>(TF f, params IReadOnlyList<Node> inputs) where TF : struct, IFormula => Ops.Map.Of(f, inputs);

    /// <summary>The larger of each two elements.</summary>
    public static Node Max(Node a, Node b) => Map(new Primitives.Maximum(), a, b);

    /// <summary>The smaller of each two elements.</summary>
    public static Node Min(Node a, Node b) => Map(new Primitives.Minimum(), a, b);

    /// <summary><paramref name="then"/> where x &gt; 0, else <paramref name="otherwise"/>.</summary>
    public static Node IfPositive(Node x, Node then, Node otherwise) => Map(new Primitives.IfPositive(), x, then, otherwise);

    /// <summary>Matrices side by side.</summary>
    public static Node Concatenate(params IReadOnlyList<Node> parts) => parts is [var only] ? only : Of(new Concatenation(), parts);

    /// <summary>Softmax and cross-entropy in one, stable for every logit: the mean over rows of log Σ e^z − z of the row's class.</summary>
    /// <param name="logits">m × n.</param>
    /// <param name="classes">m × 1: whole numbers from 0 to below n, of an input or another leaf.</param>
    /// <param name="weights">m × 1: what each row counts for; null for 1 each.</param>
    public static Node CrossEntropy(Node logits, Node classes, Node? weights = null)
        => SoftmaxCrossEntropy.Of(logits, classes, weights ?? Constant(1, logits.Shape with { Columns = 1 }));

    /// <summary>The mean of a loss over rows and outputs.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="outputs">m × n.</param>
    /// <param name="targets">m × n.</param>
    /// <param name="weights">m × 1: what each row counts for; null for 1 each.</param>
    public static Node MeanLoss(Loss loss, Node outputs, Node targets, Node? weights = null)
        => ElementwiseLoss.Of(loss, outputs, targets, weights ?? Constant(1, outputs.Shape with { Columns = 1 }));

    /// <summary>The matrix product this · other.</summary>
    public Node Times(Node other) => Of(new Product(), this, other);

    /// <summary>The matrix product thisᵀ · other.</summary>
    public Node TransposeTimes(Node other) => Of(new TransposedProduct(), this, other);

    /// <summary>The transpose.</summary>
    public Node Transpose() => Op is Transposition ? Inputs[0] : Of(new Transposition(), this);

    /// <summary>Adds a row to every row.</summary>
    public Node AddRow(Node row) => this + row;

    /// <summary>Adds up the rows: one row of the sums of columns.</summary>
    public Node SumRows() => Of(new ColumnSums(), this);

    /// <summary>Adds up the columns: one column of the sums of rows.</summary>
    public Node SumColumns() => Of(new RowSums(), this);

    /// <summary>The sum of all elements.</summary>
    public Node Sum() => SumTo(Shape.Scalar);

    /// <summary>The mean of all elements.</summary>
    public Node Mean() => Shape.IsBatch ? Sum() * BatchShare() / Shape.Columns : Sum() / ((double)Shape.Rows * Shape.Columns);

    /// <summary>The mean of each column.</summary>
    public Node MeanRows() => Shape.IsBatch ? SumRows() * BatchShare() : SumRows() / Shape.Rows;

    /// <summary>The mean of each row.</summary>
    public Node MeanColumns() => SumColumns() / Shape.Columns;

    /// <summary>Adds up rows, columns or both, as far as the shape has only one.</summary>
    /// <exception cref="ArgumentException">It has neither one nor as many.</exception>
    public Node SumTo(Shape shape)
    {
        if ((shape.Rows != Shape.Rows && shape.Rows != 1) || (shape.Columns != Shape.Columns && shape.Columns != 1))
        {
            throw new ArgumentException($"{this} cannot be added up to {shape}. Give 1 row or column where it is not to have as many.");
        }

        var rows = Shape.Rows == shape.Rows ? this : SumRows();
        return rows.Shape.Columns == shape.Columns ? rows : rows.SumColumns();
    }

    /// <summary>Repeats a row, a column or a number.</summary>
    public Node RepeatTo(Shape shape) => Shape == shape ? this : Op is Constant constant ? Constant(constant.Value, shape) : Of(new Repeat(shape), this);

    /// <summary>Some neighbouring columns.</summary>
    public Node Columns(int first, int count) => first == 0 && count == Shape.Columns ? this : Of(new Columns(first, count), this);

    /// <summary>The rows of a table that this column of category numbers names.</summary>
    public Node Lookup(Node table) => Of(new Lookup(), this, table);

    /// <summary>The squared distances of each row to each column of another matrix.</summary>
    public Node SquaredDistanceTo(Node columns) => Of(new SquaredDistance(), this, columns);

    /// <summary>The softmax of each row.</summary>
    public Node Softmax() => Of(new Softmax(), this);

    /// <summary>The logarithm of the softmax of each row.</summary>
    public Node LogSoftmax() => Of(new LogSoftmax(), this);

    /// <summary>(x − mean) / √(variance + ε), mean and variance over each row.</summary>
    /// <param name="epsilon">ε, above 0.</param>
    /// <exception cref="ArgumentException">It is not.</exception>
    public Node NormaliseRows(double epsilon) => Of(new Normalisation(true, epsilon), this);

    /// <summary>(x − mean) / √(variance + ε), mean and variance over each column.</summary>
    /// <param name="epsilon">ε, above 0.</param>
    /// <exception cref="ArgumentException">It is not.</exception>
    public Node NormaliseColumns(double epsilon) => Of(new Normalisation(false, epsilon), this);

    /// <summary>f of every element.</summary>
    public Node Apply(Activation f) => Of(new Apply(f), this);

    /// <summary>x · x of every element.</summary>
    public Node Square() => this * this;

    /// <summary>The square root of every element.</summary>
    public Node Sqrt() => Map(new Primitives.Sqrt(), this);

    /// <summary>Every element without its sign.</summary>
    public Node Abs() => Map(new Primitives.Abs(), this);

    /// <summary>eˣ of every element.</summary>
    public Node Exp() => Map(new Primitives.Exp(), this);

    /// <summary>eˣ − 1 of every element.</summary>
    public Node Expm1() => Map(new Primitives.Expm1(), this);

    /// <summary>The natural logarithm of every element.</summary>
    public Node Log() => Map(new Primitives.Log(), this);

    /// <summary>log(1 + x) of every element.</summary>
    public Node Log1p() => Map(new Primitives.Log1p(), this);

    /// <summary>1 / (1 + e⁻ˣ) of every element.</summary>
    public Node Sigmoid() => Map(new Primitives.Sigmoid(), this);

    /// <summary>The hyperbolic tangent of every element.</summary>
    public Node Tanh() => Map(new Primitives.Tanh(), this);

    /// <summary>The error function of every element.</summary>
    public Node Erf() => Map(new Primitives.Erf(), this);

    /// <summary>1 − erf x of every element.</summary>
    public Node Erfc() => Map(new Primitives.Erfc(), this);

    /// <summary>The sine of every element.</summary>
    public Node Sin() => Map(new Primitives.Sin(), this);

    /// <summary>The cosine of every element.</summary>
    public Node Cos() => Map(new Primitives.Cos(), this);
}
