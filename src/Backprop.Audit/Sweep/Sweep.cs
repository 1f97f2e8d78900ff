using System.Diagnostics;
using Backprop.Torch;

namespace Backprop.Audit;

/// <summary>Which cases a sweep runs, and how.</summary>
public sealed record SweepOptions
{
    /// <summary>The seed that all cases come of.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>The number of the first case. Case i of a seed is the same, whichever part of a sweep it is run in.</summary>
    public long First { get; init; }

    /// <summary>How many cases.</summary>
    public int Cases { get; init; } = 300;

    /// <summary>How many failures are made small; of those after them the case itself is reported.</summary>
    public int MostShrunk { get; init; } = 20;

    /// <summary>Audits a case; by default the engine on one thread.</summary>
    public Func<NetworkCase, GradientReport> Audit { get; init; } = one => one.Audit();

    /// <summary>Called before each case with its number: a process that ends within a case has then named it.</summary>
    public Action<long, NetworkCase>? Begin { get; init; }

    /// <summary>Called after each case with the report so far.</summary>
    public Action<SweepReport>? Progress { get; init; }
}

/// <summary>Audits random networks, one after another, and makes those that fail as small as they can be and still fail.</summary>
/// <remarks>
/// For one thread at a time: libtorch's random stream belongs to the whole process, and so does its number of threads, which is 1 meanwhile:
/// handing these small networks to more takes it ten times as long. More processes run parts of the cases, and their
/// reports are merged by <see cref="SweepReport.And"/>.
/// </remarks>
public static class Sweep
{
    private const string OtherBits = "other bits when run again";
    private const string Indefinite = "∞ − ∞: the reference's loss is no number, as numbers on the way leave the range of float";

    /// <summary>Runs the cases.</summary>
    /// <param name="options">Which.</param>
    /// <param name="cancel">Ends the sweep after the case that is running.</param>
    /// <returns>The report of the cases that were run.</returns>
    public static SweepReport Run(SweepOptions options, CancellationToken cancel = default)
    {
        var total = new SweepReport { Seed = options.Seed };
        using var threads = TorchLibrary.IsAvailable ? new TorchThreads(1) : null;
        for (var number = options.First; number < options.First + options.Cases && !cancel.IsCancellationRequested; number++)
        {
            var (one, clock) = (NetworkCases.Of(options.Seed, number), Stopwatch.StartNew());
            options.Begin?.Invoke(number, one);
            var found = Run(one, number, options.Audit, total.Failures.Count < options.MostShrunk);
            total = total.And(found with { Seed = options.Seed, Seconds = clock.Elapsed.TotalSeconds });
            options.Progress?.Invoke(total);
        }

        return total;
    }

    /// <summary>Runs one case.</summary>
    /// <param name="one">The case.</param>
    /// <param name="number">Its number in the sweep, if it is of one.</param>
    /// <param name="audit">Audits it.</param>
    /// <param name="shrink">Whether it is made small if it fails.</param>
    /// <remarks>
    /// A case that fails is audited once more, as it may be a <see cref="TorchFault"/>; whatever the case itself decides fails again. It is
    /// forgiven only if it can be TorchSharp's doing: ours has the same bits in both runs, or TorchSharp threw.
    /// </remarks>
    internal static SweepReport Run(NetworkCase one, long number, Func<NetworkCase, GradientReport> audit, bool shrink = true)
    {
        var (attempt, repeated) = (Attempt.Of(one, audit), 0);
        if (attempt.Fails)
        {
            var again = Attempt.Of(one, audit);
            (attempt, repeated) = again.Fails ? (again, 0) : attempt.CanBeTorchSharps(again) ? (again, 1) : (attempt with { Kind = OtherBits }, 0);
            shrink &= attempt.Kind != OtherBits;
        }

        if (attempt.IsBeyondRange)
        {
            return new() { Cases = 1, BeyondRange = 1, Repeated = repeated, Explained = attempt.Explained };
        }

        var report = attempt.Audit is null ? new() { Cases = 1 } : SweepTally.Of(one, number, attempt.Audit);
        report = report with { Repeated = repeated, Explained = attempt.Explained };
        if (!attempt.Fails)
        {
            return report;
        }

        var smallest = !shrink ? one : Shrinking.Smallest(one, smaller => Attempt.Of(smaller, audit).Kind == attempt.Kind);
        var where = shrink ? Attempt.Of(smallest, audit).Where : attempt.Where;
        return report with { Failures = [new(number, attempt.Kind!, where, one.ToString(), smallest.ToString())] };
    }

    /// <summary>What an audit makes of a case.</summary>
    /// <param name="Audit">Its report; null if it ended with an error.</param>
    /// <param name="Kind">How it fails; null if it does not.</param>
    /// <param name="Where">Where it does.</param>
    /// <param name="Explained">What is explained.</param>
    private sealed record Attempt(GradientReport? Audit, string? Kind, string Where, IReadOnlyDictionary<string, SweepExplained> Explained)
    {
        /// <summary>What ended the audit; null where nothing did.</summary>
        private Exception? Error { get; init; }

        public bool IsBeyondRange => Kind is null && !(Math.Abs(Audit!.ReferenceLoss) <= float.MaxValue);

        public bool Fails => Kind is not null;

        /// <summary>Whether a failure that is none in another run can be TorchSharp's doing.</summary>
        public bool CanBeTorchSharps(Attempt again)
            => Audit is null ? TorchFault.CanThrow(Error!) : Audit.OursBits == again.Audit!.OursBits;

        public static Attempt Of(NetworkCase one, Func<NetworkCase, GradientReport> audit)
        {
            GradientReport report;
            try
            {
                report = audit(one);
            }
            catch (Exception exception)
            {
                return new(null, exception.GetType().Name, exception.Message, new Dictionary<string, SweepExplained>()) { Error = exception };
            }

            if (!(Math.Abs(report.ReferenceLoss) <= float.MaxValue))
            {
                var (isNone, none) = (double.IsNaN(report.ReferenceLoss), new Dictionary<string, SweepExplained>());
                return isNone && !report.Overflows
                    ? new(report, "no number", "The reference's loss is no number, and nothing on the way to it leaves the range of float.", none)
                    : new(report, null, "", isNone ? new() { [Indefinite] = new(report.Tensors.Count, one.ToString()) } : none);
            }

            var disputed = report.Tensors.Where(tensor => tensor.Verdict is not (Verdict.Agrees or Verdict.Undecided)).ToList();
            var failing = disputed.Where(tensor => tensor.Reason is null).MaxBy(tensor => tensor.Verdict);
            return new(
                report,
                failing?.Verdict.Words,
                failing?.Where ?? "",
                disputed.Where(tensor => tensor.Reason is not null).CountBy(tensor => tensor.Reason!)
                    .ToDictionary(pair => pair.Key, pair => new SweepExplained(pair.Value, one.ToString())));
        }
    }
}
