using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>Blocks of matrix products over panels: k in chunks, each chunk's slice of the right operand reused by all rows of the block.</summary>
internal static class Gemm
{
    /// <summary>
    /// Terms of one chain of additions. Part of the promise of equal bits: chosen for accuracy (the error at 784 terms falls to
    /// 0.42 of that of one long chain), then frozen.
    /// </summary>
    public const int Chunk = 128;
}

/// <inheritdoc cref="Gemm"/>
internal static class Gemm<T, TV, TS>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
{
    /// <summary>Rows from <paramref name="row"/> of one panel of C = A · B (+ bias): k runs over A's columns.</summary>
    /// <param name="a">rows × k.</param>
    /// <param name="b">k × columns.</param>
    /// <param name="c">Where the block's first row of the panel goes.</param>
    /// <param name="panel">The panel of B and C.</param>
    /// <param name="row">The first row of A.</param>
    /// <param name="rows">Rows of the block.</param>
    /// <param name="bias">1 × columns, or null.</param>
    public static void Rows(Panels<T> a, Panels<T> b, ref T c, int panel, int row, int rows, Panels<T>? bias)
        => Block<AlongRows<T>>(
            ref a.Start.At(row * Panels<T>.Width), Panels<T>.Width, a.Stride, Gemm.Chunk / Panels<T>.Width * a.Stride,
            ref b.Start.At(b.PanelOffset(panel)), ref c, a.Columns, b.Columns - panel * Panels<T>.Width, rows,
            ref bias is null ? ref Unsafe.NullRef<T>() : ref bias.Start.At(bias.PanelOffset(panel)),
            far: (long)b.Rows * b.Columns * Unsafe.SizeOf<T>() >= CacheSizes.FarBytes);

    /// <summary>All columns of one row of C = A · B (+ bias), the same numbers as <see cref="Rows"/> gives panel by panel.</summary>
    public static void Row(Panels<T> a, Panels<T> b, Panels<T> c, int row, Panels<T>? bias)
    {
        var column = 0;
        // Whole panels only, so that what is left begins with one.
        var whole = Math.Max(RowTile<T, TV, TS>.Columns, Panels<T>.Width);
        for (var end = c.Columns / whole * whole; column < end; column += RowTile<T, TV, TS>.Columns)
        {
            var k = 0;
            do
            {
                var length = Math.Min(Gemm.Chunk, a.Columns - k);
                RowTile<T, TV, TS>.Run(ref a[row, k], a.Stride, ref b[k, column], b.Stride, ref c[row, column], c.Stride, length, k > 0);
                k += length;
            }
            while (k < a.Columns);
        }

        for (var added = 0; bias is not null && added < column; added += TS.Count)
        {
            ref var place = ref c[row, added];
            TS.Store(TS.Add(TS.Load(ref place), TS.Load(ref bias[0, added])), ref place);
        }

        for (var panel = column / Panels<T>.Width; panel < c.Count; panel++)
        {
            Rows(a, b, ref c[row, panel * Panels<T>.Width], panel, row, 1, bias);
        }
    }

    /// <summary>Columns of A from <paramref name="column"/> as rows of one panel of C = Aᵀ · B: k runs over A's first <paramref name="k"/> rows.</summary>
    public static void Columns(Panels<T> a, Panels<T> b, ref T c, int panel, int column, int columns, int k)
    {
        for (var end = column + columns; column < end;)
        {
            // A tile's rows lie within one panel of A.
            var count = Math.Min(end - column, Panels<T>.Width - column % Panels<T>.Width);
            Block<DownColumns<T>>(
                ref a[0, column], 1, 0, Gemm.Chunk * Panels<T>.Width,
                ref b.Start.At(b.PanelOffset(panel)), ref c, k, b.Columns - panel * Panels<T>.Width, count, ref Unsafe.NullRef<T>());
            c = ref Unsafe.Add(ref c, count * Panels<T>.Width);
            column += count;
        }
    }

    /// <summary>One panel of the column sums of B's first <paramref name="k"/> rows.</summary>
    public static void Sums(Panels<T> b, ref T c, int panel, int k)
    {
        var one = T.One;
        Block<Standing<T>>(
            ref one, 0, 0, 0, ref b.Start.At(b.PanelOffset(panel)), ref c, k, b.Columns - panel * Panels<T>.Width, 1, ref Unsafe.NullRef<T>());
    }

    private static void Block<TW>(
        ref T a, int rowStep, nint panelStep, nint chunkStep, ref T b, ref T c, int k, int columns, int rows, ref T bias, bool far = false)
        where TW : struct, IWalk<T>
    {
        columns = Math.Min(columns, Panels<T>.Width);
        var from = 0;
        do
        {
            var length = Math.Min(Gemm.Chunk, k - from);
            var last = from + length == k;
            for (var column = 0; column < columns; column += 2 * TS.Count)
            {
                var twoVectors = columns - column > TS.Count;
                for (var row = 0; row < rows;)
                {
                    var height = Height(rows - row);
                    if (far && column == 0)
                    {
                        // Each tile its share of the next chunk, of which the last ones may find nothing left.
                        var share = (Gemm.Chunk + rows - 1) / rows;
                        var next = Gemm.Chunk + row * share;
                        var end = Math.Min(k - from, 2 * Gemm.Chunk);
                        Prefetch.Rows(ref Unsafe.Add(ref b, next * Panels<T>.Width), Math.Clamp(end - next, 0, height * share));
                    }

                    ref var left = ref Unsafe.Add(ref a, row * rowStep);
                    ref var right = ref Unsafe.Add(ref b, column);
                    ref var result = ref Unsafe.Add(ref c, row * Panels<T>.Width + column);
                    ref var added = ref last && !Unsafe.IsNullRef(ref bias) ? ref Unsafe.Add(ref bias, column) : ref Unsafe.NullRef<T>();
                    var add = from > 0;
                    switch (height)
                    {
                        case 8:
                            GemmTile<T, TV, TS>.Run<Rows8, TW>(ref left, panelStep, ref right, ref result, length, twoVectors, add, ref added);
                            break;
                        case 6:
                            GemmTile<T, TV, TS>.Run<Rows6, TW>(ref left, panelStep, ref right, ref result, length, twoVectors, add, ref added);
                            break;
                        case 4:
                            GemmTile<T, TV, TS>.Run<Rows4, TW>(ref left, panelStep, ref right, ref result, length, twoVectors, add, ref added);
                            break;
                        case 2:
                            GemmTile<T, TV, TS>.Run<Rows2, TW>(ref left, panelStep, ref right, ref result, length, twoVectors, add, ref added);
                            break;
                        default:
                            GemmTile<T, TV, TS>.Run<Rows1, TW>(ref left, panelStep, ref right, ref result, length, twoVectors, add, ref added);
                            break;
                    }

                    row += height;
                }
            }

            from += length;
            a = ref Unsafe.Add(ref a, chunkStep);
            b = ref Unsafe.Add(ref b, Gemm.Chunk * Panels<T>.Width);
        }
        while (from < k);
    }

    /// <summary>The tallest tile that fits the rows left.</summary>
    private static int Height(int rows) => rows >= TS.TileRows ? TS.TileRows : rows >= 4 ? 4 : rows >= 2 ? 2 : 1;
}
