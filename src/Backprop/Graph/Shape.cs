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
        var (rows, columns) = (1, 1);
        foreach (var shape in shapes)
        {
            rows = rows == 1 ? shape.Rows : rows;
            columns = columns == 1 ? shape.Columns : columns;
            if ((shape.Rows != 1 && shape.Rows != rows) || (shape.Columns != 1 && shape.Columns != columns))
            {
                return null;
            }
        }

        return new(rows, columns);
    }

    /// <summary>The shapes of some nodes.</summary>
    internal static Shape[] Of(IReadOnlyList<Node> nodes)
    {
        var shapes = new Shape[nodes.Count];
        for (var i = 0; i < shapes.Length; i++)
        {
            shapes[i] = nodes[i].Shape;
        }

        return shapes;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{(IsBatch ? "batch" : Rows)} × {Columns}";
}
