using Backprop.Formulas;
using Backprop.Models;
using Backprop.Torch;
using Backprop.Training;

namespace Backprop.Audit;

/// <summary>Where a training's witnesses are after a step.</summary>
/// <param name="Reference">In float64.</param>
/// <param name="Theirs">libtorch's float32 on one thread; null where it cannot follow.</param>
/// <param name="TwoThreads">The same on two.</param>
/// <param name="Moved">Of weights that were moved by one unit in the last place at first.</param>
/// <param name="TheirLoss">libtorch's loss in float32; null where it cannot follow.</param>
internal sealed record Followed(Weights<double> Reference, Weights<float>? Theirs, Weights<float>? TwoThreads, Weights<float> Moved, double? TheirLoss)
{
    /// <summary>Whether everybody who follows in float still has numbers.</summary>
    public bool IsFinite => Finite(Theirs) && Finite(TwoThreads) && Finite(Moved);

    /// <summary>Whether all are numbers; nobody's are.</summary>
    public static bool Finite(Weights<float>? weights) => weights is null || !weights.Values.ContainsAnyExceptInRange(float.MinValue, float.MaxValue);
}

/// <summary>The witnesses of a training, that make the same steps.</summary>
internal abstract class Followers : IDisposable
{
    /// <summary>Products of smaller networks are not cut between libtorch's threads: their bits are the same on any number.</summary>
    private const long LeastForTwoThreads = 50_000;

    /// <summary>Why libtorch is no witness; null where it is.</summary>
    public string? TorchMissing { get; private init; }

    /// <summary>libtorch in both precisions; where it cannot be loaded, has no such optimizer or layer, or draws its own dropout masks, the engine.</summary>
    /// <param name="weights">The first weights.</param>
    /// <param name="moved">The same, moved by one unit in the last place.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="batchSize">Rows of a batch.</param>
    /// <param name="changesRate">Whether a schedule changes the learning rate.</param>
    public static Followers Of(Weights<float> weights, Weights<float> moved, Optimizer optimizer, int batchSize, bool changesRate)
    {
        var (theirs, missing) = TorchWitness.WhyNotTrained(weights.Model, optimizer, changesRate) is { } reason
            ? (null, reason)
            : TorchWitness.Ask(() => new OfTorch(weights, moved, optimizer));
        return theirs is not null ? theirs : new OfEngine(weights, moved, optimizer, batchSize) { TorchMissing = missing };
    }

    /// <summary>Everybody's step on those rows, at a learning rate.</summary>
    public abstract Followed Step(Examples<float> examples, int[] rows, double rate);

    /// <inheritdoc/>
    public abstract void Dispose();

    private sealed class OfTorch(Weights<float> weights, Weights<float> moved, Optimizer optimizer) : Followers
    {
        private readonly TorchModel<double> reference = new(weights.To<double>(), optimizer);
        private readonly TorchModel<float> theirs = new(weights, optimizer);
        private readonly TorchModel<float>? twoThreads = weights.Model.Parameters < LeastForTwoThreads ? null : new(weights, optimizer);
        private readonly TorchModel<float> movedTheirs = new(moved, optimizer);

        public override Followed Step(Examples<float> examples, int[] rows, double rate)
        {
            reference.SetLearningRate(rate);
            foreach (var model in new[] { theirs, movedTheirs, twoThreads })
            {
                model?.SetLearningRate(rate);
            }

            using var one = new TorchThreads(1);
            reference.Step(examples.To<double>(), rows);
            var loss = theirs.Step(examples, rows);
            movedTheirs.Step(examples, rows);
            if (twoThreads is not null)
            {
                using var two = new TorchThreads(2);
                twoThreads.Step(examples, rows);
            }

            var wide = weights.To<double>();
            reference.CopyTo(wide);
            return new(wide, Copy(theirs), twoThreads is null ? null : Copy(twoThreads), Copy(movedTheirs), loss);
        }

        public override void Dispose()
        {
            reference.Dispose();
            theirs.Dispose();
            twoThreads?.Dispose();
            movedTheirs.Dispose();
        }

        private Weights<float> Copy(TorchModel<float> from)
        {
            var copy = weights.Clone();
            from.CopyTo(copy);
            return copy;
        }
    }

    private sealed class OfEngine(Weights<float> weights, Weights<float> moved, Optimizer optimizer, int batchSize) : Followers
    {
        private readonly TrainingStep<double> reference = new(weights.To<double>(), optimizer, batchSize, random: new(GradientAudit.MaskSeed));
        private readonly TrainingStep<float> movedOurs = new(moved, optimizer, batchSize, random: new(GradientAudit.MaskSeed));

        public override Followed Step(Examples<float> examples, int[] rows, double rate)
        {
            reference.LearningRate = movedOurs.LearningRate = rate;
            reference.Run(examples.To<double>(), rows);
            movedOurs.Run(examples, rows);
            var (wide, copy) = (weights.To<double>(), weights.Clone());
            reference.CopyWeightsTo(wide);
            movedOurs.CopyWeightsTo(copy);
            return new(wide, null, null, copy, null);
        }

        public override void Dispose()
        {
            reference.Dispose();
            movedOurs.Dispose();
        }
    }
}
