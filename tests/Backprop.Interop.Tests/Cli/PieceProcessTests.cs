using System.Diagnostics;
using Backprop.Audit;
using Backprop.Cli.Auditing;
using Backprop.Interop.Tests.ML;
using Backprop.Torch;
using TorchSharp;

namespace Backprop.Interop.Tests.Cli;

/// <summary>What ends a process that does pieces of an audit is found, and ends nothing else.</summary>
public sealed class PieceProcessTests
{
    /// <summary>What starts this assembly to do them.</summary>
    internal const string Command = "audit-pieces";

    /// <summary>Pieces of which some end their process.</summary>
    internal static IReadOnlyList<AuditPiece> Pieces { get; } =
    [
        new("test", "sound", at => Sound("first")),
        new("test", "killed", at =>
        {
            at("the second half");
            Process.GetCurrentProcess().Kill();
            return Sound("never");
        }),
        new("test", "chatter", at =>
        {
            Console.WriteLine("words of a native library");
            Console.WriteLine("{ not JSON");
            return Sound("between");
        }),
        new("test", "aborted", _ => Abort()),
        new("test", "thrown", _ => throw new ArithmeticException("a message\nof two lines")),
        new("test", "missing", _ => throw new DllNotFoundException("no library")),
        new("test", "impossible", _ => throw new NotSupportedException("not there")),
        new("test", "sound again", _ => Sound("last")),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task EveryPieceIsDoneAndWhatEndsItsProcessIsAFinding(int processes)
    {
        var done = new List<string>();
        var result = await PieceProcesses.Run(Pieces, () => OtherProcess.StartInfo(Command), processes, (piece, _) => done.Add(piece.Name), CancellationToken.None);
        Assert.Equal(Pieces.Select(piece => piece.Name).Order(), done.Order());
        Assert.Equal(["first", "killed", "between", "aborted", "thrown", "last"], result.Findings.Select(finding => finding.Subject));
        Assert.Equal(["test: missing", "test: impossible"], result.NotRun.Select(check => check.Check));
        Assert.Equal("no library", result.NotRun[0].Reason);
        Finding Of(string subject) => result.Findings.Single(finding => finding.Subject == subject);

        Assert.Equal(Verdict.OursWorse, Of("killed").Verdict);
        Assert.StartsWith("the process ended with signal SIGKILL while at the second half", Of("killed").Where);
        Assert.Equal(Verdict.TheirsWorse, Of("aborted").Verdict);
        Assert.StartsWith("the process ended with signal SIGABRT while at aborted: ", Of("aborted").Where);
        Assert.Equal((Verdict.OursWorse, "ArithmeticException: a message\nof two lines"), (Of("thrown").Verdict, Of("thrown").Where));
        Assert.False(result.Passes);
    }

    [Fact]
    public async Task CancellingEndsTheProcesses()
    {
        using var cancel = new CancellationTokenSource();
        var run = PieceProcesses.Run(Pieces, () => OtherProcess.StartInfo(Command), 2, (_, _) => cancel.Cancel(), cancel.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    private static AuditResult Sound(string subject) => new() { Findings = [new("test", subject, "is done", Verdict.Agrees, 0.5, "nowhere")] };

    /// <summary>Asks libtorch for the gradient of what does not depend on the variable: a C++ exception that nothing catches.</summary>
    private static AuditResult Abort()
    {
        TorchLibrary.EnsureLoaded();
        using var x = torch.ones(1, requires_grad: true);
        using var unused = torch.ones(1, requires_grad: true);
        using var y = x * x;
        _ = torch.autograd.grad([y], [unused]);
        return Sound("never");
    }
}
