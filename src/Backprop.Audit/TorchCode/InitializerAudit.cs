using System.Numerics;
using Backprop.Audit.Bounds;
using Backprop.Models;
using Backprop.Torch;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>
/// Holds an initializer to libtorch's numbers from the same seed: TorchSharp's, or one of your own made on it, to that of its name here,
/// and the engine's to libtorch's, and its moments to the distribution's.
/// </summary>
public static class InitializerAudit
{
    private const string Area = "initializer";
    private const int FanIn = 128, FanOut = 256, Seed = 12;

    /// <summary>A normal deviate is farther out once in 15 million draws.</summary>
    private const double Deviations = 5.5;

    private static readonly (int In, int Out)[] Sizes = [(1, 1), (5, 3), (3, 5), (16, 4), (100, 33), (64, 128)];

    /// <summary>Compares what both draw of the same seed, in float.</summary>
    /// <param name="theirs">Fills a matrix of units × inputs, and gives it back.</param>
    /// <param name="ours">The initializer, with the same arguments.</param>
    /// <param name="units">Rows of the matrix.</param>
    /// <param name="inputs">Its columns.</param>
    /// <param name="seed">Of the numbers drawn.</param>
    public static IReadOnlyList<Finding> Run(Func<Tensor, Tensor> theirs, Initializer ours, int units = 20, int inputs = 30, long seed = 1)
    {
        TorchLibrary.EnsureLoaded();
        var (drawn, given) = (Fill<float>(ours, inputs, units, seed), Drawn<float>(theirs, inputs, units, seed));
        // Libraries' logarithms, cosines and inverse error functions differ in the last bits, which the largest number is a scale for.
        var bound = Math.Max(BoundOf<float>(ours), 8 * Bounded.Float * drawn.Max(Math.Abs));
        return
        [
            (ReferenceCheck.Tensor("weight", inputs, drawn, given, drawn, [.. drawn.Select(_ => bound)]) with
            {
                Audited = Party.Theirs,
                TheirName = "TorchSharp",
                ReferenceName = $"PyTorch's {ours.Name}",
            }).Judge(Area, ours.Name, $"TorchSharp's numbers against {ours.Name}"),
        ];
    }

    /// <summary>Audits one of the catalogue.</summary>
    internal static IReadOnlyList<Finding> Run(Initializer initializer) => Run(initializer, initializer);

    /// <summary>Audits one that is to be another, such as a broken one to see the audit fail.</summary>
    internal static IReadOnlyList<Finding> Run(Initializer initializer, Initializer meant)
        => [Numbers<float>(initializer, meant), Numbers<double>(initializer, meant), Moments(initializer, meant)];

    private static Finding Numbers<T>(Initializer initializer, Initializer meant) where T : unmanaged, IFloatingPointIeee754<T>
    {
        double[] ours = [.. Sizes.SelectMany(size => Fill<T>(initializer, size.In, size.Out, Seed))];
        var (theirs, missing) = TorchWitness.Ask<double[]>(
            () => [.. Sizes.SelectMany(size => Drawn<T>(tensor => Twins.Of(meant, tensor), size.In, size.Out, Seed))]);
        string[] at =
        [
            .. Sizes.SelectMany(size => Enumerable.Range(0, size.In * size.Out).Select(i => Element.NameOf($"weight of {size.Out} × {size.In}", i, size.In))),
        ];
        var bound = BoundOf<T>(meant);
        var check = $"libtorch's numbers {(bound == 0 ? "bit for bit " : "")}in {Doubles.NameOf<T>()}";
        if (theirs is null)
        {
            return new(Area, $"{meant}", check, Verdict.Undecided, 0, $"nothing to compare with: {missing}");
        }

        // The same bits: that is what the reference is for.
        return new ReferenceCheck(ours, theirs, theirs, [.. ours.Select(_ => bound)], i => at[i]) { ReferenceName = "libtorch's" }
            .Judge(Area, $"{meant}", check);
    }

    private static double[] Fill<T>(Initializer initializer, int fanIn, int fanOut, long seed) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var values = new T[fanIn * fanOut];
        initializer.Fill<T>(values, fanIn, fanOut, new TorchRandom(seed));
        return Doubles.Of<T>(values);
    }

    private static double[] Drawn<T>(Func<Tensor, Tensor> fill, int fanIn, int fanOut, long seed)
    {
        using var scope = NewDisposeScope();
        using var stream = new TorchStream(seed);
        using var constant = no_grad();
        return Doubles.Of(fill(zeros(fanOut, fanIn, dtype: Doubles.TypeOf<T>())));
    }

    private static double BoundOf<T>(Initializer initializer)
    {
        var unit = Bounded.Unit<T>();
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
        var values = Fill<double>(initializer, FanIn, FanOut, Seed);
        var (mean, variance, kurtosis, largest) = Promised(meant);
        var (n, found) = (values.Length, values.Average());
        var spread = values.Average(v => (v - mean) * (v - mean));
        var rounding = 4 * Bounded.Double * Math.Max(Math.Abs(mean), variance);
        // Numbers of an orthogonal matrix are not independent: their squares add up to just as many ones as there are columns.
        var names = new[] { "mean", "variance", "largest distance from the mean" };
        return new ReferenceCheck(
            [found, spread, Math.Max(largest, values.Max(v => Math.Abs(v - mean)))],
            null,
            [mean, variance, largest],
            [
                Deviations * Math.Sqrt(variance / n) + n * rounding,
                Deviations * variance * Math.Sqrt((kurtosis - 1) / n) + n * rounding,
                8 * Bounded.Double * largest,
            ],
            i => FormattableString.Invariant($"{names[i]} of {n} numbers of {FanOut} × {FanIn}, at {Deviations} standard deviations"))
        {
            ReferenceName = "the distribution's",
        }.Judge(Area, $"{meant}", "moments of the distribution");
    }

    /// <summary>Mean, variance, kurtosis and the largest distance from the mean that the name promises.</summary>
    private static (double Mean, double Variance, double Kurtosis, double Largest) Promised(Initializer initializer) => initializer switch
    {
        Models.Zeros or MeanRates => (0, 0, 1, 0),
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
        RandomSigns => (0, 1, 1, 1),
        Orthogonal i => (0, i.Gain * i.Gain / Math.Max(FanIn, FanOut), 3, i.Gain),
        _ => throw new NotSupportedException($"The moments of {initializer} are missing. Add them to InitializerAudit.cs."),
    };

    private static int FanOf(KaimingInitializer initializer) => initializer.Fan == Fan.In ? FanIn : FanOut;

    private static (double, double, double, double) Even(double middle, double half) => (middle, half * half / 3, 1.8, half);

    private static (double, double, double, double) Bell(double mean, double variance) => (mean, variance, 3, double.PositiveInfinity);
}
