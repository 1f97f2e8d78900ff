namespace Backprop.Cli.Auditing;

/// <summary>A piece of an audit that a process can do alone, so that what ends that process ends nothing else.</summary>
/// <param name="Area">What it belongs to.</param>
/// <param name="Name">What is looked at.</param>
/// <param name="Run">Looks at it; is given a place to say what exactly is at work.</param>
internal sealed record AuditPiece(string Area, string Name, Func<Action<string>, AuditResult> Run)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Area}: {Name}";
}
