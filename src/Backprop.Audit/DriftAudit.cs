using Backprop.Formulas;
using Backprop.Models;
using Backprop.Planning;
using Backprop.Torch;
using Backprop.Training;

namespace Backprop.Audit;

/// <summary>Makes one optimizer step on rows of a table.</summary>
/// <param name="examples">The table.</param>
/// <param name="rows">The batch's rows.</param>
/// <param name="after">Filled with the weights after the step.</param>
/// <returns>The mean loss before it.</returns>
public delegate double StepOf(Examples<float> examples, ReadOnlySpan<int> rows, Weights<float> after);

/// <summary>Trains engine and PyTorch from the same weights on the same batches and watches how far they part.</summary>
/// <remarks>
/// The reference is libtorch in float64; libtorch's own float32 drift from it is the yardstick: the engine may drift four times
/// as far. It may drift by 2⁻¹⁰·⁵ in any case: Adam divides every gradient by its own size, so that a weight whose gradient is
/// within rounding of 0 takes a full step in either direction. With gradients that are exact to e = 2⁻²¹ of their typical size
/// these are a share e of the weights, and they part by √e of the distance travelled, in one implementation and not in the other.
/// </remarks>
public static class DriftAudit
{
    private const double Allowance = 4;
    private static readonly double Floor = Math.Sqrt(1.0 / (1 << 21));

    /// <summary>Audits the engine's training.</summary>
    /// <param name="weights">Where training starts.</param>
    /// <param name="examples">The table.</param>
    /// <param name="batchSize">Rows of a batch.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="seed">Decides the batches.</param>
    /// <param name="engine">Threads and vector width.</param>
    /// <exception cref="ArgumentException">The table has fewer rows than a batch, or there is no step to make.</exception>
    public static DriftReport Run(
        Weights<float> weights, Examples<float> examples, int batchSize, Optimizer optimizer, int steps, long seed, EngineOptions? engine = null)
    {
        using var step = new TrainingStep<float>(weights, optimizer, batchSize, engine);
        return Run(weights, examples, batchSize, optimizer, steps, seed, (table, rows, after) =>
        {
            var loss = step.Run(table, rows);
            step.CopyWeightsTo(after);
            return loss;
        });
    }

    /// <summary>Audits any implementation, such as a broken one to see the audit fail.</summary>
    public static DriftReport Run(
        Weights<float> weights, Examples<float> examples, int batchSize, Optimizer optimizer, int steps, long seed, StepOf ours)
    {
        if (batchSize < 1 || batchSize > examples.Rows || steps < 1)
        {
            throw new ArgumentException(
                $"{steps} steps with batches of {batchSize} rows cannot be made of {examples.Rows} rows. "
                + "Give 1 step and 1 row at least, and no more rows than there are.");
        }

        var (start, examples64) = (weights.To<double>(), examples.To<double>());
        using var torch32 = new TorchModel<float>(weights, optimizer);
        using var torch64 = new TorchModel<double>(start, optimizer);
        var (ours32, theirs32, reference) = (weights.Clone(), weights.Clone(), start.Clone());
        var report = new List<DriftStep>();
        foreach (var rows in Batches(examples.Rows, batchSize, seed).Take(steps))
        {
            var loss = ours(examples, rows, ours32);
            var torchLoss = torch32.Step(examples, rows);
            torch64.Step(examples64, rows);
            torch32.CopyTo(theirs32);
            torch64.CopyTo(reference);
            var travelled = Distance(reference, start);
            double Drift(Weights<float> of) => Distance(of.To<double>(), reference) is var distance && distance == 0 ? 0 : distance / travelled;
            report.Add(new(report.Count + 1, Drift(ours32), Drift(theirs32), loss, torchLoss));
        }

        var limit = Math.Max(Allowance * report.Max(s => s.TorchDrift), Floor);
        return new(optimizer.Name, report, limit, report.All(s => s.OursDrift <= limit) ? Verdict.Agrees : Verdict.OursWorse);
    }

    private static IEnumerable<int[]> Batches(int rows, int batchSize, long seed)
    {
        var (random, order) = (new TorchRandom(seed), new int[rows]);
        while (true)
        {
            random.FillPermutation(order);
            foreach (var batch in order.Chunk(batchSize).Where(batch => batch.Length == batchSize))
            {
                yield return batch;
            }
        }
    }

    private static double Distance(Weights<double> a, Weights<double> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Values.Length; i++)
        {
            sum += (a.Values[i] - b.Values[i]) * (a.Values[i] - b.Values[i]);
        }

        return Math.Sqrt(sum);
    }
}
