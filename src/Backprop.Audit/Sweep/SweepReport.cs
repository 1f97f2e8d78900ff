using System.Text.Json.Serialization;

namespace Backprop.Audit;

/// <summary>The case that came nearest to a bound.</summary>
/// <param name="Share">Its error as a share of the bound.</param>
/// <param name="Tensor">The tensor.</param>
/// <param name="Number">The case's number.</param>
/// <param name="Case">The case, as <see cref="NetworkCase.Parse"/> reads it.</param>
public sealed record SweepWorst(double Share, string Tensor, long Number, string Case)
{
    /// <summary>The command that runs it again.</summary>
    public string Command => NetworkCase.CommandOf(Case);
}

/// <summary>The tensors of cases that have something in common, such as an activation.</summary>
/// <param name="Tensors">How many have an error to compare.</param>
/// <param name="LogRatio">The sum of log(our error / libtorch's) in float32.</param>
/// <param name="WorstShare">Our largest error as a share of its bound.</param>
public sealed record SweepGroup(long Tensors, double LogRatio, double WorstShare)
{
    /// <summary>The geometric mean of our error over libtorch's: below 1 ours is smaller.</summary>
    public double GeometricMean => Math.Exp(LogRatio / Tensors);

    internal SweepGroup And(SweepGroup other) => new(Tensors + other.Tensors, LogRatio + other.LogRatio, Math.Max(WorstShare, other.WorstShare));
}

/// <summary>Tensors that do not agree, for a reason that has a name.</summary>
/// <param name="Tensors">How many tensors.</param>
/// <param name="Case">The first case.</param>
public sealed record SweepExplained(long Tensors, string Case);

/// <summary>A case that fails, and the smallest that fails alike.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Kind">The verdict, or the kind of error that ended the case; or that its bits are others when run again, or its loss is no number.</param>
/// <param name="Where">Tensor, element, ours, theirs, the reference and the bound; or the error's message.</param>
/// <param name="Case">The case, as <see cref="NetworkCase.Parse"/> reads it.</param>
/// <param name="Smallest">The smallest case found that fails alike.</param>
public sealed record SweepFailure(long Number, string Kind, string Where, string Case, string Smallest)
{
    /// <summary>The command that runs the smallest case again.</summary>
    public string Command => NetworkCase.CommandOf(Smallest);
}

/// <summary>What a sweep over random networks found. Reports of parts of a sweep are merged into that of the whole.</summary>
public sealed record SweepReport
{
    /// <summary>Where bars of <see cref="Shares"/> end, as shares of the bound; the last has all above.</summary>
    public static IReadOnlyList<double> ShareSteps { get; } = [0, 1e-4, 1e-3, 1e-2, 0.03, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

    /// <summary>The seed that all cases come of.</summary>
    public long Seed { get; init; }

    /// <summary>Cases run.</summary>
    public long Cases { get; init; }

    /// <summary>Tensors compared, by verdict.</summary>
    public IReadOnlyDictionary<Verdict, long> Tensors { get; init; } = new Dictionary<Verdict, long>();

    /// <summary>Numbers compared.</summary>
    public long Numbers { get; init; }

    /// <summary>Units so near a kink that float32 may take the other side.</summary>
    public long Kinks { get; init; }

    /// <summary>Tensors judged by samples of errors, as independent roundings do not explain them.</summary>
    public long Sampled { get; init; }

    /// <summary>Cases whose loss is beyond float32's range, or ∞ − ∞ as numbers before it are, and which are not compared.</summary>
    public long BeyondRange { get; init; }

    /// <summary>
    /// Cases that failed at first and not again, with the same bits of ours or an error of TorchSharp's: it lets the garbage collector free
    /// temporary scalars that native code still reads.
    /// </summary>
    public long Repeated { get; init; }

    /// <summary>Seconds that the cases took, added up over processes.</summary>
    public double Seconds { get; init; }

    /// <summary>Tensors by our error's share of its bound.</summary>
    public IReadOnlyList<long> Shares { get; init; } = [.. ShareSteps.Append(0).Select(_ => 0L)];

    /// <summary>Our error over libtorch's: of <c>all</c> tensors, and of those of cases with an activation, a layer, a head, something extreme.</summary>
    public IReadOnlyDictionary<string, SweepGroup> Groups { get; init; } = new Dictionary<string, SweepGroup>();

    /// <summary>The case nearest to its bound; null before there is any.</summary>
    public SweepWorst? Worst { get; init; }

    /// <summary>Verdicts other than agreement that come of something known, by its name: a weakness of libtorch's.</summary>
    public IReadOnlyDictionary<string, SweepExplained> Explained { get; init; } = new Dictionary<string, SweepExplained>();

    /// <summary>Cases with a verdict against us or libtorch that nothing explains, or that ended with an error; in order.</summary>
    public IReadOnlyList<SweepFailure> Failures { get; init; } = [];

    /// <summary>Whether there is nothing unexplained.</summary>
    [JsonIgnore]
    public bool Agrees => Failures.Count == 0;

    /// <summary>Our float32 error over libtorch's, the geometric mean over all tensors; NaN without any.</summary>
    [JsonIgnore]
    public double GeometricMean => Groups.TryGetValue(SweepTally.AllTensors, out var all) ? all.GeometricMean : double.NaN;

    /// <summary>The report of a case that ended the process that ran it: native code's doing, which is libtorch's, if the case agrees without it.</summary>
    /// <param name="seed">The sweep's seed.</param>
    /// <param name="number">The case's number.</param>
    /// <param name="message">How the process ended.</param>
    public static SweepReport OfCrash(long seed, long number, string message)
    {
        var one = NetworkCases.Of(seed, number);
        var text = one.ToString();
        var report = new SweepReport { Seed = seed, Cases = 1 };
        return one.Audit(withTorch: false).NothingAgainstUs
            ? report with { Explained = new Dictionary<string, SweepExplained> { [$"libtorch ends the process: {message}"] = new(1, text) } }
            : report with { Failures = [new(number, "crash", message, text, text)] };
    }

    /// <summary>This report and that of other cases of the same seed.</summary>
    public SweepReport And(SweepReport other) => new()
    {
        Seed = other.Seed,
        Cases = Cases + other.Cases,
        Tensors = Merge(Tensors, other.Tensors, (a, b) => a + b),
        Numbers = Numbers + other.Numbers,
        Kinks = Kinks + other.Kinks,
        Sampled = Sampled + other.Sampled,
        BeyondRange = BeyondRange + other.BeyondRange,
        Repeated = Repeated + other.Repeated,
        Seconds = Seconds + other.Seconds,
        Shares = [.. Shares.Zip(other.Shares, (a, b) => a + b)],
        Groups = Merge(Groups, other.Groups, (a, b) => a.And(b)),
        Worst = Worst is null || other.Worst?.Share > Worst.Share ? other.Worst : Worst,
        Explained = Merge(Explained, other.Explained, (a, b) => a with { Tensors = a.Tensors + b.Tensors }),
        Failures = [.. Failures.Concat(other.Failures).OrderBy(failure => failure.Number)],
    };

    private static Dictionary<TKey, TValue> Merge<TKey, TValue>(
        IReadOnlyDictionary<TKey, TValue> a, IReadOnlyDictionary<TKey, TValue> b, Func<TValue, TValue, TValue> add)
        where TKey : notnull
    {
        var merged = new Dictionary<TKey, TValue>(a);
        foreach (var (key, value) in b)
        {
            merged[key] = merged.TryGetValue(key, out var own) ? add(own, value) : value;
        }

        return merged;
    }
}
