using Backprop.Formulas;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Audit;

/// <summary>Times one training step of the engine and of PyTorch in turns.</summary>
/// <remarks>No other libtorch work may run meanwhile: its threads are the process's.</remarks>
public static class StepTiming
{
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

        using var ours = new EngineStep(weights, examples, batchSize, optimizer, engine ?? EngineOptions.Default);
        using var one = new TorchStep(weights, examples, batchSize, optimizer, 1);
        using var all = new TorchStep(weights, examples, batchSize, optimizer, Environment.ProcessorCount);
        var timings = Turns.Measure([ours, one, all], rounds);

        var (engineMedian, oneMedian, allMedian) = (timings[0].Median, timings[1].Median, timings[2].Median);
        var (best, bestThreads) = allMedian < oneMedian ? (timings[2], all.Threads) : (timings[1], 1);
        return new(
            weights.Model.ToString(), batchSize, optimizer.Name, engineMedian, ours.Threads, oneMedian, best.Median, bestThreads,
            oneMedian / engineMedian, best.Median / engineMedian, new[] { timings[0], timings[1], best }.Max(t => t.Spread), rounds);
    }
}
