using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>A matrix in panels: columns in groups of 128 bytes, each group stored row after row.</summary>
/// <remarks>
/// Element (r, c) lies at <c>(c / Width) · Stride + r · Width + c % Width</c>. So every matrix product of a network streams its right
/// operand, a run of rows within a panel is contiguous, and kernels of every vector width read the same layout. Columns that fill
/// up the last panel hold anything: no column's result depends on another column.
/// </remarks>
/// <typeparam name="T">float or double.</typeparam>
internal sealed class Panels<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Describes a matrix that lies at a slice.</summary>
    public Panels(Slice<T> start, int rows, int columns) => (Start, Rows, Columns, Stride) = (start, rows, columns, StrideOf(rows));

    /// <summary>Columns of a panel: 32 floats or 16 doubles.</summary>
    public static int Width
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 128 / Unsafe.SizeOf<T>();
    }

    /// <summary>Where panel 0 begins.</summary>
    public Slice<T> Start { get; }

    /// <summary>Rows there is room for.</summary>
    public int Rows { get; }

    /// <summary>Columns in use.</summary>
    public int Columns { get; }

    /// <summary>Panels the columns take.</summary>
    public int Count => PanelsOf(Columns);

    /// <summary>Numbers from one panel to the next; rows are rounded up to what a transposition moves at once.</summary>
    public int Stride { get; }

    /// <summary>Numbers a matrix takes.</summary>
    public static int Size(int rows, int columns) => checked(PanelsOf(columns) * StrideOf(rows));

    /// <summary>Where panel <paramref name="panel"/> begins, relative to <see cref="Start"/>.</summary>
    public int PanelOffset(int panel) => panel * Stride;

    /// <summary>Where column <paramref name="column"/> of a row lies, relative to the row's first number.</summary>
    /// <param name="column">The column.</param>
    /// <param name="stride">The matrix's <see cref="Stride"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Offset(int column, int stride) => (int)((uint)column / (uint)Width) * stride + (int)((uint)column % (uint)Width);

    /// <summary>Element (row, column).</summary>
    public ref T this[int row, int column]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref Start.At(Offset(column, Stride) + row * Width);
    }

    /// <summary>Writes one number everywhere.</summary>
    public void Fill(T value) => Start.Buffer.AsSpan(Start.Offset, Size(Rows, Columns)).Fill(value);

    /// <summary>Copies a row in.</summary>
    public void SetRow(int row, ReadOnlySpan<T> values)
    {
        for (var (panel, column) = (0, 0); column < values.Length; panel++, column += Width)
        {
            var part = values[column..Math.Min(column + Width, values.Length)];
            part.CopyTo(Row(row, panel, part.Length));
        }
    }

    /// <summary>Copies a row out.</summary>
    public void GetRow(int row, Span<T> values)
    {
        for (var (panel, column) = (0, 0); column < values.Length; panel++, column += Width)
        {
            var part = values[column..Math.Min(column + Width, values.Length)];
            Row(row, panel, part.Length).CopyTo(part);
        }
    }

    /// <summary>Copies a row to a row of a matrix with as many columns.</summary>
    public void CopyRow(int row, Panels<T> target, int targetRow)
    {
        for (var panel = 0; panel < Count; panel++)
        {
            Row(row, panel, Width).CopyTo(target.Row(targetRow, panel, Width));
        }
    }

    /// <summary>Copies some columns of some rows to the same rows of another matrix.</summary>
    /// <param name="first">The first column.</param>
    /// <param name="target">The other matrix.</param>
    /// <param name="at">The column of it where the first one goes.</param>
    /// <param name="count">Columns.</param>
    /// <param name="row">The first row.</param>
    /// <param name="rows">Rows.</param>
    public void CopyColumns(int first, Panels<T> target, int at, int count, int row, int rows)
    {
        for (var done = 0; done < count;)
        {
            // As far as both stay within a panel.
            var (from, to) = ((first + done) % Width, (at + done) % Width);
            var part = Math.Min(count - done, Width - Math.Max(from, to));
            var (source, place) = (Offset(first + done, Stride), Offset(at + done, target.Stride));
            for (var r = row; r < row + rows; r++)
            {
                Span(source + r * Width, part).CopyTo(target.Span(place + r * Width, part));
            }

            done += part;
        }
    }

    private static int PanelsOf(int columns) => (columns + Width - 1) / Width;

    // Panels that lie a multiple of 16 KiB apart would all want the same few places of a cache.
    private static int StrideOf(int rows)
    {
        var filled = (rows + Transpose.Granule - 1) / Transpose.Granule * Transpose.Granule;
        return (filled > 0 && filled % 128 == 0 ? filled + Transpose.Granule : filled) * Width;
    }

    private Span<T> Row(int row, int panel, int length) => Span(PanelOffset(panel) + row * Width, length);

    private Span<T> Span(int offset, int length) => Start.Buffer.AsSpan(Start.Offset + offset, length);
}
