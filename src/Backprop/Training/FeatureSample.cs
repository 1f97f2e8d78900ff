using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Models.Layers;

namespace Backprop.Training;

/// <summary>The features of rows that layers are fitted to.</summary>
/// <param name="features">Row-major features of a table.</param>
/// <param name="columns">Features of a row.</param>
/// <param name="rows">Which of its rows.</param>
internal sealed class FeatureSample<T>(T[] features, int columns, int[] rows) where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int MostRows = 1 << 16;
    private const int LeastRows = 1 << 8;
    private const int CapParts = 16;

    /// <summary>The most rows of a file that layers are fitted to: 65,536, or as many as 1/16 of the cap holds, but 256 in any case.</summary>
    /// <param name="cap">The memory cap in bytes.</param>
    /// <param name="columns">Features of a row.</param>
    public static int MostRowsOfAFile(long? cap, int columns)
        => (int)Math.Clamp((cap ?? long.MaxValue) / CapParts / ((long)columns * Unsafe.SizeOf<T>()), LeastRows, MostRows);

    /// <summary>How many rows there are.</summary>
    public int Rows => rows.Length;

    /// <summary>The features as what a layer is given.</summary>
    public LayerInput ToInput() => new(Rows, columns, (row, column) => double.CreateTruncating(features[(long)rows[row] * columns + column]));

    /// <summary>The rows, one after the other.</summary>
    public T[] Gather()
    {
        var gathered = new T[(long)Rows * columns];
        for (var row = 0; row < Rows; row++)
        {
            Array.Copy(features, (long)rows[row] * columns, gathered, (long)row * columns, columns);
        }

        return gathered;
    }
}
