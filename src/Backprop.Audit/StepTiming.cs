using System.Diagnostics;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Planning;
using Backprop.Torch;
using Backprop.Training;

namespace Backprop.Audit;

/// <summary>Times one training step of the engine and of PyTorch in turns, so that the machine's moods meet both.</summary>
/// <remarks>
/// libtorch gets the batch as ready-made tensors; the engine gathers its rows in every step. Each turn starts from the given
/// weights, runs until it is warm, then for <see cref="Turn"/>. No other libtorch work may run meanwhile: its threads are the process's.
/// </remarks>
public static class StepTiming
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(40);

    /// <summary>Measures.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="examples">The table; its first rows are the batch.</param>
    /// <param name="batchSize">Rows of the batch.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="rounds">Turns of each.</param>
    /// <param name="engine">Threads and vector width of the engine.</param>
    /// <exception cref="ArgumentException">The table has fewer rows than the batch, or there is no round.</exception>
    public static TimingReport Measure(
        Weights<float> weights, Examples<float> examples, int batchSize, Optimizer optimizer, int rounds = 7, EngineOptions? engine = null)
    {
        if (batchSize < 1 || batchSize > examples.Rows || rounds < 1)
        {
            throw new ArgumentException(
                $"{rounds} rounds with a batch of {batchSize} rows cannot be timed on {examples.Rows} rows. "
                + "Give 1 round and 1 row at least, and no more rows than there are.");
        }

        var rows = Enumerable.Range(0, batchSize).ToArray();
        using var batch = new TorchBatch<float>(weights.Mlp.Head, examples, rows);
        int[] threads = [.. new[] { 1, Environment.ProcessorCount }.Distinct()];
        var before = TorchLibrary.Threads;
        var (ours, theirs) = (new List<double>(), threads.ToDictionary(t => t, _ => new List<double>()));
        var engineThreads = 1;
        try
        {
            for (var round = -1; round < rounds; round++)
            {
                // The first turn is not counted: it lasts until the runtime has compiled the code a second time, optimised.
                var warmUp = round < 0 ? 10 * Turn : Turn / 4;
                (var engineTime, engineThreads) = TimeEngine(weights, examples, rows, optimizer, engine, warmUp);
                var torchTimes = threads.Select(t => (Threads: t, Time: TimeTorch(weights, batch, optimizer, t, warmUp))).ToArray();
                if (round >= 0)
                {
                    ours.Add(engineTime);
                    Array.ForEach(torchTimes, t => theirs[t.Threads].Add(t.Time));
                }
            }
        }
        finally
        {
            TorchLibrary.Threads = before;
        }
        var best = threads.MinBy(t => Quantile(theirs[t], 0.5));
        var (engineMedian, one, fastest) = (Quantile(ours, 0.5), Quantile(theirs[1], 0.5), Quantile(theirs[best], 0.5));
        return new(
            weights.Mlp.ToString(), batchSize, optimizer.Name, engineMedian, engineThreads,
            one, fastest, best, one / engineMedian, fastest / engineMedian, new[] { ours, theirs[1], theirs[best] }.Max(Spread), rounds);
    }

    private static (double Microseconds, int Threads) TimeEngine(
        Weights<float> weights, Examples<float> examples, int[] rows, Optimizer optimizer, EngineOptions? engine, TimeSpan warmUp)
    {
        using var step = new TrainingStep<float>(weights, optimizer, rows.Length, engine);
        return (Time(() => step.Run(examples, rows), warmUp), step.Threads);
    }

    private static double TimeTorch(Weights<float> weights, TorchBatch<float> batch, Optimizer optimizer, int threads, TimeSpan warmUp)
    {
        TorchLibrary.Threads = threads;
        using var network = new TorchMlp<float>(weights, optimizer);
        return Time(() => network.Step(batch), warmUp);
    }

    /// <summary>Microseconds of one run.</summary>
    private static double Time(Func<double> step, TimeSpan warmUp)
    {
        Repeat(step, warmUp);
        var (runs, elapsed) = Repeat(step, Turn);
        return elapsed.TotalMicroseconds / runs;
    }

    private static (int Runs, TimeSpan Elapsed) Repeat(Func<double> step, TimeSpan atLeast)
    {
        var (clock, runs) = (Stopwatch.StartNew(), 0);
        do
        {
            step();
            runs++;
        }
        while (clock.Elapsed < atLeast);
        return (runs, clock.Elapsed);
    }

    private static double Quantile(List<double> times, double share)
    {
        var sorted = times.Order().ToArray();
        var (low, rest) = ((int)(share * (sorted.Length - 1)), share * (sorted.Length - 1) % 1);
        return rest == 0 ? sorted[low] : sorted[low] + rest * (sorted[low + 1] - sorted[low]);
    }

    private static double Spread(List<double> times) => (Quantile(times, 0.75) - Quantile(times, 0.25)) / Quantile(times, 0.5);
}
