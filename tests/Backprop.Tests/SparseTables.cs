using System.Numerics;
using Backprop.Models;

namespace Backprop.Tests;

/// <summary>Tables given twice: as their non-zeros, and with every zero written out.</summary>
internal static class SparseTables
{
    /// <summary>A seeded table that fits a network; row 0 and some others are empty, row 2 repeats row 1, the last column is in one row only.</summary>
    /// <param name="mlp">The network.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="perRow">About how many non-zeros a row has.</param>
    public static (Examples<T> Sparse, Examples<T> Dense) Of<T>(Mlp mlp, int rows, double perRow) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (random, lines) = (new TorchRandom(11), new List<SortedDictionary<int, T>>());
        var value = new T[1];
        for (var row = 0; row < rows; row++)
        {
            var line = new SortedDictionary<int, T>();
            for (var i = 0; row % 50 > 0 && i < 2 * perRow; i++)
            {
                random.FillUniform<T>(value, -2, 2);
                var column = (int)(random.NextUInt32() % (uint)mlp.Inputs);
                if (random.NextUInt32() % 2 == 0 && column < mlp.Inputs - 1)
                {
                    line[column] = value[0];
                }
            }

            lines.Add(row == 2 ? lines[1] : line);
        }

        lines[rows / 2][mlp.Inputs - 1] = T.One;
        var matrix = Matrix(mlp.Inputs, lines);
        var other = Catalogue.Table(mlp, rows).To<T>();
        return (new(matrix, other.Targets, other.Weights), new(rows, Written(matrix), other.Targets, other.Weights));
    }

    /// <summary>The matrix of those rows.</summary>
    public static SparseMatrix<T> Matrix<T>(int columns, IReadOnlyList<SortedDictionary<int, T>> rows) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var starts = new int[rows.Count + 1];
        for (var row = 0; row < rows.Count; row++)
        {
            starts[row + 1] = starts[row] + rows[row].Count;
        }

        return new(rows.Count, columns, starts, [.. rows.SelectMany(row => row.Keys)], [.. rows.SelectMany(row => row.Values)]);
    }

    /// <summary>Row-major, zeros included.</summary>
    public static T[] Written<T>(SparseMatrix<T> matrix) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var all = new T[matrix.Rows * matrix.Columns];
        for (var row = 0; row < matrix.Rows; row++)
        {
            matrix.CopyTo(row, all.AsSpan(row * matrix.Columns, matrix.Columns));
        }

        return all;
    }
}
