using System.Diagnostics;

namespace Backprop.Cli.Auditing;

/// <summary>Does the pieces of an audit in other processes, several at a time; a process that ends over a piece is replaced.</summary>
/// <param name="pieces">The pieces; the processes know the same ones.</param>
/// <param name="start">How a process is started; given a reason, without libtorch.</param>
internal sealed class PieceProcesses(IReadOnlyList<AuditPiece> pieces, Func<string?, ProcessStartInfo> start)
{
    private readonly Dictionary<int, AuditResult> waiting = [];
    private int next = -1;
    private int added;
    private AuditResult total = AuditResult.Nothing;
    private volatile string? withoutTorch;

    /// <summary>Does all pieces.</summary>
    /// <param name="processes">How many at a time.</param>
    /// <param name="done">Told of each piece when it is done, one at a time.</param>
    /// <param name="cancellation">Ends the processes.</param>
    /// <returns>All results, in the order of the pieces.</returns>
    public async Task<AuditResult> Run(int processes, Action<AuditPiece, AuditResult> done, CancellationToken cancellation)
    {
        await Task.WhenAll(Enumerable.Range(0, Math.Min(processes, pieces.Count)).Select(_ => Task.Run(() => Work(done, cancellation), cancellation)));
        return total;
    }

    private async Task Work(Action<AuditPiece, AuditResult> done, CancellationToken cancellation)
    {
        PieceProcess? process = null;
        string? without = null;
        try
        {
            for (var i = Interlocked.Increment(ref next); i < pieces.Count; i = Interlocked.Increment(ref next))
            {
                AuditResult result;
                do
                {
                    if (process is not { IsAlive: true })
                    {
                        process?.Dispose();
                        without = withoutTorch;
                        process = new(start(without));
                    }

                    result = await process.Run(i, pieces[i], cancellation);
                }
                while (without is null && EndedByTorch(process));

                Add(i, result, done);
            }
        }
        finally
        {
            process?.Dispose();
        }
    }

    /// <summary>Whether loading libtorch ended a process; the next ones then go without.</summary>
    private bool EndedByTorch(PieceProcess process)
    {
        if (process.IsAlive || process.IsReady || process.IsEndedFromOutside)
        {
            return false;
        }

        withoutTorch = $"libtorch cannot be loaded: the process that tried {process.End}, so a file of it in {AppContext.BaseDirectory} is damaged, "
            + "or not for this processor: install this program again.";
        return true;
    }

    /// <summary>Results are added up in the order of the pieces, as far as they are there without a gap.</summary>
    private void Add(int index, AuditResult result, Action<AuditPiece, AuditResult> done)
    {
        lock (waiting)
        {
            done(pieces[index], result);
            waiting[index] = result;
            while (waiting.Remove(added, out var following))
            {
                (total, added) = (total + following, added + 1);
            }
        }
    }
}
