using System.Numerics;
using Backprop.Models;
using Backprop.Planning;
using Backprop.Torch;
using Backprop.Training;

namespace Backprop.Audit;

/// <summary>Judges the engine's training step by step: each from the same weights, and the same memory of the optimizer, in every library.</summary>
/// <remarks>
/// The engine trains as it does. Before each step the engine in double and libtorch in float and in double take over its weights and what
/// its optimizer remembers; after it, weights, memory and gathered statistics are held to plain loops in double and the optimizer's
/// formula there, by what rounding explains of this one step. So errors never add up, and no chaos excuses any. libtorch's memory is held to
/// them too, as far as it keeps the same numbers.
/// </remarks>
public static class StepAudit
{
    // A bounded product takes some ten nanoseconds: half a second in all.
    private const long MostProducts = 1 << 24;

    /// <summary>Audits the engine: every step, or, of a large network, as many as take about half a second, evenly, the last among them.</summary>
    /// <param name="of">The training.</param>
    /// <param name="engine">Threads and vector width.</param>
    /// <exception cref="ArgumentException">The table has fewer rows than a batch, does not fit the network or memory, or there is no step to make.</exception>
    public static StepReport Run(TrainingCase of, EngineOptions? engine = null) => Run(of, new StepMaker(of.Optimizer, engine), null, withTorch: true);

    /// <summary>Audits an engine that is meant to train as the case says, such as a broken one to see the audit fail.</summary>
    /// <param name="of">The training; its schedule is the one that the engine has.</param>
    /// <param name="maker">The engine's steps.</param>
    /// <param name="meant">The schedule as it should be; null for the case's own.</param>
    /// <param name="withTorch">Whether libtorch is a witness.</param>
    internal static StepReport Run(TrainingCase of, StepMaker maker, Schedule? meant, bool withTorch)
    {
        var batches = of.Batches.ToArray();
        Preconditions.Require(of.Weights, of.Gather(batches[0]));
        var (single, precise) = (new TorchRandom(GradientAudit.MaskSeed), new TorchRandom(GradientAudit.MaskSeed));
        using var ours = maker.Of(of.Weights, of.BatchSize, single);
        using var ours64 = maker.Of(of.Weights.To<double>(), of.BatchSize, precise);
        var (theirs, theirs64, missing) = withTorch ? Torch(of) : (null, null, "libtorch was not asked.");
        using var first = theirs;
        using var second = theirs64;
        using var threads = theirs is null ? null : new TorchThreads(1); // what is audited is small
        var rates = new TrainingRates(of, meant);
        var doubt = new Lazy<FormulaDoubt?>(() => StepJudge.Contradiction(of.Weights.Model, of.Optimizer));
        var (wide, steps) = (of.Examples.To<double>(), new List<StepAgreement>());
        for (var step = 1; step <= of.Steps; step++)
        {
            var (rows, masks) = (batches[step - 1], TorchRandom.FromState(single.SaveState()));
            var (before, memory) = (After(ours, of.Weights), ours.CopyMemory());
            var (exact, exactMemory) = (before.To<double>(), memory.Select(one => one.To<double>()).ToArray());
            ours64.Load(exact, exactMemory);
            Load(theirs, before, memory, step, rates.Expected);
            Load(theirs64, exact, exactMemory, step, rates.Expected);
            ours.LearningRate = ours64.LearningRate = maker.RateOf(of, rates.Ours);
            var loss = ours.Run(of.Examples, rows);
            var (loss64, torchLoss, torchLoss64) = (ours64.Run(wide, rows), theirs?.Step(of.Examples, rows), theirs64?.Step(wide, rows));
            if (IsJudged(step, of))
            {
                var judge = new StepJudge(
                    exact, exactMemory, of.Gather(rows).To<double>(), masks, new(of.Optimizer, step, rates.Expected, rates.Error), doubt);
                steps.Add(judge.Of(
                    StepNumbers.Of(loss, After(ours, before), ours.CopyMemory()),
                    StepNumbers.Of(loss64, After(ours64, exact), ours64.CopyMemory()),
                    theirs is null ? null : StepNumbers.Of(torchLoss!.Value, After(theirs, before), theirs.CopyMemory()),
                    theirs64 is null ? null : StepNumbers.Of(torchLoss64!.Value, After(theirs64, exact), theirs64.CopyMemory())));
            }

            rates.Finish(loss);
        }

        return new(of.Name, steps) { TorchMissing = missing, Made = of.Steps };
    }

    /// <summary>Whether a step is looked at.</summary>
    private static bool IsJudged(int step, TrainingCase of)
    {
        var most = Math.Clamp(MostProducts / ((long)of.Weights.Model.Parameters * of.BatchSize), 1, of.Steps);
        return step * most / of.Steps > (step - 1) * most / of.Steps;
    }

    /// <summary>libtorch in both precisions; where it has no such optimizer or layer, or draws its own dropout masks, nobody.</summary>
    private static (TorchModel<float>? Single, TorchModel<double>? Precise, string? Missing) Torch(TrainingCase of)
    {
        if (TorchWitness.WhyNotTrained(of.Weights.Model, of.Optimizer, of.Schedule is not null) is { } reason)
        {
            return (null, null, reason);
        }

        var (models, missing) = TorchWitness.Ask(()
            => (new TorchModel<float>(of.Weights, of.Optimizer), new TorchModel<double>(of.Weights.To<double>(), of.Optimizer)));
        return (models.Item1, models.Item2, missing);
    }

    private static void Load<T>(TorchModel<T>? theirs, Weights<T> weights, IReadOnlyList<Weights<T>> memory, int step, double rate)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        theirs?.CopyFrom(weights);
        theirs?.SetLearningRate(rate);
        if (step > 1)
        {
            theirs?.CopyMemoryFrom(memory);
        }
    }

    private static Weights<T> After<T>(TrainingStep<T> step, Weights<T> like) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var weights = like.Clone();
        step.CopyWeightsTo(weights);
        return weights;
    }

    private static Weights<T> After<T>(TorchModel<T> theirs, Weights<T> like) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var weights = like.Clone();
        theirs.CopyTo(weights);
        return weights;
    }
}
