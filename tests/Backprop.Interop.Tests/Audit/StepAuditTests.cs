using Backprop.Audit;
using Backprop.Audit.Bounds;
using Backprop.Audit.Mutations;
using Backprop.Formulas;
using Backprop.Interop.Tests.Torch;
using Backprop.Models;
using Backprop.Planning;
using Backprop.Training;

namespace Backprop.Interop.Tests.Audit;

/// <summary>Each step of training, from the same weights and memory, is within what rounding explains of it; and a mistake of 10⁻⁵ is not.</summary>
[Collection(TorchCollection.Name)]
public sealed class StepAuditTests
{
    private static readonly EngineOptions OneThread = new() { Threads = 1 };

    public static TheoryData<int> Optimizers => [.. Enumerable.Range(0, OptimizerAudit.Catalogue.Count())];

    public static TheoryData<int> Layers => [.. Enumerable.Range(0, NetworkRows.Layers.Count)];

    public static TheoryData<string> Heads => [.. NetworkRows.Heads];

    public static TheoryData<int> Scheduled => [.. Enumerable.Range(0, Trajectories.Count).Where(i => Trajectories[i].Schedule is not null)];

    private static IReadOnlyList<TrainingCase> Trajectories { get; } = [.. TrajectoryRows.All];

    [Theory, MemberData(nameof(Optimizers))]
    public void EveryOptimizerAgrees(int optimizer)
    {
        var one = OptimizerAudit.Catalogue.ElementAt(optimizer);
        foreach (var head in new[] { "multiclass", "quantile(0.1,0.5,0.9)" })
        {
            var report = Agrees(StepAudit.Run(Trainings.Of(head, one) with { Steps = 8 }, OneThread));
            Assert.Equal(report.TorchMissing is null, report.Steps.Any(step => !double.IsNaN(step.Torch)));
        }
    }

    [Theory, MemberData(nameof(Layers))]
    public void EveryLayerAgrees(int layer)
    {
        Agrees(StepAudit.Run(Trainings.Of(NetworkRows.Layers[layer].Network, new Adam(), 5), OneThread));
    }

    [Theory, MemberData(nameof(Heads))]
    public void EveryHeadAgrees(string head) => Agrees(StepAudit.Run(Trainings.Of(NetworkRows.Of(head), new Sgd { Momentum = 0.9 }, 5), OneThread));

    /// <summary>A schedule's rates change, its steps agree, and a rate that is off by 10⁻⁵ does not.</summary>
    [Theory, MemberData(nameof(Scheduled))]
    public void EveryScheduleDrivesSteps(int trajectory)
    {
        var of = Trajectories[trajectory];
        Agrees(StepAudit.Run(of, OneThread));
        using var rates = new TrainingRates(of);
        HashSet<double> seen = [];
        for (var step = 0; step < of.Steps; step++)
        {
            seen.Add(rates.Expected);
            rates.Finish(1);
        }

        Assert.True(seen.Count > 1, $"{of.Schedule} never changes the rate.");
        var wrong = of with { Schedule = new Other((rate, t, total) => 1.00001 * rate) };
        Assert.Equal(Verdict.OursWorse, StepAudit.Run(wrong, new StepMaker(of.Optimizer, OneThread), of.Schedule, true).Verdict);
    }

    [Theory]
    [InlineData("the rate off by 10⁻⁵")]
    [InlineData("betas swapped")]
    [InlineData("a stale moment")]
    [InlineData("the moment of the step before")]
    [InlineData("ε ten times as large")]
    [InlineData("a step counted late")]
    public void EveryMistakeIsFound(string mistake)
    {
        var right = new Adam();
        Optimizer wrong = mistake switch
        {
            "the rate off by 10⁻⁵" => right with { LearningRate = 1.00001 * right.LearningRate },
            "betas swapped" => right with { Beta1 = right.Beta2, Beta2 = right.Beta1 },
            "a stale moment" => new Mistaken<Stale>((t, rate) => new(right.At(t, rate))) { LearningRate = right.LearningRate },
            "the moment of the step before" => new Mistaken<Late>((t, rate) => new(right.At(t, rate))) { LearningRate = right.LearningRate },
            "ε ten times as large" => right with { Epsilon = 10 * right.Epsilon },
            _ => new Mistaken<Adam.Update>((t, rate) => right.At(t < 5 ? t : t - 1, rate)) { LearningRate = right.LearningRate },
        };
        foreach (var withTorch in new[] { true, false })
        {
            var of = Trainings.Of("multiclass", right);
            Agrees(StepAudit.Run(of, new StepMaker(right, OneThread), null, withTorch));
            var report = StepAudit.Run(of, new StepMaker(wrong, OneThread), null, withTorch);
            Assert.True(report.Verdict == Verdict.OursWorse, $"{mistake} goes unseen: {report.Worst}");
            Assert.Equal(mistake == "a step counted late" ? 5 : 1, report.Steps.First(step => step.Verdict.IsAgainstUs).Step);
        }
    }

    /// <summary>In float alone: the audit in double sees nothing, the bounds in float do.</summary>
    [Fact]
    public void AMistakeInFloatAloneIsFound()
    {
        // Weights that begin at 0 have no rounding of their own in the way.
        var model = new Mlp([10, 4], Activation.Of(new Relu()), Head.Multiclass);
        var of = Trainings.Of(model, new Sgd { LearningRate = 1 }, 1);
        of.Weights.Values.Clear();
        Agrees(StepAudit.Run(of, OneThread));
        var (before, after) = (of.Weights.To<double>(), of.Weights.Clone());
        Weights<double>[] memory = [new(model), new(model), new(model)];
        var judge = new StepJudge(before, memory, of.Gather(of.Batches.First()).To<double>(), new(1), new(of.Optimizer, 1, 1, 0));
        StepNumbers Made<T>(double by) where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
        {
            using var step = new StepMaker(of.Optimizer with { LearningRate = by }, OneThread).Of(of.Weights.To<T>(), of.BatchSize);
            var weights = of.Weights.To<T>();
            var loss = step.Run(of.Examples.To<T>(), of.Batches.First());
            step.CopyWeightsTo(weights);
            return StepNumbers.Of<T>(loss, weights, null);
        }

        Assert.Equal(Verdict.Agrees, judge.Of(Made<float>(1), Made<double>(1), null, null).Verdict);
        Assert.Equal(Verdict.OursWorse, judge.Of(Made<float>(1.00001), Made<double>(1), null, null).Verdict);
        Assert.Equal(Verdict.TheirsWorse, judge.Of(Made<float>(1), Made<double>(1), Made<float>(1.00001), Made<double>(1)).Verdict);
        Assert.Equal(Verdict.TheirsWorse, judge.Of(Made<float>(1), Made<double>(1), Made<float>(1), Made<double>(1.00001)).Verdict);
        Assert.Equal(Verdict.ReferenceDoubtful, judge.Of(Made<float>(1.1), Made<double>(1.1), Made<float>(1.1), Made<double>(1.1)).Verdict);
    }

    /// <summary>Where the numbers leave float's range nobody is worse.</summary>
    [Fact]
    public void OverflowDecidesNothing()
    {
        var report = StepAudit.Run(Trainings.Of("regression", new Sgd { LearningRate = 1e20 }), OneThread);
        Assert.Equal(Verdict.Undecided, report.Verdict);
        Assert.Contains("leave the range", report.Worst.Reason, StringComparison.Ordinal);
        Assert.Equal(Verdict.Agrees, report.Steps[0].Verdict);
    }

    /// <summary>Of a large network some steps are looked at, the last among them.</summary>
    [Fact]
    public void ALargeNetworksStepsAreLookedAtHereAndThere()
    {
        var model = Mlp.Parse("300-300-300-10", Activation.Of(new Relu()), Head.Multiclass);
        var of = Trainings.Of(model, new Sgd(), 20) with { BatchSize = 64 };
        var report = Agrees(StepAudit.Run(of, OneThread));
        Assert.Equal(20, report.Made);
        Assert.InRange(report.Steps.Count, 1, 4);
        Assert.Equal(20, report.Steps[^1].Step);
    }

    /// <summary>A gradient within rounding of 0 may move Adam's weight either way: its bound is a step or two, that of its neighbours is not.</summary>
    [Fact]
    public void GradientsWithinRoundingOf0MayGoEitherWay()
    {
        var model = new Mlp([4, 2], Activation.Of(new Relu()), Head.Multiclass);
        var examples = RandomBatch.Of(model, 8, 2);
        // Two rows of opposite features and the same target: the column's gradient cancels where logits are equal.
        for (var row = 0; row < 8; row++)
        {
            examples.Features[row * 4] = row % 2 == 0 ? 0.3f : -0.3f;
            examples.Targets[row] = 0;
        }

        var weights = new Weights<float>(model);
        Weights<double>[] memory = [new(model), new(model), new(model)];
        var network = new NetworkBounds(weights.To<double>(), examples.To<double>());
        var bounds = new UpdateBounds(network, weights.To<double>(), memory, new(new Adam { LearningRate = 0.1 }, 1, 0.1, 0), Bounded.Float);
        var after = bounds.Tensors.Single(tensor => tensor.Name == "0.weight");
        Assert.InRange(Bounded.Float * after.Errors[0], 0.09, 0.21);
        Assert.InRange(Bounded.Float * after.Errors[1], 0, 1e-6);
    }

    private static StepReport Agrees(StepReport report)
    {
        Assert.NotEmpty(report.Steps);
        Assert.True(report.Verdict == Verdict.Agrees, $"{report.Optimizer}: {report.Worst}");
        return report;
    }

    /// <summary>Another rate.</summary>
    private sealed record Other(Func<double, long, long, double> Of) : Schedule
    {
        public override double Rate(double rate, long t, long total) => Of(rate, t, total);
    }

    /// <summary>Adam whose first moment is never kept.</summary>
    private readonly record struct Stale(Adam.Update Of) : IUpdate
    {
        public static int States => 2;

        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        {
            var before = first;
            Of.Apply(gradient, ref weight, ref first, ref second, ref third);
            first = before;
        }
    }

    /// <summary>Adam whose weights move by the moments of the step before.</summary>
    private readonly record struct Late(Adam.Update Of) : IUpdate
    {
        public static int States => 2;

        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        {
            weight -= Of.Rate * first / (TX.Sqrt(second) * Of.Correction + Of.Epsilon);
            var still = weight;
            Of.Apply(gradient, ref weight, ref first, ref second, ref third);
            weight = still;
        }
    }
}
