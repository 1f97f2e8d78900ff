using System.Numerics;
using Backprop.Formulas;
using Backprop.Kernels;

namespace Backprop.Graph.Ops;

/// <summary>A loss over the rows of a batch, each with a weight, averaged or added up: of logits, targets and example weights.</summary>
/// <remarks>Where what the mean divides by depends on the targets, a fourth input is the share that each row counts for.</remarks>
internal abstract class MeanLoss(Reduction reduction) : Op
{
    /// <summary>Whether what the mean divides by depends on the targets' numbers.</summary>
    public virtual bool CountsTargets => false;

    /// <summary>Whether losses are added up instead of averaged.</summary>
    public bool Adds => reduction == Reduction.Sum;

    /// <summary>Terms that the mean divides by, for each row.</summary>
    public abstract int TermsOf(int columns);

    /// <summary>The same of one row, where targets count; 0 for a row that counts for nothing.</summary>
    public virtual double TermsOf<T>(Panels<T> targets, int row) where T : unmanaged, IFloatingPointIeee754<T>
        => throw new NotSupportedException($"{Name} counts all rows alike.");

    /// <summary>Of the weighted sum of a batch's losses, the mean or the sum; the mean of no term is NaN.</summary>
    public double Reduce(double sum, double terms) => Adds ? sum : terms > 0 ? sum / terms : double.NaN;

    /// <summary>What a row's loss counts for in the gradient; 0 where there is no term.</summary>
    public double Share(double terms) => Adds ? 1 : terms > 0 ? 1 / terms : 0;

    /// <summary>The same as a node, for inputs of this loss.</summary>
    public Node ShareOf(IReadOnlyList<Node> inputs) => inputs switch
    {
        [_, _, _, var share] => share,
        [var logits, ..] when reduction == Reduction.Mean && logits.Shape.IsBatch => Node.BatchShare() / TermsOf(logits.Shape.Columns),
        _ => Share((double)inputs[0].Shape.Rows * TermsOf(inputs[0].Shape.Columns)),
    };

    /// <summary>The kernel that does one row.</summary>
    public abstract RowLoss<T> Rows<T>(Kernels<T> kernels) where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>gradient ⊙ ∂(∂ℓ/∂z)/∂input of each row, without weights and mean: input 0 is the logits z, input 1 the targets.</summary>
    public abstract Node? SecondBprop(Node logits, Node targets, int input, Node gradient);

    /// <summary>Columns the targets must have for logits with that many.</summary>
    protected abstract int TargetColumns(int columns);

    /// <summary>The loss as a node.</summary>
    public Node Apply(Node logits, Node target, Node weight) => CountsTargets && reduction == Reduction.Mean
        ? Node.Of(this, logits, target, weight, Node.Of(new RowShare(this), target))
        : Node.Of(this, logits, target, weight);

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs)
        => inputs[1].Columns == TargetColumns(inputs[0].Columns) && inputs[2].Columns == 1
            && inputs[0].Rows == inputs[1].Rows && inputs[0].Rows == inputs[2].Rows
            ? Shape.Scalar
            : throw Mismatch("logits, targets and one weight for each row", inputs);

    public override Node Bprop(Node node, int input, Node gradient)
    {
        if (input != 0)
        {
            throw new NotSupportedException($"{Name} has no gradient with respect to targets or weights. Ask for that of the logits or of parameters.");
        }

        return (new Symbol(gradient) * new Symbol(Node.Of(new MeanLossGradient(this), node.Inputs))).Node;
    }

    internal override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => new MeanLossStep<T>(this, kernels, inputs, result, null, batch);
}

/// <summary>∂ mean loss / ∂ logits, of the same inputs.</summary>
internal sealed class MeanLossGradient(MeanLoss loss) : Op
{
    public MeanLoss Loss => loss;

    internal override object Identity => (typeof(MeanLossGradient), loss);

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0];

    public override Node? Bprop(Node node, int input, Node gradient)
    {
        var (logits, targets, weights) = (node.Inputs[0], node.Inputs[1], node.Inputs[2]);
        if (input == 2)
        {
            return (gradient * Node.Of(new MeanLossGradient(loss), [logits, targets, Node.Constant(1, weights.Shape), .. node.Inputs.Skip(3)])).SumColumns();
        }

        // The share changes with targets by steps only.
        return input == 3 ? null : loss.SecondBprop(logits, targets, input, gradient * (weights * loss.ShareOf(node.Inputs)));
    }

    internal override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => new MeanLossStep<T>(loss, kernels, inputs, null, result, batch);
}

/// <summary>What each row counts for in a mean whose denominator depends on the targets: known before the first row's gradient is.</summary>
internal sealed class RowShare(MeanLoss loss) : Op
{
    public MeanLoss Loss => loss;

    internal override object Identity => (typeof(RowShare), loss);

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => Shape.Scalar;

    public override Node? Bprop(Node node, int input, Node gradient) => null;

    internal override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => new RowShareStep<T>(loss, inputs[0], result, batch);
}

/// <summary>Computes a <see cref="RowShare"/>, row after row.</summary>
internal sealed class RowShareStep<T>(MeanLoss loss, Panels<T> targets, Panels<T> result, bool batch) : Step<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public override int Tasks(int batchRows) => 1;

    public override void Run(int task, int batchRows, Scratch<T> scratch)
    {
        var terms = 0.0;
        for (var row = 0; row < (batch ? batchRows : targets.Rows); row++)
        {
            terms += loss.TermsOf(targets, row);
        }

        result[0, 0] = T.CreateTruncating(loss.Share(terms));
    }
}

/// <summary>Computes a mean loss, its gradient, or both in one pass over the logits.</summary>
/// <param name="loss">The loss.</param>
/// <param name="kernels">The kernels.</param>
/// <param name="inputs">Logits, targets, example weights, and where targets decide it the share of a row.</param>
/// <param name="result">1 × 1: the mean or sum, written by <see cref="Finish"/>; or null.</param>
/// <param name="gradient">As the logits, or null.</param>
/// <param name="batch">Whether the logits have as many rows as the batch.</param>
internal sealed class MeanLossStep<T>(
    MeanLoss loss, Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T>? result, Panels<T>? gradient, bool batch)
    : RowStep<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly RowLoss<T> rowLoss = loss.Rows(kernels);
    private readonly LossOperands<T> operands = new(inputs[0], inputs[1], inputs[2], gradient);
    private readonly double[] losses = new double[inputs[0].Rows];
    private readonly bool[] right = new bool[inputs[0].Rows];
    private readonly double[] terms = new double[loss.CountsTargets ? inputs[0].Rows : 0];
    private readonly Panels<T>? rowShare = inputs.Count > 3 ? inputs[3] : null;

    /// <summary>Whether losses are added up instead of averaged.</summary>
    public bool Adds => loss.Adds;

    /// <summary>The loss of the last batch, in double whatever the precision of the network.</summary>
    public double Value { get; private set; }

    /// <summary>The weighted losses of the last batch's rows added up.</summary>
    public double Sum { get; private set; }

    /// <summary>What their mean divides by.</summary>
    public double Terms { get; private set; }

    /// <summary>How many of the last batch's rows are classified right; NaN where the loss is not one of classes.</summary>
    public double Right { get; private set; }

    /// <summary>How many are classified at all: those that count.</summary>
    public int Judged { get; private set; }

    public override void RunRows(int row, int rows, int batchRows)
    {
        var share = rowShare is null ? T.CreateTruncating(loss.Share(AllTerms(Rows(batchRows)))) : rowShare[0, 0];
        rowLoss.Run(operands, row, share, losses.AsSpan(row, rows), right.AsSpan(row, rows));
        for (var r = row; loss.CountsTargets && r < row + rows; r++)
        {
            terms[r] = loss.TermsOf(operands.Targets, r);
        }
    }

    protected override int Rows(int batchRows) => batch ? batchRows : inputs[0].Rows;

    /// <summary>Adds up the rows' losses in ascending order.</summary>
    public void Finish(int batchRows)
    {
        var rows = Rows(batchRows);
        Sum = Total(losses, rows);
        (Terms, Judged) = loss.CountsTargets ? (Total(terms, rows), rows - terms.AsSpan(0, rows).Count(0.0)) : (AllTerms(rows), rows);
        Value = loss.Reduce(Sum, Terms);
        Right = rowLoss.Classifies ? right.AsSpan(0, rows).Count(true) : double.NaN;
        if (result is not null)
        {
            result[0, 0] = T.CreateTruncating(Value);
        }
    }

    private double AllTerms(int rows) => (double)rows * loss.TermsOf(operands.Logits.Columns);

    private static double Total(double[] of, int rows)
    {
        var sum = 0.0;
        foreach (var one in of.AsSpan(0, rows))
        {
            sum += one;
        }

        return sum;
    }
}
