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

    public static TheoryData<int> Scheduled => [.. Enumerable.Range(0, All.Count).Where(i => All[i].Schedule is not null)];

    private static IReadOnlyList<TrainingCase> All { get; } = [.. TrainingRows.All];

    [Theory, MemberData(nameof(Optimizers))]
    public void EveryOptimizerAgrees(int optimizer)
    {
        var one = OptimizerAudit.Catalogue.ElementAt(optimizer);
        foreach (var head in new[] { "multiclass", "quantile(0.1,0.5,0.9)" })
        {
            var report = Agrees(StepAudit.Run(Trainings.Of(head, one) with { Steps = 8 }, OneThread));
            Assert.Equal(report.TorchMissing is null, report.Steps.Any(step => step.Tensor.WorstTorch is not null));
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
    public void EveryScheduleDrivesSteps(int training)
    {
        var of = All[training];
        Agrees(StepAudit.Run(of, OneThread));
        var rates = new TrainingRates(of);
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
        var judge = JudgeOf(of);
        StepNumbers Single(double rate) => Made<float>(of, of.Optimizer with { LearningRate = rate });
        StepNumbers Precise(double rate) => Made<double>(of, of.Optimizer with { LearningRate = rate });
        Assert.Equal(Verdict.Agrees, judge.Of(Single(1), Precise(1), null, null).Verdict);
        Assert.Equal(Verdict.OursWorse, judge.Of(Single(1.00001), Precise(1), null, null).Verdict);
        Assert.Equal(Verdict.TheirsWorse, judge.Of(Single(1), Precise(1), Single(1.00001), Precise(1)).Verdict);
        Assert.Equal(Verdict.TheirsWorse, judge.Of(Single(1), Precise(1), Single(1), Precise(1.00001)).Verdict);
        Assert.Equal(Verdict.ReferenceDoubtful, judge.Of(Single(1.1), Precise(1.1), Single(1.1), Precise(1.1)).Verdict);
    }

    /// <summary>A weight beyond float's range of sums excuses a number that has become none, not one that is off.</summary>
    [Fact]
    public void ALargeWeightExcusesNoOther()
    {
        var model = new Mlp([2, 2], Activation.Of(new Relu()), Head.Multiclass);
        var of = Trainings.Of(model, new Sgd { LearningRate = 1 }, 1);
        of.Weights.Values.Clear();
        of.Weights["0.weight"][0] = 1e33f;
        for (var row = 0; row < Trainings.Rows; row++)
        {
            of.Examples.Features[2 * row] = 0;
        }

        Agrees(StepAudit.Run(of, OneThread));
        var wrong = new StepMaker(new Sgd { LearningRate = 1.00001 }, OneThread);
        Assert.Equal(Verdict.OursWorse, StepAudit.Run(of, wrong, null, true).Verdict);
        var judge = JudgeOf(of);
        var (right, off) = (Made<double>(of, new Sgd { LearningRate = 1 }), Made<float>(of, new Sgd { LearningRate = 1.00001 }));
        Assert.Equal(Verdict.OursWorse, judge.Of(off, right, null, null).Verdict);
        var none = Made<float>(of, new Sgd { LearningRate = 1 });
        none.Weights["0.weight"][1] = double.PositiveInfinity;
        Assert.Equal(Verdict.Undecided, judge.Of(none, right, null, null).Verdict);
    }

    /// <summary>What libtorch's optimizer remembers is judged as its weights are.</summary>
    [Fact]
    public void WhatTheirsRemembersIsJudged()
    {
        var of = Trainings.Of("multiclass", new Adam());
        var judge = JudgeOf(of);
        var (single, precise) = (Made<float>(of, of.Optimizer), Made<double>(of, of.Optimizer));
        Assert.Equal(Verdict.Agrees, judge.Of(single, precise, single, precise).Verdict);
        foreach (var remembered in new[] { 0, 1 })
        {
            var wrong = Made<float>(of, of.Optimizer);
            wrong.Memory[remembered]["0.bias"][3] *= 1.0001;
            var step = judge.Of(single, precise, wrong, precise);
            Assert.Equal((Verdict.TheirsWorse, $"0.bias, remembered {remembered + 1}", 3), (step.Verdict, step.Tensor.Name, step.Tensor.TorchWorst!.Column));
        }
    }

    /// <summary>libtorch's side of the audit hands its memory over.</summary>
    [Fact]
    public void TheirMemoryIsLookedAt()
    {
        var of = Trainings.Of("multiclass", new Adam());
        using var theirs = new Backprop.Torch.TorchModel<float>(of.Weights, of.Optimizer);
        theirs.Step(of.Examples, of.Batches.First());
        var memory = theirs.CopyMemory();
        Assert.Equal(2, memory.Count);
        Assert.All(memory, one => Assert.True(one.Values.ContainsAnyExcept(0f)));
        using var none = new Backprop.Torch.TorchModel<float>(of.Weights, new Adagrad { InitialAccumulator = 0.1 });
        none.Step(of.Examples, of.Batches.First());
        Assert.Empty(none.CopyMemory());
    }

    /// <summary>Where libtorch differs in double, a second text of the formulas decides, as it does of gradients.</summary>
    [Fact]
    public void AFormulaThatIsWrongInEveryPrecisionIsOurs()
    {
        static TrainingCase With(Activation activation) => Trainings.Of(
            Model.Of(Signal.Features(5).Linear(9).Apply(activation).Linear(2), Head.Regression), new Sgd(), 1);
        var (ours, theirs) = (With(Activation.Of(new Silu())), With(Activation.Of(new Formulas.Silu())));
        var step = JudgeOf(ours).Of(Made<float>(ours, new Sgd()), Made<double>(ours, new Sgd()), Made<float>(theirs, new Sgd()),
            Made<double>(theirs, new Sgd()));
        Assert.Equal(Verdict.OursWorse, step.Verdict);
        Assert.Contains("silu(", step.Where, StringComparison.Ordinal);
    }

    [Fact]
    public void ANetworkThatLearnsNothingIsRefused()
    {
        var of = Trainings.Of(Model.Of(Signal.Features(2), Head.Regression), new Sgd(), 2);
        Assert.Contains("no parameter", Assert.Throws<ArgumentException>(() => StepAudit.Run(of, OneThread)).Message, StringComparison.Ordinal);
    }

    /// <summary>Where the numbers leave float's range nobody is worse.</summary>
    [Fact]
    public void OverflowDecidesNothing()
    {
        var report = StepAudit.Run(Trainings.Of("regression", new Sgd { LearningRate = 1e20 }), OneThread);
        Assert.Equal(Verdict.Undecided, report.Verdict);
        Assert.Contains("leave the range", report.Worst.Tensor.Reference, StringComparison.Ordinal);
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

    private static StepJudge JudgeOf(TrainingCase of)
    {
        Weights<double>[] memory = [new(of.Weights.Model), new(of.Weights.Model), new(of.Weights.Model)];
        return new(
            of.Weights.To<double>(), memory, of.Gather(of.Batches.First()).To<double>(), new(1),
            new(of.Optimizer, 1, of.Optimizer.LearningRate, 0), new(() => StepJudge.Contradiction(of.Weights.Model, of.Optimizer)));
    }

    /// <summary>A first step.</summary>
    private static StepNumbers Made<T>(TrainingCase of, Optimizer optimizer) where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        using var step = new StepMaker(optimizer, OneThread).Of(of.Weights.To<T>(), of.BatchSize);
        var weights = of.Weights.To<T>();
        var loss = step.Run(of.Examples.To<T>(), of.Batches.First());
        step.CopyWeightsTo(weights);
        return StepNumbers.Of(loss, weights, step.CopyMemory());
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

    /// <summary>Named as the catalogue's, and off by a thousandth, value and derivative alike.</summary>
    private readonly record struct Silu : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => 1.001 * default(Formulas.Silu).Forward(x);

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => 1.001 * default(Formulas.Silu).Derivative(x, default(Formulas.Silu).Forward(x));
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
