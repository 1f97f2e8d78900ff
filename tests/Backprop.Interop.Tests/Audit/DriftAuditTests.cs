using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Interop.Tests.Torch;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Interop.Tests.Audit;

/// <summary>Training parts from PyTorch no faster than PyTorch's float32 from its float64, and the audit would tell if it did.</summary>
[Collection(TorchCollection.Name)]
public sealed class DriftAuditTests
{
    private const int Rows = 64, BatchSize = 16, Steps = 20;

    /// <summary>A training step with a mistake in its hyper-parameters.</summary>
    public static TheoryData<string> Mistakes =>
        ["the rate 1 % too large", "no momentum", "ε a thousand times as large", "β₂ of 0.99", "one row of the batch left out"];

    public static IEnumerable<object[]> Runs
        => from optimizer in Enumerable.Range(0, Optimizer.All.Count) from head in Head.All select new object[] { optimizer, head.ToString() };

    [Theory]
    [MemberData(nameof(Runs))]
    public void TheEngineAgrees(int optimizer, string head)
    {
        var (weights, examples) = Task(head);
        var report = DriftAudit.Run(weights, examples, BatchSize, OptimizerAudit.Comparable(Optimizer.All[optimizer]), Steps, 3);
        Assert.Equal(Enumerable.Range(1, Steps), report.Steps.Select(s => s.Step));
        Assert.True(report.Verdict == Verdict.Agrees, $"{Optimizer.All[optimizer]} {head}, limit {report.Limit}: {string.Join("; ", report.Steps)}");
    }

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void EveryMistakeIsCaught(string mistake)
    {
        var (sgd, adam) = (new Sgd { Momentum = 0.9 }, new Adam());
        var (right, wrong) = ((Optimizer)adam, (Optimizer)adam);
        switch (mistake)
        {
            case "the rate 1 % too large": wrong = adam with { LearningRate = 1.01 * adam.LearningRate }; break;
            case "no momentum": (right, wrong) = (sgd, new Sgd()); break;
            case "ε a thousand times as large": wrong = adam with { Epsilon = 1e-5 }; break;
            case "β₂ of 0.99": wrong = adam with { Beta2 = 0.99 }; break;
        }

        var (weights, examples) = Task("multiclass");
        using var step = new TrainingStep<float>(weights, wrong, BatchSize);
        var report = DriftAudit.Run(weights, examples, BatchSize, right, Steps, 3, (table, rows, after) =>
        {
            var loss = step.Run(table, wrong == right ? rows[1..] : rows);
            step.CopyWeightsTo(after);
            return loss;
        });
        Assert.True(report.Verdict == Verdict.OursWorse, $"{mistake} goes unseen, limit {report.Limit}: {string.Join("; ", report.Steps)}");
    }

    [Fact]
    public void TooFewRowsAreAnError()
    {
        var (weights, examples) = Task("binary");
        var error = Assert.Throws<ArgumentException>(() => DriftAudit.Run(weights, examples, Rows + 1, new Sgd(), Steps, 3));
        Assert.Contains("batches of 65 rows cannot be made of 64 rows", error.Message, StringComparison.Ordinal);
    }

    private static (Weights<float> Weights, Examples<float> Examples) Task(string head)
    {
        var mlp = new Mlp([10, 24, 16, Outputs.Of(Head.Parse(head), 4)], Activation.Of(new Relu()), Head.Parse(head));
        return (Initializers.Default<float>(mlp, 1), RandomBatch.Of(mlp, Rows, 2));
    }
}
