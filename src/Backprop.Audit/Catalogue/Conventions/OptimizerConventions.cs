using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Torch;
using Backprop.Training;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Backprop.Audit;

/// <summary>Where ε, weight decay and dampening stand, and what gradients of 0, ∞ and NaN do.</summary>
internal static class OptimizerConventions
{
    // A norm of two numbers, its factor, and the product, of both sides.
    private const double ClippingRoundings = 16;
    private const double Inf = double.PositiveInfinity, NaN = double.NaN;

    private static readonly (Optimizer Optimizer, string At, double Start, double[] Gradients)[] Cases =
    [
        (new Sgd { Momentum = 0.9, Dampening = 0.5 }, "the first gradient is not dampened", 1, [1]),
        (new Sgd { Momentum = 0.9, Dampening = 0.5 }, "the second is", 1, [1, 1]),
        (new Sgd { Momentum = 0.9, Nesterov = true }, "two steps", 1, [1, 2]),
        (new Sgd { Momentum = 0.9, WeightDecay = 0.1 }, "weight decay joins the gradient before momentum", 1, [1, 0]),
        (new Adam(), "ε outside the root, after the bias correction", 1, [1e-8]),
        (new Adam { WeightDecay = 0.1 }, "weight decay joins the gradient", 1, [0]),
        (new AdamW { WeightDecay = 0.1 }, "weight decay shrinks the weight, before the step", 1, [1]),
        (new Adam { AmsGrad = true }, "the largest uncorrected second moment", 1, [1, 0, 0]),
        (new NAdam(), "two steps", 1, [1, -2]),
        (new RAdam { LearningRate = 1 }, "not rectified up to step 5", 1, [1, 1, 1, 1, 1]),
        (new RAdam { LearningRate = 1 }, "rectified from step 6", 1, [1, 1, 1, 1, 1, 1]),
        (new RmsProp(), "ε outside the root", 1, [1e-8]),
        (new RmsProp { Centered = true }, "ε outside the root of the variance", 1, [1e-8]),
        (new RmsProp { Momentum = 0.9 }, "momentum of steps, not of gradients", 1, [1, 0]),
        (new Adagrad(), "ε outside the root", 1, [1e-10]),
        (new Adagrad { RateDecay = 0.5 }, "the rate decays from the second step", 1, [1, 1]),
        (new Adagrad { InitialAccumulator = 0.25 }, "the sum of squares begins above 0", 1, [1]),
        (new Adadelta(), "ε inside both roots", 1, [1e-3]),
        (new Adamax(), "ε inside the maximum", 1, [1e-8]),
        (new Rprop(), "no step where the sign changes", 1, [1, -1]),
        (new Rprop(), "and the next starts anew", 1, [1, -1, -1]),
        .. Optimizer.All.DistinctBy(o => o.Name).SelectMany(o => new (Optimizer, string, double, double[])[]
        {
            (OptimizerAudit.Comparable(o), "a gradient of 0 at the first step", 1, [0]),
            (OptimizerAudit.Comparable(o), "a gradient of NaN", 1, [NaN]),
            (OptimizerAudit.Comparable(o), "a gradient of ∞", 1, [Inf]),
        }),
        (new Sgd { Momentum = 0.9 }, "gradients below 1e-30", 0, [1e-31, 0]),
    ];

    /// <summary>Every case, in double; and the bounds of gradients.</summary>
    public static IEnumerable<Convention> All =>
    [
        .. Cases.Select(Of),
        .. new (string, double[], double)[]
        {
            ("a norm below the bound", [3, 4], 10),
            ("a norm equal to the bound", [3, 4], 5),
            ("a norm above the bound", [3, 4], 1),
            ("a norm of 0", [0, 0], 1),
            ("a NaN", [NaN, 1], 1),
            ("an ∞", [Inf, 1], 1),
        }.Select(c => Clipped<double>("clip_grad_norm", c.Item1, c.Item2, c.Item3, null)),
        Clipped<float>("clip_grad_norm", "squares above the largest float, in float", [3e38, 1], 1, null),
        Clipped<double>("clip_grad_value", "beyond the bound and NaN", [3, -4, NaN, 0.5, Inf], null, 1),
        Biases(false),
        Biases(true),
    ];

    private static Convention Of((Optimizer Optimizer, string At, double Start, double[] Gradients) c)
    {
        double[][] gradients = [.. c.Gradients.Select(g => new[] { g })];
        var ours = OptimizerPath.Engine<double>(c.Optimizer, [c.Start], gradients)[^1];
        var theirs = OptimizerPath.Torch<double>(p => Twins.Of(c.Optimizer, p), [c.Start], gradients).Weights[^1];
        var bound = new OptimizerPath(c.Optimizer, [c.Start], gradients).BoundsAfter(gradients.Length - 1, Bounded.Double)[0];
        // The step is shown beside the weight: where that is 1, a small step is lost in its digits.
        return Convention.Of(
            OptimizerAudit.NameOf(c.Optimizer), c.At, ["weight", "step"], [theirs[0], theirs[0] - c.Start], [ours[0], ours[0] - c.Start], [bound, bound]);
    }

    private static Convention Clipped<T>(string subject, string at, double[] gradients, double? norm, double? value)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        var zeros = new double[gradients.Length];
        var ours = OptimizerPath.Engine<T>(new Sgd { LearningRate = 1 }, zeros, [gradients], new() { ClipNorm = norm, ClipValue = value })[0];
        using var scope = NewDisposeScope();
        using var weights = new Parameter(tensor(zeros).to(Doubles.TypeOf<T>()));
        weights.grad = tensor(gradients).to(weights.dtype);
        if (norm is { } bound)
        {
            nn.utils.clip_grad_norm_([weights], bound);
        }
        else
        {
            nn.utils.clip_grad_value_([weights], value!.Value);
        }

        var theirs = Doubles.Of(weights.grad!);
        double[] bounds = [.. theirs.Select(g => ClippingRoundings * Bounded.Unit<T>() * Math.Abs(g))];
        return Convention.Of(subject, at, [.. zeros.Select((_, i) => $"g{i}")], theirs, [.. ours.Select(x => 0 - x)], bounds);
    }

    /// <summary>Whether weight decay shrinks biases: PyTorch's shrinks every parameter it is given.</summary>
    private static Convention Biases(bool asked)
    {
        var optimizer = new AdamW { LearningRate = 0.1, WeightDecay = 0.5, DecayBiases = asked };
        var model = Model.Of(Signal.Features(1).Linear(1), Head.Regression);
        var weights = new Weights<double>(model);
        weights.Values.Fill(1);
        var table = new Examples<double>(1, [0], [1]);
        using var step = new TrainingStep<double>(weights, optimizer, 1, new() { Threads = 1 });
        // PyTorch's users' one group of all parameters.
        using var twin = new TorchModel<double>(weights, optimizer with { DecayBiases = true });
        step.Run(table, [0]);
        twin.Step(table, [0]);
        var (ours, theirs) = (new Weights<double>(model), new Weights<double>(model));
        step.CopyWeightsTo(ours);
        twin.CopyTo(theirs);
        // The output is the target: there is no gradient.
        var bounds = new OptimizerPath(optimizer, [1, 1], [[0, 0]]).BoundsAfter(0, Bounded.Double);
        return Convention.Of(
            "adamw", $"weight decay of biases{(asked ? ", asked for" : "")}", ["weight", "bias"], theirs.Values.ToArray(), ours.Values.ToArray(), bounds);
    }
}
