using System.Runtime.ExceptionServices;

namespace Backprop.Models;

/// <summary>Shares rows among threads: even shares of whole tiles, but none larger than a batch, so that the threads end together.</summary>
internal static class RowShares
{
    /// <summary>Works on all rows; what a share throws comes out as it was thrown.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="threads">The most threads to use.</param>
    /// <param name="tile">A share is a multiple of so many rows.</param>
    /// <param name="most">The most rows of a share.</param>
    /// <param name="work">Works on a share: the first row, and how many.</param>
    public static void Run(int rows, int threads, int tile, int most, Action<int, int> work)
    {
        var share = Math.Min(most, ((rows + threads - 1) / threads + tile - 1) / tile * tile);
        try
        {
            Parallel.For(
                0, (rows + share - 1) / share, new() { MaxDegreeOfParallelism = threads }, part => work(part * share, Math.Min(share, rows - part * share)));
        }
        catch (AggregateException errors)
        {
            ExceptionDispatchInfo.Throw(errors.InnerExceptions[0]);
        }
    }
}
