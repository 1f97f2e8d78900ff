namespace Backprop.Audit;

/// <summary>The outcome of one check of one thing.</summary>
/// <param name="Area">What kind of thing, as "activation" or "optimizer".</param>
/// <param name="Subject">Which, by its name.</param>
/// <param name="Check">What is compared with what.</param>
/// <param name="Verdict">Who is right.</param>
/// <param name="Share">Our largest error as a share of its bound; 1 at most where the verdict is not against us.</param>
/// <param name="Where">Where that is, with ours, theirs, the reference and the bound; or why the check could not run.</param>
public sealed record Finding(string Area, string Subject, string Check, Verdict Verdict, double Share, string Where)
{
    /// <summary>That of a tensor of a network.</summary>
    internal static Finding Of(
        TensorAgreement tensor, string area, string subject, string check, Party audited = Party.Ours, string theirName = "libtorch")
        => new(area, subject, check, tensor.Verdict, audited == Party.Ours ? tensor.WorstShare : tensor.TorchShare ?? 0, Element.Words(tensor, theirName));
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
