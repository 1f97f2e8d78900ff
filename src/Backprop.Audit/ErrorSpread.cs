namespace Backprop.Audit;

/// <summary>How the errors of a tensor's elements are spread, each as a share of its bound: over sizes, and over the tensor.</summary>
/// <param name="Ours">How many of our elements lie in each bin, of <see cref="Bins"/>.</param>
/// <param name="Theirs">The same of theirs; empty where there are none.</param>
/// <param name="Map">
/// Our errors over the tensor: a text for each row of cells, a character for each cell. A cell is the largest error of a block of elements:
/// '0' at most 2⁻¹⁰ of the bound, '1' at most 2⁻⁹ … '9' at most a half, 'a' at most the bound, 'x' beyond it.
/// </param>
public sealed record ErrorSpread(IReadOnlyList<int> Ours, IReadOnlyList<int> Theirs, IReadOnlyList<string> Map)
{
    /// <summary>Bin 0 holds shares of at most 2⁻²⁴, bin i those of at most 2ⁱ⁻²⁴, and bin 25 all above 1, and NaN.</summary>
    public const int Bins = Doublings + 2;

    /// <summary>What the cells of a map are, from far below the bound to beyond it.</summary>
    public const string Levels = "0123456789ax";

    private const int Doublings = 24;
    private const int MostRows = 64;
    private const int MostColumns = 128;

    /// <summary>Counts the elements of a tensor.</summary>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="ours">Our errors as shares of their bounds, row-major.</param>
    /// <param name="theirs">Theirs; empty where there are none.</param>
    public static ErrorSpread Of(int rows, int columns, ReadOnlySpan<double> ours, ReadOnlySpan<double> theirs)
        => new(Count(ours), theirs.IsEmpty ? [] : Count(theirs), MapOf(rows, columns, ours));

    private static int[] Count(ReadOnlySpan<double> shares)
    {
        var counts = new int[Bins];
        foreach (var share in shares)
        {
            counts[BinOf(share)]++;
        }

        return counts;
    }

    private static string[] MapOf(int rows, int columns, ReadOnlySpan<double> shares)
    {
        // The fewest elements a block for which the cells are few enough.
        var (high, wide) = ((rows + MostRows - 1) / MostRows, (columns + MostColumns - 1) / MostColumns);
        var cells = new int[(rows + high - 1) / high, (columns + wide - 1) / wide];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                ref var cell = ref cells[row / high, column / wide];
                cell = Math.Max(cell, BinOf(shares[row * columns + column]) - (Bins - Levels.Length));
            }
        }

        return [.. Enumerable.Range(0, cells.GetLength(0)).Select(row => string.Concat(
            Enumerable.Range(0, cells.GetLength(1)).Select(column => Levels[cells[row, column]])))];
    }

    private static int BinOf(double share) => share <= 1 ? Math.Max(0, (int)Math.Ceiling(Math.Log2(share)) + Doublings) : Bins - 1;
}
