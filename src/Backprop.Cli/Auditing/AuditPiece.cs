using Backprop.Audit;

namespace Backprop.Cli.Auditing;

/// <summary>A piece of an audit that a process can do alone, so that what ends that process ends nothing else.</summary>
/// <param name="Area">What it belongs to.</param>
/// <param name="Name">What is looked at.</param>
/// <param name="Look">Looks at it; is given a place to say what exactly is at work.</param>
internal sealed record AuditPiece(string Area, string Name, Func<Action<string>, AuditResult> Look)
{
    /// <summary>Looks at it, and once more where an error of TorchSharp's ends that.</summary>
    /// <param name="at">Told what exactly is at work.</param>
    public AuditResult Run(Action<string> at)
    {
        var (result, forgiven) = TorchFault.Run(() => Look(at));
        return result with { Repeated = result.Repeated + forgiven };
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Area}: {Name}";
}
