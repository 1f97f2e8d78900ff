namespace Backprop.Graph;

/// <summary>A matrix's size; the number of rows may be the batch's, known only when a plan runs.</summary>
/// <param name="Rows">Rows, or <see cref="Batch"/>.</param>
/// <param name="Columns">Columns.</param>
public readonly record struct Shape(int Rows, int Columns)
{
    /// <summary>As many rows as the batch has.</summary>
    public const int Batch = -1;

    /// <summary>The size of a scalar.</summary>
    public static Shape Scalar => new(1, 1);

    /// <summary>Whether it has as many rows as the batch.</summary>
    public bool IsBatch => Rows == Batch;

    /// <summary>The shape to which single rows and single columns are repeated; null if the others differ.</summary>
    internal static Shape? Broadcast(IReadOnlyList<Shape> shapes)
    {
        static int? Common(IEnumerable<int> sizes) => sizes.Where(size => size != 1).Distinct().ToList() switch
        {
            [] => 1,
            [var size] => size,
            _ => null,
        };
        return Common(shapes.Select(s => s.Rows)) is { } rows && Common(shapes.Select(s => s.Columns)) is { } columns ? new(rows, columns) : null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{(IsBatch ? "batch" : Rows)} × {Columns}";
}
