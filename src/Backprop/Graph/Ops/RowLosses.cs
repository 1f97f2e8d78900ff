using Backprop.Formulas;
using Backprop.Kernels;

namespace Backprop.Graph.Ops;

/// <summary>A loss by formula, averaged over rows and outputs.</summary>
internal sealed class ElementwiseLoss(Loss loss, Reduction reduction = Reduction.Mean) : MeanLoss(reduction)
{
    public Loss Formula => loss;

    public override string Name => loss.Name;

    public static Node Of(Loss loss, Node logits, Node target, Node weight) => new ElementwiseLoss(loss).Apply(logits, target, weight);

    public override int TermsOf(int columns) => columns;

    public override RowLoss<T> Rows<T>(Kernels<T> kernels) => kernels.ElementwiseLoss(loss);

    public override Node? SecondBprop(Node logits, Node targets, int input, Node gradient)
    {
        var slope = loss.Derivative<Dual<Symbol>>(new(new(logits), 1 - input), new(new(targets), input)).Derivative;
        return slope.IsZero ? null : (new Symbol(gradient) * slope).Node.RepeatTo(gradient.Shape);
    }

    protected override int TargetColumns(int columns) => columns;
}

/// <summary>Pinball losses of outputs that each have a level, all with the one target of the row, averaged over rows and outputs.</summary>
internal sealed class QuantileLoss(IReadOnlyList<double> levels, Reduction reduction) : MeanLoss(reduction)
{
    public IReadOnlyList<double> Levels => levels;

    public override int TermsOf(int columns) => columns;

    public override RowLoss<T> Rows<T>(Kernels<T> kernels) => kernels.QuantileLoss(levels);

    public override Node? SecondBprop(Node logits, Node targets, int input, Node gradient) => null;

    protected override int TargetColumns(int columns) => columns == levels.Count ? 1 : 0;
}

/// <summary>Gaussian negative log-likelihoods of a mean and a log-variance for each target, averaged over rows and targets.</summary>
internal sealed class GaussianLoss(Reduction reduction) : MeanLoss(reduction)
{
    public override int TermsOf(int columns) => columns / 2;

    public override RowLoss<T> Rows<T>(Kernels<T> kernels) => kernels.GaussianLoss();

    public override Node? SecondBprop(Node logits, Node targets, int input, Node gradient)
    {
        var count = targets.Shape.Columns;
        Dual<Symbol> Part(Node of, int first, bool varies) => new(new(of.Columns(first, count)), varies ? 1 : 0);
        Node Along(int which)
        {
            var (m, s, t) = (Part(logits, 0, which == 0), Part(logits, count, which == 1), Part(targets, 0, which == 2));
            var byMean = new Symbol(gradient.Columns(0, count)) * GaussianLikelihood.MeanSlope(m, s, t).Derivative;
            var byLogVariance = new Symbol(gradient.Columns(count, count)) * GaussianLikelihood.LogVarianceSlope(m, s, t).Derivative;
            return (byMean + byLogVariance).Node.RepeatTo(targets.Shape);
        }

        return input == 0 ? Node.Concatenate(Along(0), Along(1)) : Along(2);
    }

    protected override int TargetColumns(int columns) => columns % 2 == 0 ? columns / 2 : 0;
}
