using System.Numerics;
using System.Runtime.InteropServices;

namespace Backprop.Training;

/// <content>Its rows as bytes, to a file and back.</content>
internal sealed partial class RowBlock<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Visits the bytes of each array in which the rows lie, to be written to a file.</summary>
    public void Save(Action<Span<byte>> part) => Visit(0, 0, Rows, NonZeros, part);

    /// <summary>Adds rows that a file holds as <see cref="Save"/> wrote them, unless this buffer is full; its arrays do not grow.</summary>
    /// <param name="rows">How many.</param>
    /// <param name="nonZeros">Their non-zeros.</param>
    /// <param name="part">Fills each array's bytes.</param>
    /// <returns>Whether there was room.</returns>
    public bool TryLoad(int rows, int nonZeros, Action<Span<byte>> part)
    {
        if (rows > RowCapacity - Rows || nonZeros > NonZeroCapacity - NonZeros)
        {
            return false;
        }

        Visit(Rows, NonZeros, rows, nonZeros, part);
        if (IsSparse)
        {
            starts[Rows] = NonZeros;
            foreach (ref var start in starts.AsSpan(Rows + 1, rows))
            {
                start += NonZeros;
            }
        }

        (Rows, NonZeros) = (Rows + rows, NonZeros + nonZeros);
        return true;
    }

    private void Visit(int row, int nonZero, int rows, int nonZeros, Action<Span<byte>> part)
    {
        if (IsSparse)
        {
            part(MemoryMarshal.AsBytes(starts.AsSpan(row + 1, rows)));
            part(MemoryMarshal.AsBytes(columns.AsSpan(nonZero, nonZeros)));
            part(MemoryMarshal.AsBytes(values.AsSpan(nonZero, nonZeros)));
        }
        else
        {
            part(MemoryMarshal.AsBytes(features.AsSpan(row * shape.Features, rows * shape.Features)));
        }

        part(MemoryMarshal.AsBytes(targets.AsSpan(row * shape.Targets, rows * shape.Targets)));
        if (shape.Weighted)
        {
            part(MemoryMarshal.AsBytes(weights.AsSpan(row, rows)));
        }
    }
}
