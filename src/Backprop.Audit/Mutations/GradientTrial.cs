using Backprop.Graph;

namespace Backprop.Audit.Mutations;

/// <summary>The audit of a network's gradients, as a trial.</summary>
internal static class GradientTrial
{
    private const string Check = "gradients";

    /// <summary>Nodes of the network are replaced, and their gradients are built from what stands there; in float and in double.</summary>
    public static Trial Forward(Specimen specimen, Func<Node, Node> replace) => Of(specimen, () => new(replace, null));

    /// <summary>Nodes of the gradients are replaced; in float and in double.</summary>
    public static Trial Backward(Specimen specimen, Func<Node, Node> replace) => Of(specimen, () => new(null, replace));

    /// <summary>Nodes of both are replaced, in float alone.</summary>
    public static Trial InFloat(Specimen specimen, Func<Node, Node> replace) => new(
        Check, "nodes of the graph, in float", false, specimen.Sound, withTorch => Run(specimen, () => new(replace, replace), null, withTorch));

    /// <summary>What the pass in float has computed is changed.</summary>
    public static Trial Pass(Specimen specimen, PassDamage defect)
        => new(Check, "the pass in float", false, specimen.Sound, withTorch => Run(specimen, null, null, withTorch, defect));

    /// <summary>Audits an engine with those nodes replaced; null for none.</summary>
    public static TrialResult Run(Specimen specimen, Func<Rewriting>? inFloat, Func<Rewriting>? inDouble, bool withTorch, PassDamage? defect = null)
    {
        var (model, batch) = (specimen.Weights.Model, specimen.Batch);
        using var single = new EnginePass<float>(model, batch, Specimen.Engine, inFloat);
        using var precise = new EnginePass<double>(model, batch, Specimen.Engine, inDouble);
        return Read(GradientAudit.Run(specimen.Weights, batch, defect is null ? single.Run : defect.In(single.Run), precise.Run, withTorch));
    }

    private static Trial Of(Specimen specimen, Func<Rewriting> rewriting)
        => new(Check, "nodes of the graph", false, specimen.Sound, withTorch => Run(specimen, rewriting, rewriting, withTorch));

    private static TrialResult Read(GradientReport report)
    {
        var worst = report.Tensors.FirstOrDefault(tensor => tensor.Verdict.IsAgainstUs) ?? report.Tensors[0];
        return new(report.NothingAgainstUs, $"{worst.Verdict.Words}: {worst.Where}");
    }
}
