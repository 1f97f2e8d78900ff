using Backprop.Graph;

namespace Backprop.Audit.Bounds;

/// <summary>How many rows of a batch are the same as each: their roundings are the same too, so that in sums over the batch they add up.</summary>
/// <remarks>m equal errors of variance s have the sum m² s, not m s: as each of them counts m times, a row's variance is taken m-fold.</remarks>
internal sealed class RowCopies
{
    private readonly double[]? counts;

    private RowCopies(double[]? counts) => this.counts = counts;

    /// <summary>Every row is another.</summary>
    public static RowCopies None { get; } = new(null);

    /// <summary>Looks rows up by their numbers.</summary>
    /// <param name="rows">Row-major.</param>
    /// <param name="columns">Numbers of a row.</param>
    public static RowCopies Of(double[] rows, int columns)
    {
        var hashes = new long[rows.Length / columns];
        for (var i = 0; i < hashes.Length; i++)
        {
            var hash = default(HashCode);
            hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(rows.AsSpan(i * columns, columns)));
            hashes[i] = hash.ToHashCode();
        }

        var groups = hashes.CountBy(hash => hash).ToDictionary();
        return groups.Count == hashes.Length ? None : new([.. hashes.Select(hash => (double)groups[hash])]);
    }

    /// <summary>The matrix with the variances of its rows that are copies as large as their sum needs them.</summary>
    public BoundedMatrix Correlated(BoundedMatrix matrix, Node node)
    {
        if (counts is null || !node.Shape.IsBatch || matrix.IsExact || matrix.Variances is null)
        {
            return matrix;
        }

        var result = new BoundedMatrix(matrix.Rows, matrix.Columns);
        matrix.CopyTo(result);
        for (var i = 0; i < result.Length; i++)
        {
            result.Variances![i] *= counts[i / result.Columns];
        }

        return result;
    }
}
