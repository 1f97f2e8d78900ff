using Backprop.Formulas;
using Backprop.Models;
using Backprop.Planning;
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
/// The reference is libtorch in float64. What chaos makes of rounding is seen in libtorch itself: its own float32 drift on one thread and
/// on two, whose sums have other orders (in networks large enough), and after its first weights were moved by one unit in the last place. The engine may drift four
/// times as far as the largest of these. Where libtorch cannot follow, the engine in float64 is the reference, and the engine itself,
/// its first weights so moved, the yardstick.
/// The drift may be 2⁻¹⁰·⁵ in any case: Adam divides every gradient by its own size, so that a weight whose gradient is
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
        using var step = new TrainingStep<float>(weights, optimizer, batchSize, engine, random: new(GradientAudit.MaskSeed));
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

        var (start, moved, ours32) = (weights.To<double>(), Moved(weights, seed), weights.Clone());
        using var followers = Followers.Of(weights, moved, optimizer, batchSize);
        var report = new List<DriftStep>();
        foreach (var rows in Batches(examples.Rows, batchSize, seed).Take(steps))
        {
            var loss = ours(examples, rows, ours32);
            var followed = followers.Step(examples, rows);
            var travelled = Distance(followed.Reference, start);
            double Drift(Weights<float>? of) => of is null ? double.NaN
                : Distance(of.To<double>(), followed.Reference) is var distance && distance == 0 ? 0 : distance / travelled;
            report.Add(new(report.Count + 1, Drift(ours32), Drift(followed.Theirs), loss, followed.TheirLoss)
            {
                TwoThreadsDrift = Drift(followed.TwoThreads),
                MovedDrift = Drift(followed.Moved),
            });
        }

        var limit = Math.Max(Allowance * report.Max(s => s.Yardstick), Floor);
        return new(optimizer.Name, report, limit, report.All(s => s.OursDrift <= limit) ? Verdict.Agrees : Verdict.OursWorse);
    }

    /// <summary>Every learned weight one unit in the last place up or down.</summary>
    private static Weights<float> Moved(Weights<float> weights, long seed)
    {
        var (moved, random) = (weights.Clone(), new TorchRandom(seed));
        foreach (var tensor in weights.Tensors.Where(tensor => tensor.Learned))
        {
            foreach (ref var weight in moved[tensor])
            {
                weight = weight == 0 ? 0 : (random.NextUInt32() & 1) == 0 ? MathF.BitIncrement(weight) : MathF.BitDecrement(weight);
            }
        }

        return moved;
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
