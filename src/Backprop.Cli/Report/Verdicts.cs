using Backprop.Audit;

namespace Backprop.Cli.Report;

/// <summary>Verdicts in words.</summary>
internal static class Verdicts
{
    /// <summary>The word for a verdict.</summary>
    public static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Agrees => "agrees",
        Verdict.Fails => "fails",
        _ => "indeterminate",
    };
}
