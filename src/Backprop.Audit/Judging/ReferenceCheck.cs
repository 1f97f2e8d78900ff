namespace Backprop.Audit;

/// <summary>Numbers of ours and of theirs beside what they should be, and how far each may be off.</summary>
/// <param name="Ours">Ours; null where there are none.</param>
/// <param name="Theirs">Theirs; null where there are none.</param>
/// <param name="Reference">What both are held to.</param>
/// <param name="Bounds">How far each number may be off; infinite where a branch could be either, so that nothing is decided.</param>
/// <param name="Place">What a number is of, as "dz [0, 1]" or "x = 0.3".</param>
internal sealed record ReferenceCheck(double[]? Ours, double[]? Theirs, double[] Reference, double[] Bounds, Func<int, string> Place)
{
    /// <summary>Whose numbers are audited: the finding's share and place are theirs, unless the other's alone are out of bound.</summary>
    public Party Audited { get; init; }

    /// <summary>Who theirs are.</summary>
    public string TheirName { get; init; } = "libtorch";

    /// <summary>What the reference is.</summary>
    public string ReferenceName { get; init; } = "formula in double";

    /// <summary>
    /// How far theirs may be from the reference for both to be the same function; null where the bounds say that too. Farther off,
    /// it is ours that is not theirs.
    /// </summary>
    public Func<int, double>? Sameness { get; init; }

    /// <summary>How far each of theirs may be off, where their formula cancels and ours does not; null for <see cref="Bounds"/>.</summary>
    public double[]? TheirBounds { get; init; }

    /// <summary>Why theirs are missing, as <see cref="TorchWitness"/> says; null where they are not, or nobody asked for them. Findings say it.</summary>
    public string? Missing { get; init; }

    /// <summary>What else is said of a number of ours that is out of bound; null for nothing.</summary>
    public Func<int, string>? Remark { get; init; }

    /// <summary>Numbers of a tensor.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="ours">Ours; null where there are none.</param>
    /// <param name="theirs">Theirs; null where there are none.</param>
    /// <param name="reference">What both are held to.</param>
    /// <param name="bounds">How far each number may be off.</param>
    public static ReferenceCheck Tensor(string tensor, int columns, double[]? ours, double[]? theirs, double[] reference, double[] bounds)
        => new(ours, theirs, reference, bounds, i => Element.NameOf(tensor, i, columns));

    /// <summary>The verdict of all numbers, and where the worst is.</summary>
    /// <param name="area">The finding's area.</param>
    /// <param name="subject">Its subject.</param>
    /// <param name="check">What was compared with what.</param>
    public Finding Judge(string area, string subject, string check)
    {
        var finding = Judged(area, subject, check);
        return Missing is null ? finding : finding with { Where = $"{finding.Where}; without {TheirName} as a witness: {Missing}" };
    }

    private Finding Judged(string area, string subject, string check)
    {
        if (Array.TrueForAll(Bounds, double.IsInfinity))
        {
            return new(area, subject, check, Verdict.Undecided, 0, $"every number is within rounding of a branch{(Bounds.Length > 0 ? $": {Words(0)}" : "")}");
        }

        var (ours, theirs) = (WorstOf(Ours, Bounds), WorstOf(Theirs, TheirBounds ?? Bounds));
        var audited = Audited == Party.Ours ? ours : theirs;
        var stranger = Theirs is null || Sameness is null ? -1 : Array.FindIndex(Enumerable.Range(0, Theirs.Length).ToArray(), IsAnother);
        return ours.Share > 1 ? new(area, subject, check, Verdict.OursWorse, ours.Share, Words(ours.At) + Remark?.Invoke(ours.At))
            : stranger >= 0 ? new(area, subject, check, Verdict.OursWorse, ours.Share, $"not PyTorch's function: {Words(stranger)}")
            : theirs.Share > 1 ? new(area, subject, check, Verdict.TheirsWorse, audited.Share, Words(theirs.At, TheirBounds))
            : new(area, subject, check, Verdict.Agrees, audited.Share, Words(audited.At, Audited == Party.Theirs ? TheirBounds : null));
    }

    /// <summary>Where both are finite numbers and too far apart for two ways to compute the same.</summary>
    private bool IsAnother(int i) => double.IsFinite(Theirs![i]) && double.IsFinite(Reference[i]) && !(Math.Abs(Theirs[i] - Reference[i]) <= Sameness!(i));

    private (double Share, int At) WorstOf(double[]? numbers, double[] bounds)
    {
        var worst = (Share: 0.0, At: 0);
        for (var i = 0; i < numbers?.Length; i++)
        {
            // Equal numbers agree, be they infinite or none.
            var error = numbers[i].Equals(Reference[i]) ? 0 : Math.Abs(numbers[i] - Reference[i]);
            var share = error == 0 || double.IsInfinity(bounds[i]) ? 0 : error / bounds[i];
            share = double.IsNaN(share) ? double.PositiveInfinity : share;
            worst = share > worst.Share ? (share, i) : worst;
        }

        return worst;
    }

    private string Words(int i, double[]? bounds = null)
        => Element.Words(Place(i), Ours?[i], TheirName, Theirs?[i], (ReferenceName, Reference[i]), (bounds ?? Bounds)[i]);
}
