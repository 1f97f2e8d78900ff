using System.Numerics;
using Backprop.Kernels;

namespace Backprop.Graph;

/// <summary>The inputs' values of an operation that runs.</summary>
/// <typeparam name="T">float or double.</typeparam>
public readonly struct Operands<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Panels<T>[] inputs;
    private readonly Shape[] shapes;
    private readonly (int Of, int First, int Count) rows;

    /// <summary>Describes them.</summary>
    /// <param name="inputs">The values.</param>
    /// <param name="shapes">Their shapes.</param>
    /// <param name="of">The rows that an input has of which only some are shown.</param>
    /// <param name="first">The first of those.</param>
    /// <param name="count">Their number.</param>
    internal Operands(Panels<T>[] inputs, Shape[] shapes, int of, int first, int count)
        => (this.inputs, this.shapes, rows) = (inputs, shapes, (of, first, count));

    /// <summary>Inputs.</summary>
    public int Count => inputs.Length;

    /// <summary>The value of an input.</summary>
    public ReadOnlyMatrix<T> this[int input] => shapes[input].Rows == rows.Of
        ? new(inputs[input], rows.First, rows.Count)
        : new(inputs[input], 0, inputs[input].Rows);
}

/// <summary>A matrix that is read.</summary>
/// <typeparam name="T">float or double.</typeparam>
public readonly struct ReadOnlyMatrix<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Panels<T> panels;
    private readonly int first;

    internal ReadOnlyMatrix(Panels<T> panels, int first, int rows) => (this.panels, this.first, Rows) = (panels, first, rows);

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Columns.</summary>
    public int Columns => panels.Columns;

    /// <summary>An element.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public T this[int row, int column] => panels[first + Matrix.Row(row, Rows), Matrix.Column(column, Columns)];

    /// <summary>Copies a row out.</summary>
    /// <param name="row">The row.</param>
    /// <param name="target">As many numbers as columns.</param>
    /// <exception cref="ArgumentException">The row or the length does not fit.</exception>
    public void CopyRow(int row, Span<T> target) => panels.GetRow(first + Matrix.Row(row, Rows), target[..Matrix.Length(target.Length, Columns)]);
}

/// <summary>A matrix that is written.</summary>
/// <typeparam name="T">float or double.</typeparam>
public readonly struct Matrix<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Panels<T> panels;
    private readonly int first;

    internal Matrix(Panels<T> panels, int first, int rows) => (this.panels, this.first, Rows) = (panels, first, rows);

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Columns.</summary>
    public int Columns => panels.Columns;

    /// <summary>An element.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public ref T this[int row, int column] => ref panels[first + Matrix.Row(row, Rows), Matrix.Column(column, Columns)];

    /// <summary>Copies a row in.</summary>
    /// <param name="row">The row.</param>
    /// <param name="values">As many numbers as columns.</param>
    /// <exception cref="ArgumentException">The row or the length does not fit.</exception>
    public void SetRow(int row, ReadOnlySpan<T> values) => panels.SetRow(first + Matrix.Row(row, Rows), values[..Matrix.Length(values.Length, Columns)]);
}

/// <summary>Checks places of a matrix.</summary>
internal static class Matrix
{
    public static int Row(int row, int rows) => Check(row, rows, "Row");

    public static int Column(int column, int columns) => Check(column, columns, "Column");

    public static int Length(int length, int columns) => length == columns
        ? length
        : throw new ArgumentException($"{length} numbers do not make a row of {columns} columns. Give as many.");

    private static int Check(int index, int count, string what) => (uint)index < (uint)count
        ? index
        : throw new ArgumentOutOfRangeException(null, $"{what} {index} is outside 0 to {count - 1}. Stay inside the matrix.");
}
