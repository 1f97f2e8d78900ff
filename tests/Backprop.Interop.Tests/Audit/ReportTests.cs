using System.Text.Json;
using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Interop.Tests.Torch;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Interop.Tests.Audit;

/// <summary>Reports hold together and keep their names in JSON.</summary>
[Collection(TorchCollection.Name)]
public sealed class ReportTests
{
    private static readonly Mlp Network = new([4, 16, 3], Activation.Of(new Relu()), Head.Multiclass);

    [Fact]
    public void TimingComparesWhatItMeasured()
    {
        var (weights, batch) = (Initializers.Default<float>(Network, 1), RandomBatch.Of(Network, 16, 2));
        var report = StepTiming.Measure(weights, batch, 16, new Adam(), 2, new EngineOptions { Threads = 1 });

        Assert.Equal(("4-16-3", 16, "adam", 1, 2), (report.Network, report.Batch, report.Optimizer, report.EngineThreads, report.Rounds));
        Assert.Equal(report.TorchOneThreadMicroseconds / report.EngineMicroseconds, report.RatioOneThread);
        Assert.Equal(report.TorchBestMicroseconds / report.EngineMicroseconds, report.RatioBest);
        Assert.True(report.EngineMicroseconds > 0 && report.TorchBestMicroseconds <= report.TorchOneThreadMicroseconds);
        Assert.Contains(report.TorchBestThreads, new[] { 1, Environment.ProcessorCount });
    }

    [Fact]
    public void JsonNamesAreStable()
    {
        var tensor = new TensorAgreement("0.weight", 16, 4, 1e-7, 2e-7, 8e-7, 3, 1, 0.5, 0.25, double.NaN, 0.1, Verdict.Undecided);
        var report = new GradientReport("4-16-3", 16, 1, 2, 3, [tensor], ["a kink"]);
        var step = new StepAgreement(1, tensor with { TorchError = null });
        var drift = new DriftReport("adam", [new(1, 1e-6, 2e-6, 0.5, 0.5)], 1e-3, Verdict.Agrees);
        var timing = new TimingReport("4-16-3", 16, "adam", 10, 1, 300, 290, 2, 30, 29, 0.1, 7);
        using var json = JsonDocument.Parse(JsonSerializer.Serialize(new { report, step, drift, timing }, AuditJson.Options));
        var root = json.RootElement;

        Assert.Equal(
            ["network", "batch", "oursLoss", "torchLoss", "referenceLoss", "tensors", "kinks", "torchMissing", "nothingAgainstUs"],
            Names(root.GetProperty("report")));
        Assert.Equal(
            ["name", "rows", "columns", "oursError", "torchError", "limit", "worstRow", "worstColumn", "worstOurs", "worstTorch", "worstReference",
                "worstShare", "verdict", "doubleError", "doubleShare", "isSampled", "worstBound", "torchWorst", "torchLimit", "torchShare", "torchDoubleError",
                "torchDoubleShare", "differenceShare", "reference", "reason", "spread"],
            Names(root.GetProperty("report").GetProperty("tensors")[0]));
        Assert.Equal("undecided", root.GetProperty("report").GetProperty("tensors")[0].GetProperty("verdict").GetString());
        Assert.Equal("NaN", root.GetProperty("report").GetProperty("tensors")[0].GetProperty("worstReference").GetString());
        Assert.Equal(["step", "tensor", "verdict"], Names(root.GetProperty("step")));
        // What is absent is null, not NaN.
        Assert.Equal(JsonValueKind.Null, root.GetProperty("step").GetProperty("tensor").GetProperty("torchError").ValueKind);
        Assert.Equal(["optimizer", "steps", "limit", "verdict", "torchMissing", "reason", "oursLargest", "torchLargest"], Names(root.GetProperty("drift")));
        Assert.Equal(
            ["step", "oursDrift", "torchDrift", "oursLoss", "torchLoss", "twoThreadsDrift", "movedDrift", "limit", "yardstick"],
            Names(root.GetProperty("drift").GetProperty("steps")[0]));
        Assert.Equal(
            ["network", "batch", "optimizer", "engineMicroseconds", "engineThreads", "torchOneThreadMicroseconds", "torchBestMicroseconds",
                "torchBestThreads", "ratioOneThread", "ratioBest", "spread", "rounds"],
            Names(root.GetProperty("timing")));
    }

    [Fact]
    public void AVerdictsWordsAreThoseOfItsJson()
        => Assert.All(Enum.GetValues<Verdict>(), verdict => Assert.Equal($"\"{verdict.Words}\"", JsonSerializer.Serialize(verdict, AuditJson.Options)));

    /// <summary>What is last is worst: reports show the largest verdict.</summary>
    [Fact]
    public void VerdictsAreInOrderOfSeverity()
        => Assert.Equal(
            ["agrees", "theirs worse", "undecided", "reference doubtful", "ours worse"], Enum.GetValues<Verdict>().Order().Select(verdict => verdict.Words));

    [Fact]
    public void RandomBatchesDependOnTheSeedAlone()
    {
        foreach (var head in Head.All)
        {
            var mlp = new Mlp([3, Outputs.Of(head, 5)], Activation.Of(new Relu()), head);
            var (one, same, other) = (RandomBatch.Of(mlp, 40, 1), RandomBatch.Of(mlp, 40, 1), RandomBatch.Of(mlp, 40, 2));
            Assert.Equal(one.Features, same.Features);
            Assert.Equal(one.Targets, same.Targets);
            Assert.NotEqual(one.Features, other.Features);
            Assert.NotEqual(one.Targets, other.Targets);
            Assert.Equal(head switch { BinaryHead => 2, MulticlassHead or PoissonHead => 5, _ => one.Targets.Length }, one.Targets.Distinct().Count());
        }
    }

    private static string[] Names(JsonElement of) => [.. of.EnumerateObject().Select(p => p.Name)];
}
