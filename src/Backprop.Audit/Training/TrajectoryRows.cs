using Backprop.Formulas;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Audit;

/// <summary>Twenty steps of every optimizer on a small network, by <see cref="DriftAudit"/>.</summary>
internal static class TrajectoryRows
{
    private const int Rows = 64, Batch = 16, Steps = 20;

    /// <summary>Audits one.</summary>
    public static IEnumerable<Finding> Run(Optimizer optimizer)
    {
        var model = new Mlp([10, 24, 16, 4], Activation.Of(new Relu()), Head.Multiclass);
        var report = DriftAudit.Run(
            Initializers.Default<float>(model, 1), RandomBatch.Of(model, Rows, 2), Batch, OptimizerAudit.Comparable(optimizer), Steps, 3, new EngineOptions { Threads = 1 });
        var worst = report.Steps.MaxBy(step => step.OursDrift)!;
        yield return new("trajectory", OptimizerAudit.NameOf(optimizer), $"weights after each of {Steps} steps", report.Verdict, worst.OursDrift / report.Limit, FormattableString.Invariant(
            $"step {worst.Step}: drift {worst.OursDrift:G3}, libtorch's {worst.TorchDrift:G3}, on two threads {worst.TwoThreadsDrift:G3}, from weights an ulp away {worst.MovedDrift:G3}; limit {report.Limit:G3}"));
    }
}
