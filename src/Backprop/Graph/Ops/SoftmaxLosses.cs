using Backprop.Formulas;
using Backprop.Kernels;

namespace Backprop.Graph.Ops;

/// <summary>Softmax and cross-entropy in one: log Σ exp z − z of the target's class, averaged over rows.</summary>
internal sealed class SoftmaxCrossEntropy(Reduction reduction = Reduction.Mean) : MeanLoss(reduction)
{
    public static Node Of(Node logits, Node target, Node weight) => new SoftmaxCrossEntropy().Apply(logits, target, weight);

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

/// <summary>Softmax and cross-entropy with class weights, label smoothing, an ignored class or probabilities as targets.</summary>
/// <remarks>PyTorch's mean: over class numbers it divides by the sum of the weights of the targets' classes, over probabilities by the rows.</remarks>
/// <param name="mix">How targets count.</param>
/// <param name="classWeights">A weight for each class.</param>
/// <param name="reduction">Mean or sum.</param>
internal sealed class MixedSoftmaxCrossEntropy(TargetMix mix, IReadOnlyList<double> classWeights, Reduction reduction) : MeanLoss(reduction)
{
    public TargetMix Mix => mix;

    public IReadOnlyList<double> ClassWeights => classWeights;

    public override bool CountsTargets => !mix.Probabilities;

    public override int TermsOf(int columns) => 1;

    public override double TermsOf<T>(Panels<T> targets, int row)
        => double.CreateTruncating(targets[row, 0]) is var target && target == mix.Ignored ? 0 : classWeights[(int)target];

    public override RowLoss<T> Rows<T>(Kernels<T> kernels) => kernels.SoftmaxLoss(mix);

    // ∂ℓ/∂z = (Σ q) · softmax(z) − q.
    public override Node? SecondBprop(Node logits, Node targets, int input, Node gradient)
    {
        if (input == 1)
        {
            return mix.Probabilities
                ? throw new NotSupportedException($"{Name} has no second derivative with respect to targets. Leave that target out.") : null;
        }

        var y = logits.Softmax();
        return y.Op.Bprop(y, 0, gradient * Node.Of(new TargetTotals(mix), targets));
    }

    protected override int TargetColumns(int columns) => mix.Probabilities ? columns : 1;
}

/// <summary>Σ q of each row's targets: what the row's probabilities count for.</summary>
internal sealed class TargetTotals(TargetMix mix) : Op
{
    public TargetMix Mix => mix;

    internal override object Identity => (typeof(TargetTotals), mix);

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0] with { Columns = 1 };

    public override Node? Bprop(Node node, int input, Node gradient)
        => mix.Probabilities ? throw new NotSupportedException($"{Name} has no gradient with respect to probabilities. Leave that target out.") : null;

    internal override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => new ByRowStep<T>(
            (row, rows) =>
            {
                for (var r = row; r < row + rows; r++)
                {
                    result[r, 0] = T.CreateTruncating(mix.Total(c => double.CreateTruncating(inputs[0][r, c])));
                }
            },
            result,
            batch);
}
