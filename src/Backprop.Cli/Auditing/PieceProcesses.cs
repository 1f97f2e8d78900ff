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
        var (next, results, telling) = (-1, new AuditResult[pieces.Count], new Lock());
        await Task.WhenAll(Enumerable.Range(0, processes).Select(_ => Task.Run(Work, cancellation)));
        return results.Aggregate(AuditResult.Nothing, (all, result) => all + result);

        async Task Work()
        {
            PieceProcess? process = null;
            try
            {
                for (var i = Interlocked.Increment(ref next); i < pieces.Count; i = Interlocked.Increment(ref next))
                {
                    process ??= new(start());
                    results[i] = await process.Run(i, pieces[i], cancellation);
                    lock (telling)
                    {
                        done(pieces[i], results[i]);
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
