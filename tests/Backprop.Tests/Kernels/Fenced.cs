using System.Numerics;
using Backprop.Kernels;
using Backprop.Models;

namespace Backprop.Tests.Kernels;

/// <summary>A matrix between canaries: NaN before it, behind it and in the columns that fill its last panel.</summary>
/// <remarks>What reads there and uses it gives NaN; what writes outside the matrix's rows and panels is found by <see cref="AssertFence"/>.</remarks>
internal sealed class Fenced<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int Fence = 64;
    private readonly int size;
    private readonly T[] buffer;
    private readonly int start;

    /// <summary>Numbers from −1 to 1, none of them 0.</summary>
    public Fenced(int rows, int columns, long seed)
    {
        size = Panels<T>.Size(rows, columns);
        var place = Buffers.Allocate<T>(size + 2 * Fence);
        (buffer, start) = (place.Buffer, place.Offset + Fence);
        buffer.AsSpan().Fill(T.NaN);
        Panels = new(place with { Offset = start }, rows, columns);
        var (row, random) = (new T[columns], new TorchRandom(seed));
        for (var r = 0; r < rows; r++)
        {
            random.FillUniform<T>(row, -1, 1);
            Panels.SetRow(r, row);
        }
    }

    public Panels<T> Panels { get; }

    public T this[int row, int column] => Panels[row, column];

    /// <summary>Fails if a number outside was overwritten.</summary>
    /// <param name="where">Named in the message.</param>
    /// <param name="spareRows">Whether the rows that fill up a panel may be written.</param>
    public void AssertFence(string where, bool spareRows = false)
    {
        for (var i = 0; i < buffer.Length; i++)
        {
            var (inside, row) = (i - start, size == 0 ? 0 : (i - start) % Panels.Stride / Panels<T>.Width);
            if (inside < 0 || inside >= size || (row >= Panels.Rows && !spareRows))
            {
                Assert.True(T.IsNaN(buffer[i]), $"{where}: number {inside} of {size} was overwritten");
            }
        }
    }
}
