using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Models;
using Backprop.Planning;
using Backprop.Training;

namespace Backprop.Audit;

/// <summary>One step with a bound for the norm of all gradients, beside PyTorch's formula: g is multiplied by min(1, bound / (‖g‖ + 1e-6)).</summary>
/// <remarks>In double, from the engine's own gradients: whether these are right the other audits tell.</remarks>
internal static class ClippingAudit
{
    private const double Epsilon = 1e-6;

    // The factor rounds some ten times, a norm's sum √N; then comes the product, and the weight's sum.
    private const double Roundings = 64;

    /// <summary>Audits the engine.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="most">The bound.</param>
    public static Finding Run(Weights<float> weights, Examples<float> batch, double most) => Run(weights, batch, most, most, null);

    /// <summary>The same of an engine that is given another bound, or other nodes, such as a broken one to see the audit fail.</summary>
    public static Finding Run(Weights<float> weights, Examples<float> batch, double most, double? given, Rewriting? rewriting)
    {
        var (start, table, rows) = (weights.To<double>(), batch.To<double>(), Enumerable.Range(0, batch.Rows).ToArray());
        var (gradients, after) = (new Weights<double>(weights.Model), start.Clone());
        using (var pass = new GradientPass<double>(weights.Model, batch.Rows, new() { Threads = 1 }))
        {
            pass.Run(start, table, rows, gradients, new double[batch.Rows * weights.Model.Outputs]);
        }

        using (var step = new TrainingStep<double>(
            start, new Sgd { LearningRate = 1 }, batch.Rows, new() { Threads = 1 }, false, SparseUpdate.Dense, new() { ClipNorm = given }, null,
            keepGradients: false, rewriting))
        {
            step.Run(table, rows);
            step.CopyWeightsTo(after);
        }

        var norm = Math.Sqrt(gradients.Values.ToArray().Sum(g => g * g));
        var factor = Math.Min(1, most / (norm + Epsilon));
        var (share, where) = (0.0, $"norm {norm:G5}, bound {most:G5}");
        for (var i = 0; i < after.Values.Length; i++)
        {
            var expected = start.Values[i] - factor * gradients.Values[i];
            var bound = Bounds.Bounded.Double * (Math.Abs(start.Values[i]) + Roundings * Math.Abs(factor * gradients.Values[i]));
            var of = Math.Abs(after.Values[i] - expected) / bound;
            if (of > share)
            {
                (share, where) = (of, FormattableString.Invariant(
                    $"weight {i} of norm {norm:G5} bounded by {most:G5}: ours {after.Values[i]:R}, formula {expected:R}"));
            }
        }

        return new("clipping", "norm", "a step beside PyTorch's formula", share <= 1 ? Verdict.Agrees : Verdict.OursWorse, share, where);
    }
}
