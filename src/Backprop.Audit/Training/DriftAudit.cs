using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Audit;

/// <summary>Makes one optimizer step on rows of a table.</summary>
/// <param name="examples">The table.</param>
/// <param name="rows">The batch's rows.</param>
/// <param name="rate">The learning rate.</param>
/// <param name="after">Filled with the weights after the step.</param>
/// <returns>The mean loss before it.</returns>
public delegate double StepOf(Examples<float> examples, ReadOnlySpan<int> rows, double rate, Weights<float> after);

/// <summary>Trains engine and PyTorch from the same weights on the same batches and watches how far they part.</summary>
/// <remarks>
/// The reference is libtorch in float64. What chaos makes of rounding is seen in libtorch itself: its own float32 drift on one thread and
/// on two, whose sums have other orders (in networks large enough), and after its first weights were moved by one unit in the last place.
/// The engine may drift four times as far as the largest of these so far. Where libtorch cannot follow, the engine in float64 is the reference,
/// and the engine itself, its first weights so moved, the yardstick.
/// What drifts farther may still have had bad luck: Adam moves a weight whose gradient is within rounding of 0 a whole step in either
/// direction, in one implementation and not in the others. So the drift may be farther by what roundings of the single steps so far
/// (<see cref="UpdateBounds"/>) add up to: an estimate, as it leaves out what later steps make of earlier ones' errors. Where a unit is
/// within rounding of a kink nothing can be said from that step on.
/// A limit of 1 would let weights agree that never moved: where chaos makes it as large, nothing is decided, and nothing is where the
/// numbers leave the range of float in others too. Who is right <see cref="StepAudit"/> tells.
/// </remarks>
public static class DriftAudit
{
    private const double Allowance = 4;

    // What weights drift that never move.
    private const double Nothing = 1;

    /// <summary>Audits the engine's training.</summary>
    /// <param name="of">The training.</param>
    /// <param name="engine">Threads and vector width; null for the usual ones.</param>
    /// <returns>Every step's drifts and limit, and the verdict.</returns>
    /// <exception cref="ArgumentException">The table has fewer rows than a batch, or there is no step to make.</exception>
    public static DriftReport Run(TrainingCase of, EngineOptions? engine = null) => Run(of, new StepMaker(of.Optimizer, engine));

    /// <summary>Audits any implementation, such as a broken one to see the audit fail.</summary>
    /// <param name="of">The training.</param>
    /// <param name="ours">Makes the steps, one after another, from the case's weights and with its optimizer.</param>
    /// <returns>Every step's drifts and limit, and the verdict.</returns>
    /// <exception cref="ArgumentException">The table has fewer rows than a batch, or there is no step to make.</exception>
    public static DriftReport Run(TrainingCase of, StepOf ours)
    {
        var (start, moved, ours32) = (of.Weights.To<double>(), Moved(of.Weights, of.Seed), of.Weights.Clone());
        var (report, batches) = (new List<DriftStep>(), of.Batches);
        var (isFinite, othersAre, isInRange, travels) = (true, true, true, new List<double>());
        var rates = new TrainingRates(of);
        using var followers = Followers.Of(of.Weights, moved, of.Optimizer, of.BatchSize, of.Schedule is not null);
        foreach (var rows in batches)
        {
            var loss = ours(of.Examples, rows, rates.Ours, ours32);
            var followed = followers.Step(of.Examples, rows, rates.Expected);
            var travelled = Distance(followed.Reference, start);
            double? Drift(Weights<float>? weights) => weights is null ? null
                : Distance(weights.To<double>(), followed.Reference) is var distance && distance == 0 ? 0 : distance / travelled;
            report.Add(new(report.Count + 1, Drift(ours32)!.Value, Drift(followed.Theirs), loss, followed.TheirLoss)
            {
                TwoThreadsDrift = Drift(followed.TwoThreads),
                MovedDrift = Drift(followed.Moved),
            });
            rates.Finish(loss);
            travels.Add(travelled);
            isFinite &= Followed.Finite(ours32);
            othersAre &= followed.IsFinite;
            isInRange &= !followed.Reference.Values.ContainsAnyExceptInRange(-float.MaxValue, float.MaxValue);
        }

        Limit(report, new double[report.Count]);
        DriftReport Judged(Verdict verdict, string reason)
            => new(of.Name, report, report[^1].Limit, verdict) { Reason = reason, TorchMissing = followers.TorchMissing };
        if (!isInRange || !othersAre)
        {
            return Judged(Verdict.Undecided, "The weights leave the range of float, and not in ours alone.");
        }

        if (!isFinite)
        {
            return Judged(Verdict.OursWorse, "Our weights leave the range of float, and nobody else's do.");
        }

        if (report.All(s => s.OursDrift <= s.Limit && s.Limit < Nothing))
        {
            return Judged(Verdict.Agrees, "Ours drifts no farther than four times the largest drift of the others so far.");
        }

        Limit(report, Explained(of, travels));
        return report.Any(s => !(s.OursDrift <= s.Limit) && s.Limit < Nothing)
                ? Judged(Verdict.OursWorse, "Ours drifts farther than the others, and than roundings of the single steps are estimated to add up to.")
            : report.All(s => s.Limit < Nothing)
                ? Judged(Verdict.Agrees, "Ours drifts farther than the others, but no farther than roundings of the single steps are estimated to add up to.")
            : Judged(Verdict.Undecided, "Rounding makes the others drift as far as weights that never move, or a unit is at a kink: nothing can be told.");
    }

    /// <summary>Sets every step's limit: four times the largest yardstick so far, and what is explained so far.</summary>
    private static void Limit(List<DriftStep> steps, double[] explained)
    {
        var (yardstick, more) = (0.0, 0.0);
        for (var i = 0; i < steps.Count; i++)
        {
            (yardstick, more) = (Math.Max(yardstick, steps[i].Yardstick), Math.Max(more, explained[i]));
            steps[i] = steps[i] with { Limit = Allowance * yardstick + more };
        }
    }

    /// <summary>Audits an engine that may have a defect.</summary>
    internal static DriftReport Run(TrainingCase of, StepMaker maker)
    {
        using var step = maker.Of(of.Weights, of.BatchSize);
        return Run(of, (table, rows, rate, after) =>
        {
            step.LearningRate = maker.RateOf(of, rate);
            var loss = step.Run(table, rows);
            step.CopyWeightsTo(after);
            return loss;
        });
    }

    /// <summary>
    /// After each step, what roundings of the single steps so far add up to at most, relative to the distance travelled; infinite once a unit
    /// is within rounding of a kink.
    /// </summary>
    private static double[] Explained(TrainingCase of, IReadOnlyList<double> travelled)
    {
        var rates = new TrainingRates(of);
        var masks = new TorchRandom(GradientAudit.MaskSeed);
        using var reference = new StepMaker(of.Optimizer, null).Of(of.Weights.To<double>(), of.BatchSize, masks);
        var (table, weights, sum) = (of.Examples.To<double>(), of.Weights.To<double>(), 0.0);
        var explained = new double[travelled.Count];
        Array.Fill(explained, double.PositiveInfinity);
        foreach (var (i, rows) in of.Batches.Index())
        {
            reference.CopyWeightsTo(weights);
            var bounds = StepJudge.NetworkOf(weights, of.Gather(rows).To<double>(), TorchRandom.FromState(masks.SaveState()));
            if (KinkFinder.In(bounds.Run, bounds.Loss).Any(kink => kink.IsOpen))
            {
                break;
            }

            sum += new UpdateBounds(bounds, weights, reference.CopyMemory(), new(of.Optimizer, i + 1, rates.Expected, rates.Error), Bounds.Bounded.Float).Reach;
            explained[i] = sum / travelled[i];
            reference.LearningRate = rates.Expected;
            rates.Finish(reference.Run(table, rows));
        }

        return explained;
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
