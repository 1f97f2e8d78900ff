using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Kernels;
using Backprop.Models;
using static Backprop.Audit.Mutations.BrokenLosses;

namespace Backprop.Audit.Mutations;

/// <summary>Losses that are wrong, or whose mean is.</summary>
internal static class LossMutants
{
    private const string Sizes = "6-10-3", Logits = "6-10-1";
    private const double Delta = 0.5, Positive = 3, Smoothing = 0.1;

    public static IReadOnlyList<Mutant> All { get; } =
    [
        Of("missing 1/n", "gradients are the batch's sum, the loss its mean", Gradient("multiclass", (node, _) => node / Node.BatchShare())),
        Of("1/n of rows without columns", "of a mean over rows and outputs", Gradient("regression", (node, _) => node * node.Shape.Columns)),
        Of("the mean over one row less", "1/(n − 1) for 1/n", Gradient("binary", (node, _) => node / (1 - Node.BatchShare()), Logits)),
        Of("half the squared error's slope", "the 2 is missing", RuleTrial.Loss(new SquaredError(), new SquaredErrorOfHalfSlope())),
        Of("huber without δ", "its lines have slope 1, in value and derivative", Formula("regression(huber(0.5))", new HuberWithoutDelta(Delta))),
        Of("huber's kink at 1 whatever δ", "δ is not handed on", Formula("regression(huber(0.5))", new Huber(1))),
        Of("smooth L1 without 1/β", "the parabola's slope is that of β = 1", Formula("regression(smoothl1(0.5))", new SmoothL1WithoutBeta(Delta))),
        Of("the positive class's weight on both classes", "as a weight of the whole loss", Formula("binary(positive=3)", new BothWeighted(Positive), Logits)),
        Of("cross-entropy of probabilities", "log 0 and 0/0 where σ saturates", Formula("binary", new CrossEntropyOfProbabilities(), Logits, features: 1e3)),
        Of("poisson's slope without exp", "z − t for e^z − t", RuleTrial.Loss(new Poisson(), new PoissonOfRate())),
        Of("pinball with τ and 1 − τ exchanged", "learns the other quantile", Quantiles()),
        Of("the log-variance's slope without ½", "of the Gaussian's likelihood", Gradient(
            "gaussian", (node, _) => Node.Concatenate(node.Columns(0, 2), 2 * node.Columns(2, 2)), "6-10-4")),
        Of("softmax's gradient without −1 at the target", "p for p − 1ₜ", Gradient("multiclass", (node, logits) => logits.Softmax() * Node.BatchShare())),
        Of("softmax without the shift by its maximum", "e^z overflows", Gradient(
            "multiclass", (node, logits) => node + (Unshifted(logits) - logits.Softmax()) * Node.BatchShare(), weights: 200)),
        Of("label smoothing by ε/(k − 1)", "the classes but the target share ε", Smoothed()),
        Of("class weights in a mean over rows", "their sum is what it divides by", Share("multiclass(weights=1 2 0.5)")),
        Of("ignored rows counted in the mean", "they have no loss, but make it smaller", Share("multiclass(ignore=1)")),
        Of("example weights left out of the gradient", "each row counts 1", Unweighted()),
        Of("a head's weight left out of its gradient", "the loss has it", OneOfTwoHeads()),
    ];

    private static Mutant Of(string name, string breaks, Trial trial) => new(name, "loss", breaks, trial);

    /// <summary>The loss's gradient with respect to the logits is another.</summary>
    private static Trial Gradient(string head, Func<Node, Node, Node> replace, string sizes = Sizes, double weights = 1) => GradientTrial.Backward(
        Specimen.Of(sizes, "tanh", head, weights: weights),
        node => node.Op is MeanLossGradient ? replace(node, node.Inputs[0]) : node);

    /// <summary>The formula of one output's loss is another.</summary>
    private static Trial Formula<TBroken>(string head, TBroken broken, string sizes = Sizes, double features = 1) where TBroken : struct, ILoss
        => Loss(Specimen.Of(sizes, "relu", head, features: features, weights: 2), new ElementwiseLoss(Formulas.Loss.Of(broken)));

    private static Trial Quantiles()
        => Loss(Specimen.Of(Sizes, "tanh", "quantile(0.1,0.5,0.8)"), new QuantileLoss([0.9, 0.5, 0.2], Reduction.Mean));

    private static Trial Smoothed()
    {
        var (others, target) = (Smoothing / 2, 1 - Smoothing);
        var mix = new TargetMix([others, others, others], [target - others, target - others, target - others], false, null);
        return Loss(Specimen.Of(Sizes, "tanh", "multiclass(smoothing=0.1)"), new MixedSoftmaxCrossEntropy(mix, [1, 1, 1], Reduction.Mean));
    }

    private static Trial Loss(Specimen specimen, MeanLoss broken)
        => GradientTrial.Forward(specimen, node => node.Op is MeanLoss ? Node.Of(broken, node.Inputs) : node);

    /// <summary>What a row counts for does not depend on its target.</summary>
    private static Trial Share(string head)
        => GradientTrial.Forward(Specimen.Of(Sizes, "tanh", head), node => node.Op is RowShare ? Node.BatchShare() : node);

    private static Trial Unweighted() => GradientTrial.Backward(
        Specimen.Of(Sizes, "tanh", "multiclass").Weighted(),
        node => node.Op is MeanLossGradient ? node.WithInputs([node.Inputs[0], node.Inputs[1], Node.Constant(1, node.Inputs[2].Shape)]) : node);

    private static Trial OneOfTwoHeads()
    {
        var hidden = Signal.Features(6).Linear(10).Apply(new Tanh());
        var model = Model.Of(new Output(hidden.Linear(3), Head.Multiclass), new Output(hidden.Linear(2), Head.Regression, 0.25));
        return GradientTrial.Backward(Specimen.Of(model), node => node is { Op: Map { Name: nameof(Primitives.Multiplication) }, Shape.IsBatch: true }
            && node.Inputs.FirstOrDefault(input => input.Op is MeanLossGradient) is { } alone ? alone : node);
    }

    private static Node Unshifted(Node logits)
    {
        var powers = logits.Exp();
        return powers / powers.SumColumns();
    }
}
