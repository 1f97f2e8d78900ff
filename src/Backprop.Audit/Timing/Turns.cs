using System.Collections.Concurrent;
using System.Diagnostics;

namespace Backprop.Audit;

/// <summary>Times contenders in turns, round after round, so that the machine's moods meet all of them.</summary>
internal static class Turns
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(25);

    // A contender's first turn is not counted: it lasts until the runtime has compiled its kind's code a second time, optimised.
    private static readonly TimeSpan CompilationWarmUp = 16 * Turn;
    private static readonly TimeSpan FirstWarmUp = 4 * Turn;
    private static readonly ConcurrentDictionary<Type, bool> Compiled = [];

    // Threads that libraries leave spinning after the turn before have gone to sleep by then.
    private static readonly TimeSpan WarmUp = Turn / 3;

    /// <summary>Measures.</summary>
    /// <param name="contenders">Who takes turns, in this order.</param>
    /// <param name="rounds">Turns of each that count.</param>
    /// <returns>The times of each, in the same order.</returns>
    public static IReadOnlyList<Timing> Measure(IReadOnlyList<Contender> contenders, int rounds)
    {
        var turns = contenders.Select(_ => new List<(double Microseconds, double Bytes)>()).ToArray();
        for (var round = -1; round < rounds; round++)
        {
            foreach (var (contender, taken) in contenders.Zip(turns))
            {
                var turn = Take(contender, !contender.WarmsUp ? TimeSpan.Zero
                    : round >= 0 ? WarmUp
                    : Compiled.TryAdd(contender.GetType(), true) ? CompilationWarmUp : FirstWarmUp);
                if (round >= 0)
                {
                    taken.Add(turn);
                }
            }
        }

        return [.. turns.Select(taken => new Timing([.. taken.Select(t => t.Microseconds)], Timing.Quantile(taken.Select(t => t.Bytes), 0.5)))];
    }

    private static (double Microseconds, double Bytes) Take(Contender contender, TimeSpan warmUp)
    {
        contender.Begin();
        try
        {
            var batch = 1L;
            if (warmUp > TimeSpan.Zero)
            {
                Repeat(contender, warmUp, ref batch);
            }

            var before = GC.GetTotalAllocatedBytes(precise: true);
            var (runs, elapsed) = Repeat(contender, Turn, ref batch);
            return (elapsed.TotalMicroseconds / runs, (double)(GC.GetTotalAllocatedBytes(precise: true) - before) / runs);
        }
        finally
        {
            contender.End();
        }
    }

    /// <summary>Runs batches, each long enough that looking at the clock costs nothing.</summary>
    private static (long Runs, TimeSpan Elapsed) Repeat(Contender contender, TimeSpan atLeast, ref long batch)
    {
        var (clock, runs, last) = (Stopwatch.StartNew(), 0L, TimeSpan.Zero);
        while (true)
        {
            for (var run = 0L; run < batch; run++)
            {
                contender.Run();
            }

            runs += batch;
            var now = clock.Elapsed;
            if (now >= atLeast)
            {
                return (runs, now);
            }

            if (now - last < Turn / 100)
            {
                batch *= 2;
            }

            last = now;
        }
    }
}

/// <summary>What one contender took.</summary>
/// <param name="Microseconds">Of one run, turn by turn.</param>
/// <param name="AllocatedBytes">Managed memory allocated in one run, on all threads.</param>
internal sealed record Timing(IReadOnlyList<double> Microseconds, double AllocatedBytes)
{
    /// <summary>The middle turn, in microseconds.</summary>
    public double Median => Quantile(Microseconds, 0.5);

    /// <summary>The interquartile range, relative to the median.</summary>
    public double Spread => (Quantile(Microseconds, 0.75) - Quantile(Microseconds, 0.25)) / Median;

    /// <summary>The value below which that share of them lies, between neighbours in proportion.</summary>
    public static double Quantile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        var (low, rest) = ((int)(share * (sorted.Length - 1)), share * (sorted.Length - 1) % 1);
        return rest == 0 ? sorted[low] : sorted[low] + rest * (sorted[low + 1] - sorted[low]);
    }
}
