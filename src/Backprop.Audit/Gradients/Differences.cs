using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Audit;

/// <summary>Central differences of a loss along random directions, one tensor at a time: they need no rule of differentiation.</summary>
/// <remarks>
/// By two steps (<see cref="Slope.OfTwo"/>), as a value is a pass over the batch. Where a branch turns between the points, or their differences
/// are far apart, no difference tells a derivative: then the step is made smaller, or another direction taken.
/// </remarks>
/// <param name="bounds">The network; its plain loops give the loss of other weights in double, and tell which branches are taken.</param>
/// <param name="weights">The weights.</param>
internal sealed class Differences(NetworkBounds bounds, Weights<double> weights)
{
    private const int MostDirections = 3, MostSteps = 5;
    private const double LongestStep = 1.0 / (1 << 12), Shorter = 1.0 / 8;

    // Of the slope: how far its differences at both steps may be apart.
    private const double MostCurved = 0.01;

    // Standard deviations of the loss's own rounding.
    private const double Noise = 6;

    private readonly ulong path = bounds.Forward.Path;

    // The more numbers there are, the nearer to 0 is the one that turns first.
    private readonly double firstStep = Math.Min(LongestStep, 0.125 / bounds.Forward.Topology.Order
        .Where(node => node.Shape.IsBatch && !node.IsLeaf).Sum(node => (double)bounds.Forward[node].Length));

    private readonly TorchRandom random = new(1);
    private readonly bool isFloored = HasFlooredVariance(bounds);

    /// <summary>Takes differences along a new direction of a tensor.</summary>
    /// <param name="tensor">One that is learned.</param>
    public Difference Along(WeightTensor tensor)
    {
        if (isFloored)
        {
            return Difference.None("A Gaussian's variance is below its floor, where its gradient is by convention not the loss's derivative.");
        }

        var (kinks, curved) = (0, 0);
        for (var direction = 0; direction < MostDirections; direction++)
        {
            var v = random.NextDirection(weights[tensor].ToArray());
            var step = firstStep;
            for (var attempt = 0; attempt < MostSteps; attempt++, step *= Shorter)
            {
                if (Quotient(tensor, v, step) is { } whole && Quotient(tensor, v, step / 2) is { } half)
                {
                    var noise = Noise * Bounded.Double * Math.Sqrt(bounds.Tensors[0].Variances[0]) / step;
                    var slope = Slope.OfTwo(whole, half, noise);
                    curved++;
                    // Far from its limit, as where the loss has waves shorter than the step, two differences say nothing of the third.
                    if (slope.Bound <= MostCurved * Math.Abs(slope.Value) + 6 * noise)
                    {
                        return new(v, slope.Value, slope.Bound);
                    }
                }
                else
                {
                    kinks++;
                }
            }
        }

        return Difference.None(curved == 0 ? "They met a kink at every step." : kinks == 0 ? "The loss is too much curved at every step."
            : "They met a kink, or the loss is too much curved, at every step.");
    }

    /// <summary>
    /// Whether a Gaussian's variance is below its floor, where its gradient is by convention not the loss's derivative: PyTorch sets the floor
    /// unseen by autograd.
    /// </summary>
    private static bool HasFlooredVariance(NetworkBounds bounds) => bounds.Model.HeadOutputs.Zip(bounds.Logits).Any(pair
        => pair.First.Head is GaussianHead && pair.Second.Values.Where((_, i) => i % pair.Second.Columns >= pair.Second.Columns / 2)
            .Any(logit => Math.Exp(logit) <= GaussianLikelihood.Floor));

    /// <summary>Null where a branch turns.</summary>
    private double? Quotient(WeightTensor tensor, double[] v, double step)
    {
        var losses = new double[2];
        for (var side = 0; side < 2; side++)
        {
            var moved = weights[tensor].ToArray();
            for (var i = 0; i < v.Length; i++)
            {
                moved[i] += (side == 0 ? step : -step) * v[i];
            }

            var run = bounds.ForwardWith(tensor, moved);
            if (run.Path != path)
            {
                return null;
            }

            losses[side] = run[bounds.Loss].Values[0];
        }

        return Slope.Central(losses[0], losses[1], step);
    }
}

/// <summary>The slope of the loss along a direction.</summary>
/// <param name="Direction">The direction; empty where none could be taken.</param>
/// <param name="Slope">The slope.</param>
/// <param name="Error">How far it may be off.</param>
internal sealed record Difference(double[] Direction, double Slope, double Error)
{
    /// <summary>Where none could be taken.</summary>
    /// <param name="why">The reason, as a sentence.</param>
    public static Difference None(string why) => new([], double.NaN, double.NaN) { Missing = why };

    /// <summary>Why none could be taken; null where one was.</summary>
    public string? Missing { get; private init; }

    /// <summary>Whether one could be taken.</summary>
    public bool Decides => Direction.Length > 0;

    /// <summary>How far a gradient is from it, as a share of what both may be off; 1 at most where they agree.</summary>
    /// <param name="gradient">The gradient, in double.</param>
    /// <param name="bound">How it rounds.</param>
    public double ShareOf(double[] gradient, BoundedTensor bound)
    {
        var (slope, error) = (0.0, Error);
        for (var i = 0; i < Direction.Length; i++)
        {
            slope += Direction[i] * gradient[i];
            error += Math.Abs(Direction[i]) * Bounded.Double * bound.Errors[i];
        }

        return slope == Slope ? 0 : Math.Abs(slope - Slope) / error;
    }
}
