using System.Runtime.InteropServices;
using System.Text.Json;
using Backprop.Audit;
using Backprop.Cli.Report;
using Backprop.Formulas;
using Backprop.Interop.Tests.Torch;
using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Training;

namespace Backprop.Interop.Tests.Audit;

/// <summary>Random networks agree, can be run again from a line of text, and become small where something fails.</summary>
[Collection(TorchCollection.Name)]
public sealed class SweepTests
{
    private const int Many = 2_000;

    [Fact]
    public void ACaseIsItsText()
    {
        for (var number = 0; number < Many; number++)
        {
            var one = NetworkCases.Of(3, number);
            var again = NetworkCase.Parse(one.ToString());
            Assert.Equal(one.ToString(), again.ToString());
            Assert.Equal(one, again);
        }
    }

    [Fact]
    public void EveryLayerActivationAndHeadOccurs()
    {
        var models = Enumerable.Range(0, Many).Select(number => NetworkCases.Of(4, number).ToModel()).ToList();
        var used = models.SelectMany(model => model.Signals).Select(signal => signal.Layer).OfType<Layer>().ToList();
        // An operation of one's own has no counterpart in PyTorch.
        var layers = typeof(Layer).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Layer)) && !type.IsAbstract && type != typeof(Custom));
        Assert.Empty(layers.Except(used.Select(layer => layer.GetType())).Select(type => type.Name));
        Assert.Empty(Activation.All.Except(used.OfType<Activate>().Select(layer => layer.Function)));
        Assert.Empty(Head.All.Select(head => head.Name).Except(models.SelectMany(model => model.HeadOutputs).Select(output => output.Head.Name)));
        Assert.Contains(models, model => model.HeadOutputs.Count > 1);
    }

    [Fact]
    public void SizesAndExtremesReachTheirBounds()
    {
        var cases = Enumerable.Range(0, Many).Select(number => NetworkCases.Of(5, number)).ToList();
        Assert.InRange(cases.Max(one => one.Rows), 450, 500);
        Assert.InRange(cases.Max(one => one.Features), 270, 300);
        Assert.InRange(cases.Max(one => one.Layers.Where(layer => layer.Kind == LayerKind.Linear).Max(layer => (int?)layer.Numbers[0]) ?? 0), 250, 300);
        Assert.All([cases.Min(one => one.WeightScale), cases.Min(one => one.FeatureScale)], least => Assert.InRange(least, 1e-3, 1.5e-3));
        Assert.All([cases.Max(one => one.WeightScale), cases.Max(one => one.FeatureScale)], most => Assert.InRange(most, 7e2, 1e3));
        string[] extremes = ["weightscale", "featurescale", "constant", "duplicates", "dead", "saturated", "density"];
        Assert.Equal(extremes.Order(), cases.SelectMany(one => one.Extremes).Distinct().Order());
        Assert.Contains(cases, one => one.ToModel() is var model && one.ToBatch(model).SparseFeatures is not null);
    }

    [Fact]
    public void TheBatchIsAsTheCaseSays()
    {
        var one = NetworkCase.Parse(
            "rows=30 features=12 seed=8 featurescale=100 constant=2 duplicates=10 dead=50 density=20 weighted linear:9 -> multiclass:3");
        var model = one.ToModel();
        var batch = one.ToBatch(model);
        var rows = new float[30][];
        for (var row = 0; row < rows.Length; row++)
        {
            batch.CopyFeaturesTo(row, rows[row] = new float[12]);
        }

        Assert.NotNull(batch.SparseFeatures);
        Assert.All([0, 1], column => Assert.Single(rows.Select(row => row[column]).Distinct()));
        Assert.InRange(rows.Max(row => row.Max()), 50, 100);
        Assert.All(rows[20..], row => Assert.Contains(rows[..20], other => other.SequenceEqual(row)));
        Assert.InRange(rows.Sum(row => row[2..].Count(x => x != 0)) / 300.0, 0.1, 0.3);
        Assert.Equal(30, batch.Weights!.Distinct().Count());
        Assert.InRange(one.ToWeights(model)["0.bias"].ToArray().Count(bias => bias < -19), 1, 8);
    }

    [Theory]
    [InlineData("", "has no head")]
    [InlineData("rows=3 linear:4", "has no head")]
    [InlineData("rows=0 -> binary:1", "rows of a network is '0', not a whole number from 1")]
    [InlineData("rows=3 seed=1 linear:4 -> binary:1", "does not say its features. Begin it as in 'rows=12 features=4 seed=17")]
    [InlineData("rows=3 features=2 -> binary:1", "does not say its seed")]
    [InlineData("row=3 -> binary:1", "'row=3' is no option of a network")]
    [InlineData("linaer:4 -> binary:1", "'linaer:4' is neither a layer nor an activation")]
    [InlineData("linear -> binary:1", "'linear' is not a layer as linear:units")]
    [InlineData("linear:0 -> binary:1", "'linear:0' is not a layer as linear:units")]
    [InlineData("residual:4 -> binary:1", "'residual:4' is not a layer as residual:units:activation")]
    [InlineData("-> binary", "'binary' is no head")]
    [InlineData("-> binary:2", "A binary network has 1 output, not 2")]
    [InlineData("-> nothing:2", "There is no task 'nothing'")]
    public void ATextThatIsNoCaseIsRefused(string text, string message)
        => Assert.Contains(message, Assert.Throws<ArgumentException>(() => NetworkCase.Parse(text)).Message, StringComparison.Ordinal);

    /// <summary>The sample that every change is held to, of a seed that no limit was set on: no verdict but agreement, or with a stated reason.</summary>
    [Fact]
    public void AFixedSampleAgrees()
    {
        const int Sample = 250;
        var report = Sweep.Run(new() { Seed = 6, Cases = Sample });
        Assert.True(report.Agrees, string.Join('\n', report.Failures));
        Assert.Equal(Sample, report.Cases);
        // The rest is off within its bound, or the stated reason.
        Assert.True(report.Tensors[Verdict.Agrees] > 0.95 * report.Tensors.Values.Sum(), string.Join(", ", report.Tensors));
        Assert.True(report.GeometricMean <= 1, $"our error is {report.GeometricMean} of libtorch's");
        Assert.InRange(report.BeyondRange, 0, Sample / 20);
    }

    [Fact]
    public void ASweepInPartsIsTheWholeSweep()
    {
        var begun = new List<long>();
        SweepOptions Part(int first, int cases) => new() { Seed = 9, First = first, Cases = cases, Audit = Pretend, Begin = (number, _) => begun.Add(number) };
        var whole = Sweep.Run(Part(0, 60));
        var parts = Sweep.Run(Part(40, 20)).And(Sweep.Run(Part(0, 25)).And(Sweep.Run(Part(25, 15))));
        Assert.Equal(Enumerable.Range(0, 60).Select(i => (long)i), begun.Take(60));
        string Text(SweepReport report) => JsonSerializer.Serialize(Rounded(report) with { Seconds = 0 }, AuditJson.Options);
        Assert.Equal(Text(whole), Text(parts));
        Assert.Equal(60, whole.Cases);
        Assert.Equal(Text(whole), Text(JsonSerializer.Deserialize<SweepReport>(JsonSerializer.Serialize(whole, AuditJson.Options), AuditJson.Options)!));
    }

    [Fact]
    public void ACancelledSweepReportsWhatItRan()
    {
        using var cancel = new CancellationTokenSource();
        var report = Sweep.Run(new() { Audit = Pretend, Progress = soFar => cancel.CancelAfterCases(soFar, 3) }, cancel.Token);
        Assert.Equal(3, report.Cases);
    }

    [Fact]
    public void AnErrorIsAFailureAndEndsNothing()
    {
        var report = Sweep.Run(new() { Cases = 5, Audit = one => one.Rows > 2 ? throw new InvalidOperationException("broken") : Pretend(one) });
        Assert.Equal(5, report.Cases);
        var failure = report.Failures[0];
        Assert.Equal(("InvalidOperationException", "broken"), (failure.Kind, failure.Where));
        Assert.StartsWith("rows=3 features=1 ", failure.Smallest, StringComparison.Ordinal);
        Assert.EndsWith(" -> regression:1", failure.Smallest, StringComparison.Ordinal);
        Assert.Equal($"backprop audit --case \"{failure.Smallest}\"", failure.Command);
    }

    [Fact]
    public void ACaseThatFailsOnceIsNoFailure()
    {
        var report = Sweep.Run(new() { Cases = 1, Audit = Once(_ => throw new ExternalException("libtorch's")) });
        Assert.Equal((1, 1, 0), (report.Cases, report.Repeated, report.Failures.Count));
        Assert.Contains("; 1 failed at first and not when run again", SweepSection.Summary(report), StringComparison.Ordinal);

        // Ours has the same bits, theirs has not.
        report = Sweep.Run(new() { Cases = 1, Audit = Once(one => Judged(one, Verdict.TheirsWorse) with { TorchLoss = 2 }) });
        Assert.Equal((1, 1, 0), (report.Cases, report.Repeated, report.Failures.Count));
    }

    /// <summary>A race of the engine's own, or an error that is not libtorch's, is not taken for libtorch's.</summary>
    [Fact]
    public void ACaseThatFailsOnceByOursIsAFailure()
    {
        foreach (var first in new Func<NetworkCase, GradientReport>[]
        {
            _ => throw new InvalidOperationException("once"),
            one => Judged(one, Verdict.OursWorse) with { OursBits = 1 },
            one => Judged(one, Verdict.TheirsWorse) with { OursBits = 1 },
        })
        {
            var report = Sweep.Run(new() { Cases = 1, Audit = Once(first) });
            Assert.Equal(("other bits when run again", 0), (Assert.Single(report.Failures).Kind, report.Repeated));
        }
    }

    /// <summary>What the bits are told apart by.</summary>
    [Fact]
    public void RunsWithOtherBitsOfOursAreToldApart()
    {
        var one = NetworkCase.Parse("rows=5 features=3 seed=4 linear:4 tanh -> regression:2");
        var (sound, again) = (Damaged(one, _ => { }), Damaged(one, _ => { }));
        var other = Damaged(one, gradients => gradients[gradients.Tensors[0]][0] = MathF.BitIncrement(gradients[gradients.Tensors[0]][0]));
        Assert.Equal(sound.OursBits, again.OursBits);
        Assert.NotEqual(sound.OursBits, other.OursBits);
    }

    [Fact]
    public void ALossThatIsNoNumberIsAFailureUnlessNumbersOverflow()
    {
        SweepReport Of(double loss, bool overflows)
            => Sweep.Run(new() { Cases = 1, Audit = one => Pretend(one) with { ReferenceLoss = loss, Overflows = overflows } });
        Assert.Equal("no number", Assert.Single(Of(double.NaN, false).Failures).Kind);
        Assert.All([Of(double.NaN, true), Of(double.PositiveInfinity, true), Of(1e39, true)], report
            => Assert.Equal((1, 0), (report.BeyondRange, report.Failures.Count)));
        Assert.StartsWith("∞ − ∞", Assert.Single(Of(double.NaN, true).Explained).Key, StringComparison.Ordinal);
        Assert.Empty(Of(double.PositiveInfinity, true).Explained);
    }

    /// <summary>The gradient of silu with one sign wrong: 1 row, 1 feature, 1 unit and silu are enough to see it.</summary>
    [Theory]
    [InlineData("silu", "rows=1 features=1 seed=4 linear:1 silu -> regression:1")]
    [InlineData("tanh", "rows=1 features=1 seed=4 linear:1 tanh -> regression:1")]
    public void ABrokenActivationShrinksToItself(string activation, string smallest)
    {
        var one = NetworkCase.Parse(
            $"rows=50 features=20 seed=4 weightscale=2 constant=3 weighted linear:30 {activation} "
                + $"linear:40 {activation} linear:7 {activation} -> multiclass(smoothing=0.1):5");
        var report = Sweep.Run(one, 0, smaller => Broken(smaller, activation));
        var failure = Assert.Single(report.Failures);
        Assert.Equal("ours worse", failure.Kind);
        Assert.Equal(smallest, failure.Smallest);
    }

    /// <summary>A defect in the bias of every layer but the first needs two, of which the first may have none.</summary>
    [Fact]
    public void ABrokenSecondLayerShrinksToTwoLayers()
    {
        var one = NetworkCase.Parse("rows=50 features=20 seed=4 linear:30 tanh linear:40 tanh -> multiclass:5");
        var report = Sweep.Run(one, 0, smaller => Damaged(smaller, gradients =>
        {
            foreach (var tensor in gradients.Tensors.Where(tensor => tensor.Name is not "0.bias" && tensor.Name.EndsWith(".bias", StringComparison.Ordinal)))
            {
                gradients[tensor][0] *= 1.001f;
            }
        }));
        Assert.Equal("rows=1 features=1 seed=4 tanh -> regression:1", Assert.Single(report.Failures).Smallest);
    }

    private static GradientReport Broken(NetworkCase one, string activation) => Damaged(one, gradients =>
    {
        var broken = one.ToModel().Signals.FirstOrDefault(signal => signal.Layer is Activate activate && activate.Function.Name == activation);
        if (broken?.Inputs[0].Layer is Linear)
        {
            gradients[gradients.Model.NamedLayers.First(named => named.First.Layer is Linear linear && linear.Units == broken.Width).Name + ".weight"][0] *= -1;
        }
    });

    /// <summary>An audit of the engine, to whose gradients something is done.</summary>
    private static GradientReport Damaged(NetworkCase one, Action<Weights<float>> damage)
    {
        var model = one.ToModel();
        var batch = one.ToBatch(model);
        using var single = new GradientPass<float>(model, batch.Rows, new() { Threads = 1 });
        using var precise = new GradientPass<double>(model, batch.Rows, new() { Threads = 1 });
        return GradientAudit.Run(one.ToWeights(model), batch, (weights, examples, rows, gradients, logits) =>
        {
            var loss = single.Run(weights, examples, rows, gradients, logits);
            damage(gradients);
            return loss;
        }, precise.Run);
    }

    /// <summary>An audit that is another at first.</summary>
    private static Func<NetworkCase, GradientReport> Once(Func<NetworkCase, GradientReport> first)
    {
        var done = false;
        return one => !done && (done = true) ? first(one) : Pretend(one);
    }

    private static GradientReport Judged(NetworkCase one, Verdict verdict)
    {
        var report = Pretend(one);
        return report with { Tensors = [.. report.Tensors.Select(tensor => tensor with { Verdict = verdict })] };
    }

    /// <summary>A report whose numbers come of the case's text.</summary>
    private static GradientReport Pretend(NetworkCase one)
    {
        var random = new Random(one.ToString().Sum(letter => letter));
        TensorAgreement Tensor(string name)
            => new(name, 2, 3, 1e-8 * (1 + random.NextDouble()), 1e-8 * (1 + random.NextDouble()), 1e-6, 0, 0, 1, 1, 1, random.NextDouble(), Verdict.Agrees);
        return new(one.ToString(), one.Rows, 1, 1, 1, [Tensor("loss"), Tensor("logits"), Tensor("0.weight")], []);
    }

    /// <summary>Sums in another order have other last bits.</summary>
    private static SweepReport Rounded(SweepReport report) => report with
    {
        Groups = report.Groups.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .ToDictionary(pair => pair.Key, pair => pair.Value with { LogRatio = Math.Round(pair.Value.LogRatio, 6) }),
    };
}

/// <summary>Ends a sweep from its own progress.</summary>
file static class Cancelling
{
    public static void CancelAfterCases(this CancellationTokenSource cancel, SweepReport soFar, int cases)
    {
        if (soFar.Cases == cases)
        {
            cancel.Cancel();
        }
    }
}
