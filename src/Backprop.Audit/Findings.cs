namespace Backprop.Audit;

/// <summary>The outcome of one check of one thing.</summary>
/// <param name="Area">What kind of thing, as "activation" or "optimizer".</param>
/// <param name="Subject">Which, by its name.</param>
/// <param name="Check">What is compared with what.</param>
/// <param name="Verdict">Who is right.</param>
/// <param name="Share">
/// The largest error of what is audited as a share of its bound: ours, or, where code made on TorchSharp is checked and ours is not worse,
/// theirs. At most 1 where that is not at fault; 0 where there is nothing to compare.
/// </param>
/// <param name="Where">
/// Where the largest error of whoever is at fault is, with ours, theirs, the reference and the bound; or why the check could not run. Its last
/// full stop is left to whoever puts it into a sentence.
/// </param>
public sealed record Finding(string Area, string Subject, string Check, Verdict Verdict, double Share, string Where)
{
    /// <inheritdoc cref="Finding"/>
    public string Where { get; init; } = Where.TrimEnd('.');

    /// <summary>That of a tensor of a network.</summary>
    internal static Finding Of(
        TensorAgreement tensor, string area, string subject, string check, Party audited = Party.Ours, string theirName = "libtorch")
        => new(
            area, subject, check, tensor.Verdict,
            audited == Party.Ours || tensor.Verdict == Verdict.OursWorse ? tensor.WorstShare : tensor.TorchShare ?? 0,
            Element.Words(tensor, audited, theirName));
}

/// <summary>What the audit makes of a known defect put into the engine.</summary>
/// <param name="Defect">What is wrong, as "eps inside the root".</param>
/// <param name="Area">Where, as "activation", "operation", "optimizer", "loss" or "pass".</param>
/// <param name="KilledBy">The check that fails by it; null where none does.</param>
/// <param name="Where">What that check says.</param>
public sealed record Kill(string Defect, string Area, string? KilledBy, string Where)
{
    /// <summary>Whether the defect was tried at all: a check that needs libtorch is not, where that is missing.</summary>
    public bool IsTried { get; init; } = true;

    /// <summary>Whether the audit sees the defect.</summary>
    public bool IsKilled => KilledBy is not null;

    /// <summary>Whether it was tried, and nothing sees it.</summary>
    public bool Survives => IsTried && !IsKilled;
}
