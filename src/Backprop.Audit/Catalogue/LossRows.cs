using System.Numerics;
using Backprop.Graph;
using Backprop.Planning;
using Backprop.Torch;
using static TorchSharp.torch;
using Loss = Backprop.Formulas.Loss;

namespace Backprop.Audit;

/// <summary>Values and slopes of an elementwise loss beside its formula, dual numbers and PyTorch's function of its name, for several targets.</summary>
/// <remarks>As in <see cref="ActivationRows"/>; the largest number in a loss may also be the square of its arguments.</remarks>
internal static class LossRows
{
    private const string Area = "loss";
    private const double Operations = 16;

    /// <summary>Every loss, and each with a parameter once more with another.</summary>
    public static IEnumerable<Loss> All => Loss.All.SelectMany(loss =>
        loss.Name.Split('(', ')') is [var family, var text, ..] && double.TryParse(text, out var parameter) ? [loss, Loss.Parse($"{family}({0.75 * parameter})")] : new[] { loss });

    /// <summary>Audits one.</summary>
    public static IEnumerable<Finding> Run(Loss loss) => [.. In<float>(loss), .. In<double>(loss)];

    /// <summary>Targets that it is for.</summary>
    public static double[] TargetsOf(Loss loss) => loss.Name.Split('(')[0] switch
    {
        "binarycrossentropy" or "weightedbinarycrossentropy" => [0, 1, 0.25],
        "softmargin" => [-1, 1],
        "poisson" => [0, 1, 7],
        _ => [0, 1, -2.5],
    };

    private static IEnumerable<Finding> In<T>(Loss loss) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (points, targets) = PointsOf(loss);
        var ours = Engine<T>(loss, points, targets);
        var theirs = !TorchLibrary.IsAvailable ? ((double[] Values, double[] Slopes)?)null
            : Curves.Torch<T>(z => Twins.Of(loss, z, tensor(targets).to(z.dtype)), points);
        PointReading[] Read(Func<double, double, PointReading> read) => [.. points.Zip(targets, read)];
        var values = Read((z, t) => PointReading.Of(z, n => loss.Value(n, PointReading.Exact(t))));
        var slopes = Read((z, t) => PointReading.Slope(z, n => loss.Value(n, new(PointReading.Exact(t), 0))));
        var rules = Read((z, t) => PointReading.Of(z, n => loss.Derivative(n, PointReading.Exact(t))));
        yield return Compare("value", ours.Values, theirs?.Values, values, values);
        yield return Compare("slope", ours.Slopes, theirs?.Slopes, slopes, rules);

        Finding Compare(string what, double[] actual, double[]? torch, PointReading[] reference, PointReading[] computed)
        {
            var (unit, wide) = (Curves.Unit<T>(), Curves.Unit<double>());
            var expected = Array.ConvertAll(reference, r => r.Value);
            double[] bounds = [.. reference.Zip(computed, (r, c) => c.Bound(unit) + r.Bound(wide) + (r.Value == 0 ? wide : 0))];
            return new PointComparison(
                actual, torch, Curves.InRange<T>(expected), bounds, i => FormattableString.Invariant($"z = {points[i]:R}, t = {targets[i]}"))
            {
                Sameness = i => Operations * unit * Math.Max(1, Math.Max(Math.Pow(Math.Abs(points[i]) + Math.Abs(targets[i]), 2), Math.Abs(expected[i]))),
            }.Judge(Area, loss.Name, $"{what} in {Curves.Name<T>()}");
        }
    }

    /// <summary>Every target with numbers all around it, but for kinks, and 0, where branches of formulas meet.</summary>
    private static (double[] Points, double[] Targets) PointsOf(Loss loss)
    {
        var pairs = (from target in TargetsOf(loss)
                     from offset in Points.Around(0.75)
                     let z = (double)(float)(target + offset)
                     where z != 0 && z != target && !IsKink(z - target)
                     select (z, target)).Distinct().ToList();
        return ([.. pairs.Select(p => p.z)], [.. pairs.Select(p => p.target)]);
    }

    private static bool IsKink(double difference) => Math.Abs(difference) is 0.75 or 1;

    /// <summary>By the engine's op, whose mean is that of one number for values; its slopes are shares of those of a mean.</summary>
    public static (double[] Values, double[] Slopes) Engine<T>(Loss loss, double[] points, double[] targets) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (z, t, one, its) = (Node.Input("z", 16), Node.Input("t", 16), Node.Parameter("z", 1, 1), Node.State("t", 1, 1));
        // A mean of a power of two of terms: its shares are exact.
        var padded = points.Concat(Enumerable.Repeat(points[^1], (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(points.Length, 16)) - points.Length)).ToArray();
        var paddedTargets = targets.Concat(Enumerable.Repeat(targets[^1], padded.Length - targets.Length)).ToArray();
        using var numbers = new Numbers<T>(new() { Threads = 1 }) { [z] = Curves.Grid<T>(padded), [t] = Curves.Grid<T>(paddedTargets) };
        var slopes = Curves.Flat(numbers.Gradients(Node.MeanLoss(loss, z, t), [z])[0], points.Length);
        using var single = new Numbers<T>(new() { Threads = 1 });
        var value = Node.MeanLoss(loss, one, its);
        var values = new double[points.Length];
        for (var i = 0; i < points.Length; i++)
        {
            single.Fill(one, T.CreateTruncating(points[i]));
            single.Fill(its, T.CreateTruncating(targets[i]));
            values[i] = double.CreateTruncating(single.Scalar(value));
        }

        return (values, Array.ConvertAll(slopes, slope => slope * padded.Length));
    }
}
