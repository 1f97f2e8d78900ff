using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Interop.Tests.Torch;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Interop.Tests.Audit;

/// <summary>Training parts from PyTorch no faster than PyTorch's float32 from its float64; the audit would tell if it did, and where it cannot.</summary>
[Collection(TorchCollection.Name)]
public sealed class DriftAuditTests
{
    /// <summary>A training step with a mistake in its hyper-parameters.</summary>
    public static TheoryData<string> Mistakes =>
        ["the rate 1 % too large", "no momentum", "ε a thousand times as large", "β₂ of 0.99", "one row of the batch left out"];

    public static IEnumerable<object[]> Runs
        => from optimizer in Enumerable.Range(0, Optimizer.All.Count) from head in Head.All select new object[] { optimizer, head.ToString() };

    [Theory]
    [MemberData(nameof(Runs))]
    public void TheEngineAgrees(int optimizer, string head)
    {
        var of = Trainings.Of(head, OptimizerAudit.Comparable(Optimizer.All[optimizer]));
        var report = DriftAudit.Run(of);
        Assert.Equal(Enumerable.Range(1, of.Steps), report.Steps.Select(s => s.Step));
        Assert.True(
            report.Verdict == Verdict.Agrees, $"{Optimizer.All[optimizer]} {head}, limit {report.Limit}, {report.Reason}: {string.Join("; ", report.Steps)}");
        Assert.True(report.Limit < 1, "A limit of 1 lets weights agree that never move.");
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

        var report = Run(Trainings.Of("multiclass", right), wrong, rows => wrong == right ? rows[1..] : rows);
        Assert.True(report.Verdict == Verdict.OursWorse, $"{mistake} goes unseen, limit {report.Limit}, {report.Reason}: {string.Join("; ", report.Steps)}");
    }

    [Fact]
    public void WeightsThatNeverMoveAreFound()
    {
        var of = Trainings.Of("multiclass", new Adam());
        Assert.Equal(Verdict.OursWorse, DriftAudit.Run(of, (_, _, _, _) => 0).Verdict);
    }

    /// <summary>Adam moves a weight whose gradient is within rounding of 0 a step in either direction: that explains a drift, but no larger one.</summary>
    [Fact]
    public void WhatRoundingExplainsOfAStepIsAllowed()
    {
        var model = new Mlp([20, 2], Activation.Of(new Relu()), Head.Multiclass);
        var of = Trainings.Of(model, new Adam { LearningRate = 0.1 }, 1);
        of.Weights.Values.Clear();
        for (var row = 0; row < Trainings.Rows; row++)
        {
            of.Examples.Targets[row] = 0;
            of.Examples.Features[row * 20] = 0;
        }

        var batch = of.Batches.First();
        foreach (var (i, row) in batch.Index())
        {
            // Three numbers that cancel but for rounding, of rows with equal slopes.
            of.Examples.Features[row * 20] = i switch { 0 => 0.1f, 1 => 0.2f, 2 => -0.1f - 0.2f, _ => 0 };
        }

        DriftReport Off(float by) => DriftAudit.Run(of, (table, rows, rate, after) =>
        {
            using var step = new TrainingStep<float>(of.Weights, of.Optimizer, of.BatchSize);
            var loss = step.Run(table, rows);
            step.CopyWeightsTo(after);
            after.Values[0] += by;
            return loss;
        });
        Assert.Equal(Verdict.Agrees, DriftAudit.Run(of).Verdict);
        Assert.Equal(Verdict.Agrees, Off(0.05f).Verdict);
        Assert.Contains("no farther than roundings of the single steps are estimated", Off(0.05f).Reason, StringComparison.Ordinal);
        Assert.Equal(Verdict.OursWorse, Off(1).Verdict);
    }

    /// <summary>What the others drift later excuses nothing before.</summary>
    [Fact]
    public void TheLimitOfAStepKnowsNoLaterOne()
    {
        DriftReport[] reports = [.. Optimizer.All.Select(optimizer => DriftAudit.Run(Trainings.Of("multiclass", OptimizerAudit.Comparable(optimizer))))];
        foreach (var report in reports.Where(report => report.Reason.StartsWith("Ours drifts no farther", StringComparison.Ordinal)))
        {
            var most = 0.0;
            Assert.All(report.Steps, step => Assert.Equal(4 * (most = Math.Max(most, step.Yardstick)), step.Limit));
            Assert.Equal(report.Steps[^1].Limit, report.Limit);
        }

        Assert.Contains(reports, report => report.Steps[0].Limit < report.Limit);
        Assert.Contains(reports, report => report.TorchMissing is null);
    }

    [Fact]
    public void WhereLibtorchCannotFollowTheReportSaysSo()
    {
        var dropout = Model.Of(Signal.Features(6).Linear(9).Apply(new Tanh()).Dropout(0.2).Linear(2), Head.Multiclass);
        Assert.Equal("libtorch draws other dropout masks.", DriftAudit.Run(Trainings.Of(dropout, new Sgd(), 3)).TorchMissing);
    }

    [Fact]
    public void ChaosDecidesNothing()
    {
        // The distance travelled is small beside an ulp of one weight: nobody's drift is a measure.
        var of = Trainings.Of("regression", new Sgd());
        of.Weights.Values[0] = 1e30f;
        of = of with { Optimizer = new Sgd { LearningRate = 1e-30 }, Steps = 3 };
        var report = DriftAudit.Run(of);
        Assert.True(report.Verdict == Verdict.Undecided, $"{report.Verdict}, limit {report.Limit}: {string.Join("; ", report.Steps)}");
        Assert.NotEmpty(report.Reason);
    }

    [Fact]
    public void OverflowInBothDecidesNothingAndInOursAloneEverything()
    {
        var of = Trainings.Of("regression", new Sgd { LearningRate = 1e20 });
        Assert.Equal(Verdict.Undecided, DriftAudit.Run(of).Verdict);
        var sound = Trainings.Of("regression", new Sgd());
        Assert.Equal(Verdict.OursWorse, Run(sound, new Sgd { LearningRate = 1e20 }, rows => rows).Verdict);
    }

    [Fact]
    public void TooFewRowsAreAnError()
    {
        var of = Trainings.Of("binary", new Sgd()) with { BatchSize = Trainings.Rows + 1 };
        const string Said = "batches of 65 rows cannot be made of 64 rows";
        Assert.Contains(Said, Assert.Throws<ArgumentException>(() => DriftAudit.Run(of)).Message, StringComparison.Ordinal);
        Assert.Contains(Said, Assert.Throws<ArgumentException>(() => StepAudit.Run(of)).Message, StringComparison.Ordinal);
    }

    private static DriftReport Run(TrainingCase of, Optimizer wrong, Func<int[], int[]> rowsOf)
    {
        using var step = new TrainingStep<float>(of.Weights, wrong, of.BatchSize);
        return DriftAudit.Run(of, (table, rows, _, after) =>
        {
            var loss = step.Run(table, rowsOf(rows.ToArray()));
            step.CopyWeightsTo(after);
            return loss;
        });
    }
}
