using System.Numerics;
using Backprop.Models;
using Backprop.Torch;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>An initializer's numbers beside libtorch's from the same seed, and their moments beside the distribution's.</summary>
internal static class InitializerRows
{
    private const string Area = "initializer";
    private const int FanIn = 128, FanOut = 256, Seed = 12;

    /// <summary>A normal deviate is farther out once in 15 million draws.</summary>
    private const double Deviations = 5.5;

    private static readonly (int In, int Out)[] Sizes = [(1, 1), (5, 3), (3, 5), (16, 4), (100, 33), (64, 128)];

    /// <summary>Audits one.</summary>
    public static IEnumerable<Finding> Run(Initializer initializer) => Run(initializer, initializer);

    /// <summary>Audits one that is to be another, such as a broken one to see the audit fail.</summary>
    public static IEnumerable<Finding> Run(Initializer initializer, Initializer meant)
        => [.. TorchLibrary.IsAvailable ? new[] { Numbers<float>(initializer, meant), Numbers<double>(initializer, meant) } : [], Moments(initializer, meant)];

    private static Finding Numbers<T>(Initializer initializer, Initializer meant) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (ours, theirs, at) = (new List<double>(), new List<double>(), new List<string>());
        foreach (var (fanIn, fanOut) in Sizes)
        {
            using var scope = NewDisposeScope();
            using var graph = no_grad();
            manual_seed(Seed);
            theirs.AddRange(Curves.Wide(Twins.Of(meant, zeros(fanOut, fanIn, dtype: typeof(T) == typeof(float) ? ScalarType.Float32 : ScalarType.Float64))));
            ours.AddRange(Fill<T>(initializer, fanIn, fanOut));
            at.AddRange(Enumerable.Range(0, fanIn * fanOut).Select(i => $"{fanOut} × {fanIn}, number {i}"));
        }

        var bound = BoundOf<T>(meant);
        // The same bits: that is what the reference is for.
        return new PointComparison([.. ours], null, [.. theirs], [.. ours.Select(_ => bound)], i => at[i])
            .Judge(Area, $"{meant}", bound == 0 ? $"libtorch's numbers bit for bit in {Curves.Name<T>()}" : $"libtorch's numbers in {Curves.Name<T>()}");
    }

    private static double[] Fill<T>(Initializer initializer, int fanIn, int fanOut) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var values = new T[fanIn * fanOut];
        initializer.Fill<T>(values, fanIn, fanOut, new TorchRandom(Seed));
        return Array.ConvertAll(values, double.CreateTruncating);
    }

    private static double BoundOf<T>(Initializer initializer)
    {
        var unit = Curves.Unit<T>();
        return initializer switch
        {
            // MKL's erfinv rounds, and so does the product: numbers up to 2, a unit each and one for the sum.
            TruncatedNormal => 8 * unit,
            // What LAPACK's roundings become in a matrix of a condition of some hundreds.
            Orthogonal => 512 * unit,
            // Normal numbers of double precision go through log, sin and cos, whose last bits are nobody's promise; they are below 5.
            Normal or XavierNormal or KaimingNormal or LecunNormal when typeof(T) == typeof(double) => 10 * unit,
            _ => 0,
        };
    }

    /// <summary>Mean and variance of the numbers, which scatter by as much as the distribution's second and fourth moment say, and their largest.</summary>
    private static Finding Moments(Initializer initializer, Initializer meant)
    {
        var values = Fill<double>(initializer, FanIn, FanOut);
        var (mean, variance, kurtosis, largest) = Promised(meant);
        var (n, found) = (values.Length, values.Average());
        var spread = values.Average(v => (v - mean) * (v - mean));
        var rounding = 4 * Curves.Unit<double>() * Math.Max(Math.Abs(mean), variance);
        // Numbers of an orthogonal matrix are not independent: their squares add up to just as many ones as there are columns.
        return new PointComparison(
            [found, spread, Math.Max(largest, values.Max(v => Math.Abs(v - mean)))],
            null,
            [mean, variance, largest],
            [Deviations * Math.Sqrt(variance / n) + n * rounding, Deviations * variance * Math.Sqrt((kurtosis - 1) / n) + n * rounding, 8 * Curves.Unit<double>() * largest],
            i => FormattableString.Invariant($"{(i == 0 ? "mean" : i == 1 ? "variance" : "largest distance from the mean")} of {n} numbers of {FanOut} × {FanIn}, at {Deviations} standard deviations"))
            .Judge(Area, $"{meant}", "moments of the distribution");
    }

    /// <summary>Mean, variance, kurtosis and the largest distance from the mean that the name promises.</summary>
    private static (double Mean, double Variance, double Kurtosis, double Largest) Promised(Initializer initializer) => initializer switch
    {
        Models.Zeros => (0, 0, 1, 0),
        Models.Constant i => (i.Value, 0, 1, 0),
        DefaultWeights or DefaultBiases => Even(0, 1 / Math.Sqrt(FanIn)),
        Uniform i => Even((i.From + i.To) / 2, (i.To - i.From) / 2),
        XavierUniform i => Even(0, i.Gain * Math.Sqrt(6.0 / (FanIn + FanOut))),
        KaimingUniform i => Even(0, i.Gain * Math.Sqrt(3.0 / FanOf(i))),
        LecunUniform => Even(0, Math.Sqrt(3.0 / FanIn)),
        Normal i => Bell(i.Mean, i.Deviation * i.Deviation),
        XavierNormal i => Bell(0, i.Gain * i.Gain * 2 / (FanIn + FanOut)),
        KaimingNormal i => Bell(0, i.Gain * i.Gain / FanOf(i)),
        LecunNormal => Bell(0, 1.0 / FanIn),
        // With q = φ(2) / (2Φ(2) − 1) the second moment is 1 − 4q, the fourth 3 (1 − 4q) − 16q.
        TruncatedNormal { Mean: 0, Deviation: 1, From: -2, To: 2 } => (0, 0.7737413035499232, 2.3655367171296495, 2),
        Orthogonal i => (0, i.Gain * i.Gain / Math.Max(FanIn, FanOut), 3, i.Gain),
        _ => throw new NotSupportedException($"The moments of {initializer} are missing. Add them to InitializerRows.cs."),
    };

    private static int FanOf(KaimingInitializer initializer) => initializer.Fan == Fan.In ? FanIn : FanOut;

    private static (double, double, double, double) Even(double middle, double half) => (middle, half * half / 3, 1.8, half);

    private static (double, double, double, double) Bell(double mean, double variance) => (mean, variance, 3, double.PositiveInfinity);
}
