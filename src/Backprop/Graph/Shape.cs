namespace Backprop.Graph;

/// <summary>A matrix's size; the number of rows may be the batch's, known only when a plan runs.</summary>
/// <param name="Rows">Rows, or <see cref="Batch"/>.</param>
/// <param name="Columns">Columns.</param>
internal readonly record struct Shape(int Rows, int Columns)
{
    /// <summary>As many rows as the batch has.</summary>
    public const int Batch = -1;

    /// <summary>The size of a scalar.</summary>
    public static Shape Scalar => new(1, 1);

    /// <inheritdoc/>
    public override string ToString() => $"{(Rows == Batch ? "batch" : Rows)} × {Columns}";
}
