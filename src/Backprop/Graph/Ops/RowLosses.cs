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

    /// <summary>Terms that the mean divides by, for each row.</summary>
    public abstract int TermsOf(int columns);

    /// <summary>The same of one row, where targets count; 0 for a row that counts for nothing.</summary>
    public virtual double TermsOf<T>(Panels<T> targets, int row) where T : unmanaged, IFloatingPointIeee754<T>
        => throw new NotSupportedException($"{Name} counts all rows alike.");

    /// <summary>Of the weighted sum of a batch's losses, the mean or the sum; the mean of no term is NaN.</summary>
    public double Reduce(double sum, double terms) => reduction == Reduction.Sum ? sum : terms > 0 ? sum / terms : double.NaN;

    /// <summary>What a row's loss counts for in the gradient; 0 where there is no term.</summary>
    public double Share(double terms) => reduction == Reduction.Sum ? 1 : terms > 0 ? 1 / terms : 0;

    /// <summary>The kernel that does one row.</summary>
    public abstract RowLoss<T> Rows<T>(Kernels<T> kernels) where T : unmanaged, IFloatingPointIeee754<T>;

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

        return gradient.Op is Constant { Value: 1 }
            ? Node.Of(new MeanLossGradient(this), node.Inputs)
            : throw new NotSupportedException($"{Name} must be the result that is differentiated, or a term of it.");
    }

    public override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => new MeanLossStep<T>(this, kernels, inputs, result, null);
}

/// <summary>∂ mean loss / ∂ logits, of the same inputs.</summary>
internal sealed class MeanLossGradient(MeanLoss loss) : Op
{
    public MeanLoss Loss => loss;

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0];

    public override Node Bprop(Node node, int input, Node gradient)
        => throw new NotSupportedException($"The second derivative of {loss.Name} is not part of this graph. Differentiate once.");

    public override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => new MeanLossStep<T>(loss, kernels, inputs, null, result);
}

/// <summary>What each row counts for in a mean whose denominator depends on the targets: known before the first row's gradient is.</summary>
internal sealed class RowShare(MeanLoss loss) : Op
{
    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => Shape.Scalar;

    public override Node Bprop(Node node, int input, Node gradient)
        => throw new NotSupportedException($"{loss.Name} has no gradient with respect to targets. Ask for that of the logits or of parameters.");

    public override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => new RowShareStep<T>(loss, inputs[0], result);
}

/// <summary>Computes a <see cref="RowShare"/>, row after row.</summary>
internal sealed class RowShareStep<T>(MeanLoss loss, Panels<T> targets, Panels<T> result) : Step<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public override int Tasks(int batchRows) => 1;

    public override void Run(int task, int batchRows, Scratch<T> scratch)
    {
        var terms = 0.0;
        for (var row = 0; row < batchRows; row++)
        {
            terms += loss.TermsOf(targets, row);
        }

        result[0, 0] = T.CreateTruncating(loss.Share(terms));
    }
}

/// <summary>Softmax and cross-entropy in one: log Σ exp z − z of the target's class, averaged over rows.</summary>
internal sealed class SoftmaxCrossEntropy(Reduction reduction = Reduction.Mean) : MeanLoss(reduction)
{
    public static Node Of(Node logits, Node target, Node weight) => new SoftmaxCrossEntropy().Apply(logits, target, weight);

    public override RowLoss<T> Rows<T>(Kernels<T> kernels) => kernels.SoftmaxLoss();

    public override int TermsOf(int columns) => 1;

    protected override int TargetColumns(int columns) => 1;
}

/// <summary>Softmax and cross-entropy with class weights, label smoothing, an ignored class or probabilities as targets.</summary>
/// <remarks>PyTorch's mean: over class numbers it divides by the sum of the weights of the targets' classes, over probabilities by the rows.</remarks>
/// <param name="mix">How targets count.</param>
/// <param name="classWeights">A weight for each class.</param>
/// <param name="reduction">Mean or sum.</param>
internal sealed class MixedSoftmaxCrossEntropy(TargetMix mix, IReadOnlyList<double> classWeights, Reduction reduction) : MeanLoss(reduction)
{
    public override bool CountsTargets => !mix.Probabilities;

    public override int TermsOf(int columns) => 1;

    public override double TermsOf<T>(Panels<T> targets, int row)
        => double.CreateTruncating(targets[row, 0]) is var target && target == mix.Ignored ? 0 : classWeights[(int)target];

    public override RowLoss<T> Rows<T>(Kernels<T> kernels) => kernels.SoftmaxLoss(mix);

    protected override int TargetColumns(int columns) => mix.Probabilities ? columns : 1;
}

/// <summary>A loss by formula, averaged over rows and outputs.</summary>
internal sealed class ElementwiseLoss(Loss loss, Reduction reduction = Reduction.Mean) : MeanLoss(reduction)
{
    public override string Name => loss.Name;

    public static Node Of(Loss loss, Node logits, Node target, Node weight) => new ElementwiseLoss(loss).Apply(logits, target, weight);

    public override RowLoss<T> Rows<T>(Kernels<T> kernels) => kernels.ElementwiseLoss(loss);

    public override int TermsOf(int columns) => columns;

    protected override int TargetColumns(int columns) => columns;
}

/// <summary>Pinball losses of outputs that each have a level, all with the one target of the row, averaged over rows and outputs.</summary>
internal sealed class QuantileLoss(IReadOnlyList<double> levels, Reduction reduction) : MeanLoss(reduction)
{
    public override RowLoss<T> Rows<T>(Kernels<T> kernels) => kernels.QuantileLoss(levels);

    public override int TermsOf(int columns) => columns;

    protected override int TargetColumns(int columns) => columns == levels.Count ? 1 : 0;
}

/// <summary>Gaussian negative log-likelihoods of a mean and a log-variance for each target, averaged over rows and targets.</summary>
internal sealed class GaussianLoss(Reduction reduction) : MeanLoss(reduction)
{
    public override RowLoss<T> Rows<T>(Kernels<T> kernels) => kernels.GaussianLoss();

    public override int TermsOf(int columns) => columns / 2;

    protected override int TargetColumns(int columns) => columns % 2 == 0 ? columns / 2 : 0;
}

/// <summary>Computes a mean loss, its gradient, or both in one pass over the logits.</summary>
/// <param name="loss">The loss.</param>
/// <param name="kernels">The kernels.</param>
/// <param name="inputs">Logits, targets, example weights.</param>
/// <param name="result">1 × 1: the mean, written by <see cref="Finish"/>; or null.</param>
/// <param name="gradient">As the logits, or null.</param>
internal sealed class MeanLossStep<T>(MeanLoss loss, Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T>? result, Panels<T>? gradient)
    : RowStep<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly RowLoss<T> rowLoss = loss.Rows(kernels);
    private readonly LossOperands<T> operands = new(inputs[0], inputs[1], inputs[2], gradient);
    private readonly double[] losses = new double[inputs[0].Rows];
    private readonly bool[] right = new bool[inputs[0].Rows];
    private readonly double[] terms = new double[loss.CountsTargets ? inputs[0].Rows : 0];
    private readonly Panels<T>? rowShare = inputs.Count > 3 ? inputs[3] : null;

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
        var share = rowShare is null ? T.CreateTruncating(loss.Share(AllTerms(batchRows))) : rowShare[0, 0];
        rowLoss.Run(operands, row, share, losses.AsSpan(row, rows), right.AsSpan(row, rows));
        for (var r = row; loss.CountsTargets && r < row + rows; r++)
        {
            terms[r] = loss.TermsOf(operands.Targets, r);
        }
    }

    /// <summary>Adds up the rows' losses in ascending order.</summary>
    public void Finish(int batchRows)
    {
        Sum = Total(losses, batchRows);
        (Terms, Judged) = loss.CountsTargets ? (Total(terms, batchRows), batchRows - terms.AsSpan(0, batchRows).Count(0.0)) : (AllTerms(batchRows), batchRows);
        Value = loss.Reduce(Sum, Terms);
        Right = rowLoss.Classifies ? right.AsSpan(0, batchRows).Count(true) : double.NaN;
        if (result is not null)
        {
            result[0, 0] = T.CreateTruncating(Value);
        }
    }

    private double AllTerms(int batchRows) => (double)batchRows * loss.TermsOf(operands.Logits.Columns);

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
