using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Interop.Tests.Torch;
using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Training;
using Loss = Backprop.Formulas.Loss;

namespace Backprop.Interop.Tests.Audit;

/// <summary>Every row of every catalogue is audited and holds, and the audit would tell if one did not.</summary>
[Collection(TorchCollection.Name)]
public sealed class CatalogueAuditTests
{
    private static readonly Dictionary<string, IReadOnlyList<Finding>> Known = [];

    private static AuditedActivation Tanh => new(Activation.Parse("tanh"));

    public static TheoryData<string> Areas => [.. CatalogueAudit.Areas];

    [Theory, MemberData(nameof(Areas))]
    public void EveryRowHolds(string area)
    {
        var findings = Findings(area);
        Assert.NotEmpty(findings);
        Assert.All(findings, f => Assert.Equal(area, f.Area));
        var against = findings.Where(f => f.Verdict.IsAgainstUs).ToList();
        Assert.True(against.Count == 0, string.Join(Environment.NewLine, against));
    }

    [Fact]
    public void EveryRowIsThere()
    {
        IEnumerable<string> Subjects(string area) => Findings(area).Select(f => f.Subject);
        Assert.Empty(Activation.All.Select(f => f.Name).Except(Subjects("activation")));
        Assert.Empty(Loss.All.Select(loss => loss.Name).Except(Subjects("loss")));
        Assert.Empty(Optimizer.All.Select(o => o.Name).Except(Subjects("optimizer").Select(s => s.Split(' ')[0])));
        Assert.Empty(Initializer.All.Select(i => $"{i}").Except(Subjects("initializer")));
        Assert.Empty(Schedule.All.Select(s => $"{s}").Except(Subjects("schedule")));
    }

    [Fact]
    public void EveryLayerHasANetwork()
    {
        // What an operation of one's own is, no list can say.
        var layers = typeof(Layer).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Layer)) && !type.IsAbstract && type != typeof(Custom));
        var missing = layers.Where(layer => !NetworkRows.Layers
            .Any(pair => pair.Layer == layer.Name && pair.Network.Signals.Any(signal => signal.Layer?.GetType() == layer)));
        Assert.True(!missing.Any(),
            $"Add to {nameof(NetworkRows)}.{nameof(NetworkRows.Layers)}: {string.Join(", ", missing.Select(
                layer => $"(nameof({layer.Name}), Model.Of(X.{layer.Name}().Linear(3), Head.Multiclass))"))}");
    }

    [Fact]
    public void WrongScoringAndStatisticsAreFound()
    {
        static Model With(BatchNorm norm) => Model.Of(Signal.Features(7).Linear(20).Through(norm).Linear(3), Head.Multiclass);
        IEnumerable<string> Against(BatchNorm wrong)
            => ScoringRows.Run("norm", With(wrong), With(new())).Where(f => f.Verdict.IsAgainstUs).Select(f => f.Check);
        Assert.Empty(Against(new()));
        Assert.Equal(["scores in float", "scores in double"], Against(new() { Epsilon = 1e-3 }));
        Assert.Equal(["statistics after a step in float", "statistics after a step in double"], Against(new() { Momentum = 0.1001 }));
    }

    [Fact]
    public void WrongActivationsAreFound()
    {
        // The rule is wrong in every precision, the value in none.
        Assert.Equal(
            [("slope in float", Verdict.OursWorse), ("slope in double", Verdict.OursWorse), ("rule and autograd beside dual numbers", Verdict.OursWorse)],
            FormulaAudit.Run(new AuditedActivation(Activation.Of(new Steep())), Tanh).Where(f => f.Verdict.IsAgainstUs).Select(f => (f.Check, f.Verdict)));
        Assert.All(FormulaAudit.Run(new AuditedActivation(Activation.Of(new Almost())), Tanh), f => Assert.Equal(Verdict.OursWorse, f.Verdict));
    }

    [Fact]
    public void NumbersThatAllLieAtABranchAreUndecided()
        => Assert.Equal(
            Verdict.Undecided, new ReferenceCheck([1], [2], [3], [double.PositiveInfinity], _ => "x = 1").Judge("activation", "tanh", "value").Verdict);

    [Fact]
    public void CountingRowsAuditsNone()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.All(CatalogueAudit.Areas, area => Assert.True(CatalogueAudit.RowsOf(area) > 0, area));
        // Any one row's numbers take more than this.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000_000);
    }

    [Fact]
    public void AFormulaThatIsRightByItselfMustBePyTorchs()
    {
        static Finding Judge(double theirs)
            => new ReferenceCheck([1], [theirs], [1], [1e-9], _ => "x = 1") { Sameness = _ => 1e-6 }.Judge("activation", "tanh", "value");
        Assert.Equal((Verdict.Agrees, Verdict.TheirsWorse), (Judge(1).Verdict, Judge(1 + 1e-7).Verdict));
        Assert.Equal(Verdict.OursWorse, Judge(1.00001).Verdict);
        Assert.StartsWith("not PyTorch's function: x = 1: ours 1", Judge(1.00001).Where, StringComparison.Ordinal);
    }

    [Fact]
    public void WrongHyperParametersAreFound()
    {
        void Found(Optimizer wrong, Optimizer meant) => Assert.All(OptimizerAudit.Run(wrong, meant), f => Assert.Equal(Verdict.OursWorse, f.Verdict));
        Found(new Adam { Beta2 = 0.9991 }, new Adam());
        Found(new Adam { Epsilon = 1.1e-8 }, new Adam());
        Found(new Adam { WeightDecay = 0.02, DecoupledWeightDecay = true }, new Adam { WeightDecay = 0.02 });
        Found(new Sgd { Momentum = 0.9 }, new Sgd { Momentum = 0.9, Nesterov = true });
        Found(new RmsProp { LearningRate = 0.010001 }, new RmsProp());
    }

    /// <summary>Every option around an optimizer is seen: an engine that is told nothing of it is found.</summary>
    [Fact]
    public void OptionsLeftOutAreFound()
    {
        var mlp = Mlp.Parse("9-10-3", Activation.Parse("tanh"), Head.Multiclass);
        var (weights, batch) = (Initializers.Default<float>(mlp, 2), RandomBatch.Of(mlp, 12, 3));
        var rows = UpdateAudit.Catalogue.Where(of => of.Options != new UpdateOptions() && of.Options.ClipNorm is not > 100).ToList();
        Assert.True(rows.Count > 8);
        foreach (var of in rows)
        {
            // An update of as many batches, or the loops' steps would not be the engine's.
            var without = new UpdateOptions { AccumulatedBatches = of.Options.AccumulatedBatches };
            var finding = UpdateAudit.Run(weights, batch, 4, of, of.Options == without ? new() { AccumulatedBatches = 2 } : without);
            Assert.True(finding.Verdict == Verdict.OursWorse, finding.ToString());
        }
    }

    [Fact]
    public void WrongSchedulesAndInitialValuesAreFound()
    {
        Assert.All(ScheduleAudit.Run(new CosineRate { Period = 41 }, new CosineRate()), f => Assert.Equal(Verdict.OursWorse, f.Verdict));
        Assert.All(
            ScheduleAudit.Run(new PlateauRate { Patience = 1, Factor = 0.5 }, new PlateauRate { Patience = 2, Factor = 0.5 }),
            f => Assert.Equal(Verdict.OursWorse, f.Verdict));
        Assert.All(InitializerAudit.Run(new XavierUniform { Gain = 1.05 }, new XavierUniform()), f => Assert.Equal(Verdict.OursWorse, f.Verdict));
        Assert.All(InitializerAudit.Run(new KaimingNormal { Fan = Fan.Out }, new KaimingNormal()), f => Assert.Equal(Verdict.OursWorse, f.Verdict));
    }

    /// <summary>The rule of a plateau, epoch by epoch, by hand: what shares no code with the schedule decides where there is no libtorch.</summary>
    [Theory]
    [InlineData(1, 0, 0, new[] { 1, 1, 1, 0.5, 0.5, 0.5 }, new[] { 8, 8, 4, 4, 4, 2.0 })]
    // A loss that is none is not better; a rest of two epochs after a fall.
    [InlineData(0, 2, 0, new[] { 1, double.NaN, 1, 1, 1, 1 }, new[] { 8, 4, 4, 4, 2, 2.0 })]
    // Not below 3.
    [InlineData(0, 0, 3, new[] { 1, 1, 1, 1.0 }, new[] { 8, 4, 3, 3.0 })]
    public void APlateausRuleIsThatOfPyTorchsManual(int patience, int cooldown, double least, double[] losses, double[] rates)
    {
        var plateau = new PlateauRate { Factor = 0.5, Patience = patience, Cooldown = cooldown, LeastRate = least };
        Assert.Equal(rates, losses.Select((_, epoch) => ScheduleFormulas.Rate(plateau, 8, losses[..(epoch + 1)])));
    }

    [Fact]
    public void AnUnknownAreaIsAnError()
    {
        var error = Assert.Throws<ArgumentException>(() => CatalogueAudit.Run(["activations"]));
        Assert.StartsWith("There is no area 'activations'. Choose of: activation, loss, ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ItCanBeStopped()
        => Assert.Throws<OperationCanceledException>(() => CatalogueAudit.Run(cancellation: new(canceled: true)));

    /// <summary>An area's findings, made once.</summary>
    private static IReadOnlyList<Finding> Findings(string area)
        => Known.TryGetValue(area, out var found) ? found : Known[area] = CatalogueAudit.Run([area]);

    /// <summary>tanh 1.00001 x, with its derivative.</summary>
    private readonly record struct Almost : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.Tanh(1.00001 * x);

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => 1.00001 * (1 - y * y);
    }
}
