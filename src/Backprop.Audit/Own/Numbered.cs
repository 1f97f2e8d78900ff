namespace Backprop.Audit;

/// <summary>Numbers of one tensor by ours, by theirs and by the reference, and how far each may be from the reference.</summary>
/// <param name="Tensor">The tensor.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Ours">Ours; null where there are none.</param>
/// <param name="Theirs">Theirs; null where there are none.</param>
/// <param name="Reference">What both are held to.</param>
/// <param name="Bounds">How far each number may be off; infinite where nothing can be told.</param>
internal sealed record Numbered(string Tensor, int Columns, double[]? Ours, double[]? Theirs, double[] Reference, double[] Bounds)
{
    /// <summary>Who theirs are.</summary>
    public string TheirName { get; init; } = "TorchSharp";

    /// <summary>What the reference is.</summary>
    public string ReferenceName { get; init; } = "formula in double";

    /// <summary>What else is to be said of an element, as " at x = 3".</summary>
    public Func<int, string> Remark { get; init; } = _ => "";

    /// <summary>Finds the element farthest out of bound: of ours if there is one, else of theirs.</summary>
    /// <param name="area">The finding's area.</param>
    /// <param name="subject">Its subject.</param>
    /// <param name="check">What was compared with what.</param>
    public Finding Judge(string area, string subject, string check)
    {
        var (ours, theirs) = (WorstOf(Ours), WorstOf(Theirs));
        var verdict = ours.Share > 1 ? Verdict.OursWorse : theirs.Share > 1 ? Verdict.TheirsWorse : Verdict.Agrees;
        var (share, at) = verdict == Verdict.TheirsWorse || Ours is null ? theirs : ours;
        if (Reference.Length == 0 || Array.TrueForAll(Bounds, double.IsInfinity))
        {
            return new(area, subject, check, Verdict.Undecided, 0, $"{Tensor}: every number lies at a kink.");
        }

        var our = Ours is null ? "none" : FormattableString.Invariant($"{Ours[at]:R}");
        var their = Theirs is null ? "none" : FormattableString.Invariant($"({TheirName}) {Theirs[at]:R}");
        return new(area, subject, check, verdict, share, FormattableString.Invariant(
            $"{Claim.NameOf(Tensor, at, Columns)}{Remark(at)}: ours {our}, theirs {their}, reference ({ReferenceName}) {Reference[at]:R}, bound {Bounds[at]:G3}"));
    }

    private (double Share, int At) WorstOf(double[]? numbers)
    {
        var worst = (Share: 0.0, At: 0);
        for (var i = 0; i < numbers?.Length; i++)
        {
            // Equal numbers agree, be they infinite or none.
            var error = numbers[i].Equals(Reference[i]) ? 0 : Math.Abs(numbers[i] - Reference[i]);
            var share = error == 0 || double.IsInfinity(Bounds[i]) ? 0 : double.IsNaN(error) ? double.PositiveInfinity : error / Bounds[i];
            worst = share > worst.Share ? (share, i) : worst;
        }

        return worst;
    }
}
