using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Planning;
using Backprop.Training;

namespace Backprop.Audit.Mutations;

/// <summary>The audit of weights as they are trained, as a trial.</summary>
internal static class TrainingTrial
{
    private const int Steps = 6;
    private const long Batches = 13;

    /// <summary>The engine trains with another optimizer than libtorch.</summary>
    /// <param name="right">The optimizer.</param>
    /// <param name="wrong">The one the engine trains with.</param>
    /// <param name="specimen">What is trained; null for a network like any other.</param>
    public static Trial Optimizer(Optimizer right, Optimizer wrong, Specimen? specimen = null)
        => Of("the optimizer", specimen ?? Usual, right, wrong, null);

    /// <summary>Nodes of the network and of its gradients are replaced.</summary>
    public static Trial Graph(Specimen specimen, Func<Rewriting> rewriting) => Of("nodes of the graph", specimen, new Sgd(), new Sgd(), rewriting);

    // Many rows, small steps: nothing here is chaotic.
    private static Specimen Usual { get; } = Specimen.Of("6-10-3", "tanh", "multiclass", rows: 36);

    private static Trial Of(string injection, Specimen specimen, Optimizer right, Optimizer wrong, Func<Rewriting>? rewriting) => new(
        "weights as they are trained", injection, true, _ => Run(specimen, right, right, null), _ => Run(specimen, right, wrong, rewriting?.Invoke()));

    private static TrialResult Run(Specimen specimen, Optimizer right, Optimizer wrong, Rewriting? rewriting)
    {
        var batch = specimen.Batch.Rows / 3;
        using var step = new TrainingStep<float>(
            specimen.Weights, wrong, batch, Specimen.Engine, false, SparseUpdate.Dense, null, null, keepGradients: false, rewriting);
        var report = DriftAudit.Run(specimen.Weights, specimen.Batch, batch, right, Steps, Batches, (examples, rows, after) =>
        {
            var loss = step.Run(examples, rows);
            step.CopyWeightsTo(after);
            return loss;
        });
        var worst = report.Steps.FirstOrDefault(of => !(of.OursDrift <= report.Limit)) ?? report.Steps.MaxBy(of => of.OursDrift)!;
        return new(!report.Verdict.IsAgainstUs, FormattableString.Invariant(
            $"step {worst.Step}: {worst.OursDrift:G3} of the distance travelled off, libtorch's float {worst.TorchDrift:G3}, limit {report.Limit:G3}"));
    }
}
