using System.Diagnostics;
using System.Runtime.InteropServices;
using Backprop.Audit;
using Backprop.Cli;
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

    /// <summary>What starts this assembly to start another one with a piece that has no end.</summary>
    internal const string ParentCommand = "parent-of-endless-piece";

    private static int throws;

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
        new("test", "thrown once", _
            => Interlocked.Increment(ref throws) == 1 ? throw new ExternalException("Expected false to be true") : Sound("in the end")),
        new("test", "sound again", _ => Sound("last")),
    ];

    private static readonly AuditPiece endless = new("test", "endless", at =>
    {
        at("work without an end");
        Thread.Sleep(Timeout.Infinite);
        return Sound("never");
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task EveryPieceIsDoneAndWhatEndsItsProcessIsNobodysFault(int processes)
    {
        var done = new List<string>();
        var run = new PieceProcesses(Pieces, _ => OtherProcess.StartInfo(Command));
        var result = await run.Run(processes, (piece, _) => done.Add(piece.Name), CancellationToken.None);
        Assert.Equal(Pieces.Select(piece => piece.Name).Order(), done.Order());
        Assert.Equal(["first", "between", "in the end", "last"], result.Findings.Select(finding => finding.Subject));
        Assert.Equal(1, result.Repeated);
        Assert.Equal(["test: missing", "test: impossible"], result.NotRun.Select(check => check.Check));
        Assert.Equal("no library", result.NotRun[0].Reason);

        Assert.Equal(["test: killed", "test: aborted", "test: thrown"], result.Unfinished.Select(check => check.Check));
        var how = result.Unfinished.Select(check => check.How).ToList();
        Assert.Equal("Its process was ended from outside by SIGKILL, as where memory runs out, while at the second half.", how[0]);
        Assert.StartsWith("Its process ended with SIGABRT (", how[1]);
        Assert.EndsWith(") while at aborted.", how[1]);
        Assert.Equal("ArithmeticException while at thrown: a message", how[2]);

        Assert.DoesNotContain(result.Cases, check => check.Outcome == CaseOutcome.Failed);
        Assert.Equal(BackpropTool.Unfinished, result.ExitCode);
    }

    [Fact]
    public async Task WhereLoadingLibtorchEndsTheProcessTheOthersGoWithout()
    {
        // What a process looks like that ends before it is ready, and one that was told why not to try.
        ProcessStartInfo Start(string? reason) => reason is null
            ? new("sh", ["-c", "echo what happened >&2; kill -BUS $$"])
            : OtherProcess.StartInfo(Command);
        var result = await new PieceProcesses([Pieces[0]], Start).Run(2, (_, _) => { }, CancellationToken.None);
        Assert.Equal(["first"], result.Findings.Select(finding => finding.Subject));
        Assert.Equal(BackpropTool.Ok, result.ExitCode);
    }

    [Fact]
    public async Task AProcessEndsWithTheOneThatAskedItEvenWhereThatIsKilled()
    {
        using var parent = Process.Start(OtherProcess.StartInfo(ParentCommand))!;
        string? line;
        do
        {
            line = await parent.StandardOutput.ReadLineAsync();
        }
        while (line is not null && PieceLine.Parse(line)?.At != "work without an end");
        Assert.NotNull(line);

        // The child has the same standard output: it ends when both processes have.
        parent.Kill();
        using var guard = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await parent.StandardOutput.ReadToEndAsync(guard.Token);
    }

    /// <summary>Asks a process of its own for the endless piece.</summary>
    internal static void BeParent()
    {
        var start = OtherProcess.StartInfo(Command);
        start.RedirectStandardOutput = false;
        using var child = Process.Start(start)!;
        child.StandardInput.WriteLine(Pieces.Count);
        child.StandardInput.Flush();
        child.WaitForExit();
    }

    /// <summary>Does pieces.</summary>
    internal static void Serve() => PieceServer.Serve([.. Pieces, endless], Console.In, Console.Out);

    [Fact]
    public async Task CancellingEndsTheProcesses()
    {
        using var cancel = new CancellationTokenSource();
        var run = new PieceProcesses(Pieces, _ => OtherProcess.StartInfo(Command)).Run(2, (_, _) => cancel.Cancel(), cancel.Token);
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
