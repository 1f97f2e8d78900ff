namespace Backprop.Audit;

/// <summary>The report of one case.</summary>
internal static class SweepTally
{
    /// <summary>The group of all tensors.</summary>
    public const string AllTensors = "all";

    // An eighth of float32's roundoff: an error below it is luck, and one of 0 has no logarithm.
    private const double LeastError = 1.0 / (1 << 27);

    /// <summary>Counts what a case's audit found; failures are added by who can make them smaller.</summary>
    public static SweepReport Of(NetworkCase one, long number, GradientReport audit)
    {
        var groups = new Dictionary<string, SweepGroup>();
        foreach (var tensor in audit.Tensors)
        {
            if (GroupOf(tensor) is not { } group)
            {
                continue;
            }

            foreach (var name in (string[])[AllTensors, tensor.Name is "loss" or "logits" ? tensor.Name : "gradients", .. Traits(one)])
            {
                groups[name] = groups.TryGetValue(name, out var before) ? before.And(group) : group;
            }
        }

        var worst = audit.Tensors.MaxBy(tensor => tensor.WorstShare);
        return new()
        {
            Cases = 1,
            Tensors = audit.Tensors.CountBy(tensor => tensor.Verdict).ToDictionary(pair => pair.Key, pair => (long)pair.Value),
            Numbers = audit.Tensors.Sum(tensor => (long)tensor.Rows * tensor.Columns),
            Kinks = audit.Kinks.Count,
            Sampled = audit.Tensors.Count(tensor => tensor.IsSampled),
            Shares = SharesOf(audit),
            Groups = groups,
            Worst = worst is null ? null : new(worst.WorstShare, worst.Name, number, one.ToString()),
        };
    }

    /// <summary>What is special about a case: its layers, activations, tasks and extremes.</summary>
    private static IEnumerable<string> Traits(NetworkCase of)
    {
        var names = of.Layers.SelectMany(layer => (string[])[.. layer.Kind == LayerKind.Activation ? [] : new[] { layer.Kind.Name },
            .. layer.Function is null ? [] : new[] { layer.Function.Family }]);
        return names.Concat(of.Heads.Select(head => $"→ {head.Task.Name}")).Concat(of.Extremes).Distinct();
    }

    private static SweepGroup? GroupOf(TensorAgreement tensor)
    {
        var (ours, theirs) = (tensor.OursError, tensor.TorchError ?? double.NaN);
        return (ours == 0 && theirs == 0) || !double.IsFinite(ours) || !double.IsFinite(theirs)
            ? null
            : new(1, Math.Log(Math.Max(ours, LeastError) / Math.Max(theirs, LeastError)), tensor.WorstShare);
    }

    private static long[] SharesOf(GradientReport audit)
    {
        var shares = new long[SweepReport.ShareSteps.Count + 1];
        foreach (var tensor in audit.Tensors)
        {
            shares[SweepReport.ShareSteps.TakeWhile(step => !(tensor.WorstShare <= step)).Count()]++;
        }

        return shares;
    }
}
