using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Torch;
using TorchSharp;
using TorchSharp.Modules;

namespace Backprop.Audit;

/// <summary>Holds an optimizer of TorchSharp's, or of your own made on it, to the formula of that name, step by step, in double.</summary>
public static class OptimizerAudit
{
    private const int Weights = 16;

    // Theirs may round twice as often as the formula, and functions of the hyper-parameters too.
    private const double Allowance = 4;

    // Of a hyper-parameter: what is computed from it, in a few dozen operations, may be off as if it were.
    private const double ParameterRounding = 32 * Bounded.Double;

    /// <summary>Gives both the same gradients: random ones, always 0, 0 from the fourth step on, large and small ones.</summary>
    /// <param name="theirs">Makes the optimizer of the parameters it is given.</param>
    /// <param name="ours">The formula, with the same hyper-parameters.</param>
    /// <param name="steps">How many steps; from the sixth on RAdam's are rectified.</param>
    /// <param name="maximize">Whether it goes up: the formula is then given the gradients with their signs flipped.</param>
    /// <param name="unusedParameters">Whether to look, too, at a parameter that gets a gradient at the first step only: after zero_grad PyTorch leaves it as it is.</param>
    /// <returns>The worst weight of the first step that is off, or of the last one.</returns>
    public static IReadOnlyList<Finding> Run(
        Func<IEnumerable<Parameter>, torch.optim.Optimizer> theirs, Optimizer ours, int steps = 12, bool maximize = false, bool unusedParameters = false)
    {
        TorchLibrary.EnsureLoaded();
        var random = new TorchRandom(steps);
        var (start, drawn) = (new double[Weights], new double[steps * Weights]);
        random.FillUniform<double>(start, -1, 1);
        random.FillUniform<double>(drawn, -1, 1);
        double[][] gradients = [.. drawn.Chunk(Weights)];
        foreach (var (step, gradient) in gradients.Index())
        {
            (gradient[0], gradient[1], gradient[2], gradient[3]) = (0, step < 3 ? gradient[1] : 0, 1e3 * gradient[2], 1e-6 * gradient[3]);
        }

        double[][] descents = maximize ? [.. gradients.Select(gradient => Array.ConvertAll(gradient, g => -g))] : gradients;
        var path = ours.Accept(new Path(start, descents, ours.LearningRate));
        var sensitivity = Sensitivity(ours, start, descents, path);
        var findings = new List<Finding>();
        using var scope = torch.NewDisposeScope();
        using var weights = new Parameter(torch.tensor(start, torch.float64));
        using var unused = new Parameter(torch.ones(1, torch.float64));
        using var optimizer = theirs(unusedParameters ? [weights, unused] : [weights]);
        var (name, left) = (optimizer.GetType().Name, 1.0);
        for (var step = 0; step < steps && findings.Count == 0; step++)
        {
            optimizer.zero_grad();
            weights.grad = torch.tensor(gradients[step], torch.float64);
            if (step == 0 && unusedParameters)
            {
                unused.grad = torch.ones(1, torch.float64);
            }

            optimizer.step();
            var (reference, off) = (path[step], sensitivity[step]);
            var judged = new Numbered(
                $"weights after step {step + 1}", Weights, Array.ConvertAll(reference, w => w.Value), weights.data<double>().ToArray(),
                Array.ConvertAll(reference, w => w.Value), [.. reference.Select((w, i) => Allowance * (Bounded.Double * w.Error + off[i]))])
            {
                ReferenceName = $"the formula of {ours.Name}",
            }.Judge("optimizer", name, $"{name} of TorchSharp against {ours.Name}");
            if (judged.Verdict != Verdict.Agrees || step == steps - 1)
            {
                findings.Add(judged);
            }

            left = step == 0 ? unused.item<double>() : left;
        }

        if (unusedParameters)
        {
            var now = unused.item<double>();
            findings.Add(new("optimizer", name, $"{name} of TorchSharp on a parameter without a gradient", now == left ? Verdict.Agrees : Verdict.TheirsWorse, now == left ? 0 : double.PositiveInfinity,
                FormattableString.Invariant($"unused [0, 0] after zero_grad and further steps: ours {left:R}, theirs (TorchSharp) {now:R}, reference (PyTorch's None) {left:R}, bound 0: zero_grad leaves zeros, which momentum and weight decay act on. Set its grad to null instead.")));
        }

        return findings;
    }

    /// <summary>How far weights move, step by step, where a hyper-parameter is off by a rounding: what is computed from it cancels, as in 1 − β₂ᵗ.</summary>
    private static double[][] Sensitivity(Optimizer optimizer, double[] start, double[][] gradients, Bounded[][] path)
    {
        double[][] moved = [.. path.Select(weights => new double[weights.Length])];
        foreach (var other in HyperParameters.Moved(optimizer, ParameterRounding))
        {
            foreach (var (step, weights) in other.Accept(new Path(start, gradients, optimizer.LearningRate)).Index())
            {
                for (var i = 0; i < weights.Length; i++)
                {
                    moved[step][i] += Math.Abs(weights[i].Value - path[step][i].Value);
                }
            }
        }

        return moved;
    }

    /// <summary>The weights after each step, by the formula, with how far they may be off.</summary>
    private sealed class Path(double[] start, double[][] gradients, double rate) : IOptimizerVisitor<Bounded[][]>
    {
        public Bounded[][] Visit<TUpdate>(IOptimizer<TUpdate> optimizer) where TUpdate : struct, IUpdate
        {
            var weights = Array.ConvertAll(start, w => new Bounded(w, 0));
            var (first, second, third) = (new Bounded[weights.Length], new Bounded[weights.Length], new Bounded[weights.Length]);
            return [.. gradients.Select((gradient, step) =>
            {
                var update = optimizer.At(step + 1, rate);
                for (var i = 0; i < weights.Length; i++)
                {
                    update.Apply(new Bounded(gradient[i], 0), ref weights[i], ref first[i], ref second[i], ref third[i]);
                }

                return (Bounded[])weights.Clone();
            })];
        }
    }
}
