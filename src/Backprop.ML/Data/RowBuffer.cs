namespace Backprop.ML;

/// <summary>Rows of equal width one after another in an array that grows; right-sized at once when the number of rows is known.</summary>
internal sealed class RowBuffer(int width, long? rowsExpected)
{
    private float[] values = new float[Fitting(rowsExpected ?? 0, width)];

    /// <summary>How many rows were begun.</summary>
    internal int Rows { get; private set; }

    /// <summary>The next row, to be filled.</summary>
    /// <exception cref="InvalidOperationException">The values do not fit in one array.</exception>
    internal Span<float> Next()
    {
        var start = (long)Rows * width;
        var needed = Fitting(Rows + 1L, width);
        if (needed > values.Length)
        {
            Array.Resize(ref values, (int)Math.Min(Math.Max(needed, 2L * values.Length), Array.MaxLength));
        }

        Rows++;
        return values.AsSpan((int)start, width);
    }

    private static long Fitting(long rows, int width) => rows * width <= Array.MaxLength
        ? rows * width
        : throw new InvalidOperationException(
            $"{rows} rows of {width} values are more than the {Array.MaxLength} an array holds. Train on fewer rows or features.");

    /// <summary>The rows in an array without room to spare.</summary>
    internal float[] ToArray()
    {
        Array.Resize(ref values, Rows * width);
        return values;
    }
}
