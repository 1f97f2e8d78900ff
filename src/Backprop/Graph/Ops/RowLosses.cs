using System.Numerics;
using Backprop.Formulas;
using Backprop.Kernels;

namespace Backprop.Graph.Ops;

/// <summary>The mean of a loss over the rows of a batch, each with a weight: of logits, targets and example weights.</summary>
internal abstract class MeanLoss : Op
{
    /// <summary>Terms that the mean divides by, for each row.</summary>
    public abstract int TermsOf(int columns);

    /// <summary>The kernel that does one row.</summary>
    public abstract RowLoss<T> Rows<T>(Kernels<T> kernels) where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>Columns the targets must have for logits with that many.</summary>
    protected abstract int TargetColumns(int columns);

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

    /// <summary>gradient ⊙ ∂(∂ℓ/∂z)/∂input of each row, without weights and mean: input 0 is the logits z, input 1 the targets.</summary>
    public virtual Node? SecondBprop(Node logits, Node targets, int input, Node gradient)
        => throw new NotSupportedException($"The second derivative of {Name} is not part of this graph. Differentiate once.");

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
            return (gradient * Node.Of(new MeanLossGradient(loss), logits, targets, Node.Constant(1, weights.Shape))).SumColumns();
        }

        Node share = logits.Shape.IsBatch ? Node.BatchShare() / loss.TermsOf(logits.Shape.Columns) : 1.0 / (logits.Shape.Rows * (double)loss.TermsOf(logits.Shape.Columns));
        return loss.SecondBprop(logits, targets, input, gradient * (weights * share));
    }

    internal override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => new MeanLossStep<T>(loss, kernels, inputs, null, result, batch);
}

/// <summary>Softmax and cross-entropy in one: log Σ exp z − z of the target's class, averaged over rows.</summary>
internal sealed class SoftmaxCrossEntropy : MeanLoss
{
    public static Node Of(Node logits, Node target, Node weight) => Node.Of(new SoftmaxCrossEntropy(), logits, target, weight);

    public override int TermsOf(int columns) => 1;

    public override RowLoss<T> Rows<T>(Kernels<T> kernels) => kernels.SoftmaxLoss();

    // ∂ℓ/∂z = softmax(z) − 1ₜ.
    public override Node? SecondBprop(Node logits, Node targets, int input, Node gradient)
    {
        var y = logits.Softmax();
        return input == 0 ? y.Op.Bprop(y, 0, gradient) : null;
    }

    protected override int TargetColumns(int columns) => 1;
}

/// <summary>A loss by formula, averaged over rows and outputs.</summary>
internal sealed class ElementwiseLoss(Loss loss) : MeanLoss
{
    public override string Name => loss.Name;

    public static Node Of(Loss loss, Node logits, Node target, Node weight) => Node.Of(new ElementwiseLoss(loss), logits, target, weight);

    public override int TermsOf(int columns) => columns;

    public override RowLoss<T> Rows<T>(Kernels<T> kernels) => kernels.ElementwiseLoss(loss);

    public override Node? SecondBprop(Node logits, Node targets, int input, Node gradient)
    {
        var slope = loss.Derivative<Dual<Symbol>>(new(new(logits), 1 - input), new(new(targets), input)).Derivative;
        return slope.IsZero ? null : (new Symbol(gradient) * slope).Node.RepeatTo(gradient.Shape);
    }

    protected override int TargetColumns(int columns) => columns;
}

/// <summary>Computes a mean loss, its gradient, or both in one pass over the logits.</summary>
/// <param name="loss">The loss.</param>
/// <param name="kernels">The kernels.</param>
/// <param name="inputs">Logits, targets, example weights.</param>
/// <param name="result">1 × 1: the mean, written by <see cref="Finish"/>; or null.</param>
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

    /// <summary>The mean loss of the last batch, in double whatever the precision of the network.</summary>
    public double Mean { get; private set; }

    public override void RunRows(int row, int rows, int batchRows)
        => rowLoss.Run(operands, row, T.CreateTruncating(1.0 / Terms(Rows(batchRows))), losses.AsSpan(row, rows), right.AsSpan(row, rows));

    /// <summary>How many of the last batch's rows are classified right; NaN where the loss is not one of classes.</summary>
    public double Right { get; private set; }

    protected override int Rows(int batchRows) => batch ? batchRows : inputs[0].Rows;

    /// <summary>Adds up the rows' losses in ascending order.</summary>
    public void Finish(int batchRows)
    {
        batchRows = Rows(batchRows);
        var sum = 0.0;
        foreach (var one in losses.AsSpan(0, batchRows))
        {
            sum += one;
        }

        Mean = sum / Terms(batchRows);
        Right = rowLoss.Classifies ? right.AsSpan(0, batchRows).Count(true) : double.NaN;
        if (result is not null)
        {
            result[0, 0] = T.CreateTruncating(Mean);
        }
    }

    private double Terms(int batchRows) => (double)batchRows * loss.TermsOf(inputs[0].Columns);
}
