using Backprop.Audit;
using Backprop.Audit.Mutations;
using Backprop.Formulas;
using Backprop.Interop.Tests.Torch;
using Backprop.Models;
using Backprop.Training;
using LayerNetworks = Backprop.Tests.Models.Networks;

namespace Backprop.Interop.Tests.Audit;

/// <summary>The engine agrees with PyTorch, and the audit would tell if it did not.</summary>
[Collection(TorchCollection.Name)]
public sealed class GradientAuditTests
{
    /// <summary>Every pair at sizes with an activation, and every head without.</summary>
    public static IEnumerable<object[]> Networks
        => from pair in Pairs.All
           from sizes in pair.Activation.Name == "relu" ? ["1-1", .. Sizes] : Sizes
           select new object[] { pair.Head.ToString(), pair.Activation.Name, sizes };

    private static string[] Sizes => ["4-16-3", "20-40-40-40-5", "64-128-64-10"];

    /// <summary>Heads with options.</summary>
    public static TheoryData<string> Options =>
    [
        "multiclass(smoothing=0.1,weights=1 2 0.5,ignore=1)", "multiclass(weights=3 1 2)", "multiclass(smoothing=0.2,weights=1 2 3,probabilities)",
        "multiclass(ignore=-100,sum)", "binary(positive=3)", "regression(huber(0.5))", "regression(absoluteerror)", "regression(smoothl1(0.5),sum)",
        "poisson(full)", "quantile(0.05,0.5,0.9)", "gaussian(sum)",
    ];

    public static IEnumerable<object[]> DefectsAndHeads
        => from defect in PassDamage.All from head in Head.All select new object[] { defect.Name, head.ToString() };

    public static TheoryData<string> Defects => [.. PassDamage.All.Select(d => d.Name)];

    [Theory]
    [MemberData(nameof(Networks))]
    public void TheEngineAgrees(string head, string activation, string sizes)
    {
        var (weights, batch) = Task(head, activation, sizes, 32);
        var report = GradientAudit.Run(weights, batch);
        Assert.Equal(["loss", "logits", .. weights.Tensors.Select(t => t.Name)], report.Tensors.Select(t => t.Name));
        Assert.All(report.Tensors, t => Assert.True(t.Verdict != Verdict.OursWorse, $"{head} {activation} {sizes}: {t}"));
    }

    /// <summary>Every kind of layer, of several heads too, with example weights and dropout.</summary>
    [Theory]
    [MemberData(nameof(LayerNetworks.Names), MemberType = typeof(LayerNetworks))]
    public void TheEngineAgreesOnEveryLayer(string layers)
    {
        var model = LayerNetworks.All[layers];
        var table = LayerNetworks.Table(model, 41).To<float>();
        var report = GradientAudit.Run(Initializers.Default<float>(model, 3), table);
        Assert.All(report.Tensors, t => Assert.True(t.Verdict == Verdict.Agrees && t.DifferenceShare is null or <= 1,
            $"{t}; {string.Join(' ', report.Kinks)}"));
        Assert.Equal(model.Parameters, report.Tensors.Skip(2).Sum(t => (long)t.Rows * t.Columns));
        // TorchSharp's batch normalisation has no mean over all batches.
        Assert.Equal(layers == "cumulative", report.TorchMissing is not null);
    }

    [Fact]
    public void TheEngineAgreesOnWeightedExamples()
    {
        var (weights, batch) = Task("multiclass", "silu", "4-16-3", 6);
        var report = GradientAudit.Run(weights, new(6, batch.Features, batch.Targets, [1, 2, 0.5f, 1.25f, 3, 1]));
        Assert.All(report.Tensors, t => Assert.True(t.Verdict == Verdict.Agrees, t.ToString()));
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void TheEngineAgreesWithEveryOption(string head)
    {
        var (weights, batch) = Task(head, "tanh", "6-20-3", 40);
        var exampleWeights = new float[40];
        new TorchRandom(1).FillUniform<float>(exampleWeights, 0.5, 2);
        foreach (var examples in new[] { batch, new(40, batch.Features, batch.Targets, exampleWeights) })
        {
            var report = GradientAudit.Run(weights, examples);
            Assert.All(report.Tensors, t => Assert.True(t.Verdict == Verdict.Agrees, $"{head}: {t}"));
        }
    }

    /// <summary>1 + 2⁻³⁰ is 1 in float32, where the absolute error's slope at the target 1 is 0, and more in float64, where it is 1.</summary>
    [Fact]
    public void TheSideOfAnOutputAtTheKinkOfItsLossIsFound()
    {
        var weights = new Weights<float>(new Mlp([2, 1], Activation.Of(new Relu()),
            Head.Regression with { OutputLoss = Formulas.Loss.Of(new AbsoluteError()) }));
        weights["0.weight"].Fill(1);
        var report = GradientAudit.Run(weights, new(1, [1, 1f / (1 << 30)], [1]));
        Assert.Matches("^Row 0, unit 0 of output: .* ours is on the kink, libtorch is on the kink", Assert.Single(report.Kinks));
        Assert.All(report.Tensors, t => Assert.True(t.Verdict == Verdict.Agrees, t.ToString()));
    }

    [Fact]
    public void TheEngineAgreesOnSparseFeatures()
    {
        // Row r has the columns r, r + 7 and r + 200: libtorch gets them written out.
        var (weights, batch) = Task("multiclass", "silu", "300-40-3", 40);
        int[] starts = [.. Enumerable.Range(0, 41).Select(row => 3 * row)];
        int[] columns = [.. Enumerable.Range(0, 40).SelectMany(row => new[] { row, row + 7, row + 200 })];
        var sparse = new SparseMatrix<float>(40, 300, starts, columns, batch.Features[..120]);
        var report = GradientAudit.Run(weights, new Examples<float>(sparse, batch.Targets));
        Assert.All(report.Tensors, t => Assert.True(t.Verdict == Verdict.Agrees, t.ToString()));
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void PlainLoopsAgree(string head, string activation, string sizes)
    {
        var (weights, batch) = Task(head, activation, sizes, 32);
        var report = GradientAudit.Run(weights, batch, Textbook<float>.Run, Textbook<double>.Run);
        Assert.All(report.Tensors, t => Assert.True(t.Verdict != Verdict.OursWorse, $"{head} {activation} {sizes}: {t}"));
    }

    [Theory]
    [MemberData(nameof(DefectsAndHeads))]
    public void EveryDefectIsCaught(string defect, string head) => IsCaught(defect, head, "12-16-16-5", 24);

    [Theory]
    [MemberData(nameof(Defects))]
    public void EveryDefectIsCaughtInAWideNetwork(string defect) => IsCaught(defect, "multiclass", "784-256-256-10", 64);

    [Fact]
    public void AScaleOffByAMillionthIsCaught()
    {
        var (weights, batch) = Task("multiclass", "relu", "784-256-128-10", 64);
        using var single = new GradientPass<float>(weights.Model, 64);
        using var precise = new GradientPass<double>(weights.Model, 64);
        var report = GradientAudit.Run(weights, batch, new PassDamage("all scaled by 1 + 1e-6", (_, _, _, _, gradients) =>
        {
            foreach (ref var number in gradients.Values)
            {
                number *= 1 + 1e-6f;
            }
        }).In(single.Run), precise.Run);
        Assert.False(report.NothingAgainstUs, string.Join("; ", report.Tensors));
    }

    /// <summary>Smoothing labels by 1e-5 takes as much away from softmax − 1.</summary>
    [Fact]
    public void ASoftmaxOffByAHundredThousandthIsCaught()
    {
        var (weights, batch) = Task("multiclass", "relu", "784-256-128-10", 64);
        var smooth = new Mlp([784, 256, 128, 10], Activation.Of(new Relu()), Head.Multiclass with { LabelSmoothing = 1e-5 });
        using var single = new GradientPass<float>(smooth, 64);
        using var precise = new GradientPass<double>(weights.Model, 64);
        var report = GradientAudit.Run(weights, batch, single.Run, precise.Run);
        Assert.False(report.NothingAgainstUs, string.Join("; ", report.Tensors));
    }

    [Fact]
    public void ADefectInDoubleAloneIsCaught()
    {
        var (weights, batch) = Task("multiclass", "tanh", "4-16-3", 16);
        var report = GradientAudit.Run(weights, batch, Textbook<float>.Run, (w, e, rows, gradients, logits) =>
        {
            var loss = Textbook<double>.Run(w, e, rows, gradients, logits);
            gradients["0.weight"][5] *= 1 + 1e-11;
            return loss;
        });
        Assert.Equal("0.weight", Assert.Single(report.Tensors, t => t.Verdict == Verdict.OursWorse).Name);
    }

    [Fact]
    public void NumbersThatAreNoneAreCaught()
    {
        var (weights, batch) = Task("regression", "relu", "4-16-3", 16);
        var report = GradientAudit.Run(weights, batch, (w, e, rows, gradients, logits) =>
        {
            var loss = Textbook<float>.Run(w, e, rows, gradients, logits);
            gradients["2.weight"][7] = float.NaN;
            return loss;
        }, Textbook<double>.Run);
        var tensor = Assert.Single(report.Tensors, t => t.Verdict == Verdict.OursWorse);
        Assert.Equal(("2.weight", 0, 7), (tensor.Name, tensor.WorstRow, tensor.WorstColumn));
    }

    /// <summary>1 + 2⁻³⁰ − 1 is 0 in float32, where ReLU's derivative is 0, and 2⁻³⁰ in float64, where it is 1.</summary>
    [Fact]
    public void TheSideOfAUnitAtItsKinkIsFound()
    {
        var weights = new Weights<float>(new Mlp([3, 1, 1], Activation.Of(new Relu()), Head.Regression));
        weights["0.weight"].Fill(1);
        weights["2.weight"].Fill(1);
        var report = GradientAudit.Run(weights, new(1, [1, 1f / (1 << 30), -1], [-1]));

        Assert.Matches(@"^Row 0, unit 0 of layer 0 \(linear 1\): .* ours is on the other side, libtorch is on the other side", Assert.Single(report.Kinks));
        Assert.All(report.Tensors, t => Assert.True(t.Verdict == Verdict.Agrees, t.ToString()));
    }

    private static void IsCaught(string name, string head, string sizes, int rows)
    {
        var defect = Assert.Single(PassDamage.All, d => d.Name == name);
        var (weights, batch) = Task(head, "relu", sizes, rows);
        using var single = new GradientPass<float>(weights.Model, rows);
        using var precise = new GradientPass<double>(weights.Model, rows);
        var sound = GradientAudit.Run(weights, batch, single.Run, precise.Run);
        Assert.True(sound.NothingAgainstUs, $"the sound engine fails: {sound.Tensors.FirstOrDefault(t => t.Verdict == Verdict.OursWorse)}");

        var broken = GradientAudit.Run(weights, batch, defect.In(single.Run), precise.Run);
        Assert.False(broken.NothingAgainstUs, $"{name} in {head} {sizes} goes unseen: {string.Join("; ", broken.Tensors)}");
    }

    private static (Weights<float> Weights, Examples<float> Batch) Task(string head, string activation, string sizes, int rows)
    {
        int[] numbers = [.. sizes.Split('-').Select(int.Parse)];
        numbers[^1] = Outputs.Of(Head.Parse(head), numbers[^1]);
        var mlp = new Mlp(numbers, Activation.Parse(activation), Head.Parse(head));
        return (Initializers.Default<float>(mlp, 5), RandomBatch.Of(mlp, rows, 6));
    }
}
