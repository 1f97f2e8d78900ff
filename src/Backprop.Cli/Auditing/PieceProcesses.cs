using System.Diagnostics;

namespace Backprop.Cli.Auditing;

/// <summary>Does the pieces of an audit in other processes, several at a time; a process that ends over a piece is replaced.</summary>
internal static class PieceProcesses
{
    /// <summary>Does all pieces.</summary>
    /// <param name="pieces">The pieces; the processes know the same ones.</param>
    /// <param name="start">How a process is started.</param>
    /// <param name="processes">How many at a time.</param>
    /// <param name="done">Told of each piece when it is done, one at a time.</param>
    /// <param name="cancellation">Ends the processes.</param>
    /// <returns>All results, in the order of the pieces.</returns>
    public static async Task<AuditResult> Run(
        IReadOnlyList<AuditPiece> pieces,
        Func<ProcessStartInfo> start,
        int processes,
        Action<AuditPiece, AuditResult> done,
        CancellationToken cancellation)
    {
        // Results are added up in the order of the pieces, as far as they are there without a gap.
        var (next, total, added, waiting) = (-1, AuditResult.Nothing, 0, new Dictionary<int, AuditResult>());
        await Task.WhenAll(Enumerable.Range(0, processes).Select(_ => Task.Run(Work, cancellation)));
        return total;

        async Task Work()
        {
            PieceProcess? process = null;
            try
            {
                for (var i = Interlocked.Increment(ref next); i < pieces.Count; i = Interlocked.Increment(ref next))
                {
                    process ??= new(start());
                    var result = await process.Run(i, pieces[i], cancellation);
                    lock (waiting)
                    {
                        done(pieces[i], result);
                        waiting[i] = result;
                        while (waiting.Remove(added, out var following))
                        {
                            (total, added) = (total + following, added + 1);
                        }
                    }

                    if (!process.IsAlive)
                    {
                        process.Dispose();
                        process = null;
                    }
                }
            }
            finally
            {
                process?.Dispose();
            }
        }
    }
}
