using Backprop.Formulas;
using Backprop.Graph;

namespace Backprop.Audit.Mutations;

/// <summary>The audits of weights as they are trained, as a trial: both are to see a defect, step by step and left alone.</summary>
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

    /// <summary>A network like any other. With many rows and small steps nothing is chaotic.</summary>
    public static Specimen Usual { get; } = Specimen.Of("6-10-3", "tanh", "multiclass", rows: 36);

    private static Trial Of(string injection, Specimen specimen, Optimizer right, Optimizer wrong, Func<Rewriting>? rewriting)
    {
        var of = new TrainingCase(specimen.Weights, specimen.Batch, specimen.Batch.Rows / 3, right, Steps, Batches);
        return new(
            "steps from the same weights, and weights as they are trained", injection, false,
            withTorch => Both(Run(of, new(right, Specimen.Engine), withTorch), (a, b) => a && b),
            withTorch => Both(Run(of, new(wrong, Specimen.Engine, rewriting), withTorch), (a, b) => a || b));
    }

    private static TrialResult Both((TrialResult Steps, TrialResult? Free) of, Func<bool, bool, bool> passes) => of.Free is null
        ? of.Steps : new(passes(of.Steps.Passes, of.Free.Passes), $"{of.Steps.Where}; left alone, {of.Free.Where}");

    /// <summary>Both audits; without libtorch weights that are left alone have no other witness.</summary>
    private static (TrialResult Steps, TrialResult? Free) Run(TrainingCase of, StepMaker engine, bool withTorch)
    {
        var steps = StepAudit.Run(of, engine, null, withTorch);
        var first = steps.Steps.FirstOrDefault(step => step.Verdict.IsAgainstUs) ?? steps.Worst;
        var one = new TrialResult(!steps.Verdict.IsAgainstUs, first.Where);
        if (!withTorch)
        {
            return (one, null);
        }

        var free = DriftAudit.Run(of, engine);
        var worst = free.Steps.FirstOrDefault(step => !(step.OursDrift <= step.Limit)) ?? free.Steps.MaxBy(step => step.OursDrift)!;
        return (one, new(!free.Verdict.IsAgainstUs, FormattableString.Invariant(
            $"step {worst.Step}: {worst.OursDrift:G3} of the distance travelled off, libtorch's float {worst.TorchDrift:G3}, limit {worst.Limit:G3}")));
    }
}
