using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Kernels;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>A buffer of rows: features, dense or only their non-zeros, targets and, if wanted, weights.</summary>
/// <remarks>
/// Features are kept as their non-zeros as long as these are few; that changes no bit of what is trained, only time and memory. Arrays
/// grow, in the proportions of what they hold, until the bound is reached. Then the buffer is full, whatever room one of them has left.
/// </remarks>
/// <param name="shape">What a row is made of.</param>
/// <param name="memory">Counts the arrays.</param>
/// <param name="bound">The most bytes of them.</param>
internal sealed partial class RowBlock<T>(RowShape shape, RowMemory memory, long bound) where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>What so many rows may hold is kept before the first of them decides that the non-zeros are many.</summary>
    private const int RowsToTell = 256;

    private const int LeastCapacity = 16;

    /// <summary>
    /// Counted for a row besides what it holds: it is numbered while rows are split (some 22 bytes if a tenth is held out) and while they
    /// are trained on (8, in the list of training rows and in a pass's order).
    /// </summary>
    private const int NumberBytes = 24;

    private T[] features = [];
    private int[] starts = [];
    private int[] columns = [];
    private T[] values = [];
    private T[] targets = [];
    private T[] weights = [];
    private long[] groups = [];
    private bool isLayoutFixed;
    private long expected;
    private Examples<T>? table;

    /// <summary>Whether only non-zeros are kept.</summary>
    public bool IsSparse { get; private set; } = !shape.Dense;

    /// <summary>Features of a row.</summary>
    public int FeatureColumns => shape.Features;

    /// <summary>Rows there are.</summary>
    public int Rows { get; private set; }

    /// <summary>Non-zeros there are; 0 where features are dense.</summary>
    public int NonZeros { get; private set; }

    /// <summary>Rows there is room for.</summary>
    public int RowCapacity { get; private set; }

    /// <summary>Non-zeros there is room for.</summary>
    public int NonZeroCapacity => values.Length;

    /// <summary>The arrays as a table as long as their capacity: rows that are not there are not to be read.</summary>
    public Examples<T> Table => table ??= TableOf(RowCapacity);

    /// <summary>Bytes of that many rows with that many non-zeros, as far as they hold data.</summary>
    public long DataBytes(long rows, long nonZeros) => rows * (RowBytes(IsSparse) - NumberBytes) + nonZeros * NonZeroBytes;

    /// <summary>The same with their numbers: what a buffer takes.</summary>
    public long BufferBytes(long rows, long nonZeros) => rows * RowBytes(IsSparse) + nonZeros * NonZeroBytes;

    /// <summary>An empty buffer of the same layout.</summary>
    /// <param name="grouped">Whether rows keep their groups, if they have any.</param>
    public RowBlock<T> NewAlike(bool grouped = false)
        => new(shape with { Grouped = shape.Grouped && grouped }, memory, bound) { IsSparse = IsSparse, isLayoutFixed = true };

    /// <summary>This buffer's rows after those of others, in one buffer as large as they are; all others give their memory back.</summary>
    /// <param name="others">Of the same layout.</param>
    /// <returns>That buffer; null if arrays do not hold so much, and then nothing was done.</returns>
    public RowBlock<T>? TryJoin(IReadOnlyList<RowBlock<T>> others)
    {
        if (others.Count == 0)
        {
            return this;
        }

        RowBlock<T>[] buffers = [.. others, this];
        var (rows, nonZeros) = (buffers.Sum(buffer => (long)buffer.Rows), buffers.Sum(buffer => (long)buffer.NonZeros));
        var few = Sparsity.AreFew(nonZeros, shape.Features * rows) || rows > MostRows(sparse: false);
        var whole = new RowBlock<T>(shape, memory, long.MaxValue) { IsSparse = IsSparse && few, isLayoutFixed = true };
        if (rows > MostRows(whole.IsSparse) || nonZeros > Array.MaxLength)
        {
            return null;
        }

        whole.Resize((int)rows, whole.IsSparse ? (int)nonZeros : 0);
        foreach (var buffer in buffers)
        {
            for (var row = 0; row < buffer.Rows; row++)
            {
                whole.TryAdd(buffer, row);
            }

            buffer.Release();
        }

        return whole;
    }

    /// <summary>Makes room for exactly so much.</summary>
    public void Resize(int rows, int nonZeros)
    {
        memory.Take<byte>((rows - (long)RowCapacity) * NumberBytes);
        memory.Resize(ref features, IsSparse ? 0 : rows * shape.Features);
        memory.Resize(ref starts, IsSparse && rows > 0 ? rows + 1 : 0);
        memory.Resize(ref columns, nonZeros);
        memory.Resize(ref values, nonZeros);
        memory.Resize(ref targets, rows * shape.Targets);
        memory.Resize(ref weights, shape.Weighted ? rows : 0);
        memory.Resize(ref groups, shape.Grouped ? rows : 0);
        (RowCapacity, table) = (rows, null);
    }

    /// <summary>Says how many rows may come: there will be room for them at once, as far as the bound allows.</summary>
    public void Expect(long rows) => expected = rows;

    /// <summary>Adds a row, unless the buffer is full.</summary>
    /// <returns>Whether there was room.</returns>
    public bool TryAdd(in FeatureRow<T> row, ReadOnlySpan<T> rowTargets, T weight, long group = 0)
    {
        if (IsSparse && !isLayoutFixed && !Sparsity.AreFew(NonZeros + (long)row.Values.Length, (long)shape.Features * Math.Max(Rows + 1, RowsToTell)))
        {
            TryWriteOut();
        }

        if (!TryReserve(Rows + 1L, IsSparse ? NonZeros + (long)row.Values.Length : 0))
        {
            return false;
        }

        if (IsSparse)
        {
            starts[Rows] = NonZeros;
            NonZeros += row.CopyNonZerosTo(columns.AsSpan(NonZeros), values.AsSpan(NonZeros));
            starts[Rows + 1] = NonZeros;
        }
        else
        {
            row.CopyTo(FeaturesOf(Rows));
        }

        rowTargets.CopyTo(targets.AsSpan(Rows * shape.Targets, shape.Targets));
        if (shape.Weighted)
        {
            weights[Rows] = weight;
        }

        if (shape.Grouped)
        {
            groups[Rows] = group;
        }

        Rows++;
        return true;
    }

    /// <summary>Adds another buffer's row, unless this one is full.</summary>
    /// <returns>Whether there was room.</returns>
    public bool TryAdd(RowBlock<T> other, int row) => TryAdd(
        other[row], other.TargetsOf(row), shape.Weighted ? other.weights[row] : T.One, shape.Grouped && other.HasGroups ? other.groups[row] : 0);

    /// <summary>A row's features.</summary>
    public FeatureRow<T> this[int row] => IsSparse
        ? new(columns.AsSpan(starts[row]..starts[row + 1]), values.AsSpan(starts[row]..starts[row + 1]))
        : new(FeaturesOf(row));

    /// <summary>Whether rows belong to groups.</summary>
    public bool HasGroups => shape.Grouped;

    /// <summary>A row's group.</summary>
    public long GroupOf(int row) => groups[row];

    /// <summary>Bytes of the arrays.</summary>
    public long Bytes => BufferBytes(RowCapacity, NonZeroCapacity);

    /// <summary>Non-zeros of a row; 0 where features are dense.</summary>
    public int NonZerosOf(int row) => IsSparse ? starts[row + 1] - starts[row] : 0;

    /// <summary>The targets of a row, or of some one after another.</summary>
    public Span<T> TargetsOf(int row, int rows = 1) => targets.AsSpan(row * shape.Targets, rows * shape.Targets);

    /// <summary>Begins again, in the layout that rows have now: from now on it is kept.</summary>
    public void Clear() => (Rows, NonZeros, isLayoutFixed) = (0, 0, true);

    /// <summary>Makes the room as large as the bound allows, in the proportions it has.</summary>
    public void ResizeToBound()
    {
        var factor = (double)bound / Bytes;
        Resize((int)Math.Min(RowCapacity * factor, MostRows(IsSparse)), (int)Math.Min(NonZeroCapacity * factor, Array.MaxLength));
    }

    /// <summary>Gives the memory back that rows do not take.</summary>
    public void Trim() => Resize(Rows, NonZeros);

    /// <summary>Gives the memory back.</summary>
    public void Release()
    {
        Clear();
        Resize(0, 0);
    }

    /// <summary>The rows as a table of their own, which takes this buffer's arrays and no room to spare.</summary>
    public Examples<T> ToExamples()
    {
        Trim();
        return TableOf(Rows);
    }

    private static int NonZeroBytes => sizeof(int) + Unsafe.SizeOf<T>();

    private long RowBytes(bool sparse) => (shape.Targets + (shape.Weighted ? 1L : 0) + (sparse ? 0 : shape.Features)) * Unsafe.SizeOf<T>()
        + (sparse ? sizeof(int) : 0) + (shape.Grouped ? sizeof(long) : 0) + NumberBytes;

    private int MostRows(bool sparse) => (Array.MaxLength - 1) / Math.Max(shape.Targets, sparse ? 1 : shape.Features);

    private Span<T> FeaturesOf(int row) => features.AsSpan(row * shape.Features, shape.Features);

    private Examples<T> TableOf(int rows)
    {
        var (rowWeights, rowGroups) = (shape.Weighted ? weights : null, shape.Grouped ? groups : null);
        return IsSparse
            ? new(new SparseMatrix<T>(rows, shape.Features, new CompressedRows<T>(starts, columns, values)), targets, rowWeights) { Groups = rowGroups }
            : new(rows, features, targets, rowWeights) { Groups = rowGroups };
    }

    /// <summary>Keeps zeros too from now on, if there is room for that.</summary>
    private void TryWriteOut()
    {
        var possible = Math.Min(MostRows(sparse: false), bound / RowBytes(sparse: false));
        var capacity = (int)Math.Min(Math.Max(RowCapacity, expected), possible);
        if (capacity < Rows)
        {
            return;
        }

        memory.Resize(ref features, capacity * shape.Features);
        for (var row = 0; row < Rows; row++)
        {
            this[row].CopyTo(FeaturesOf(row));
        }

        (IsSparse, NonZeros) = (false, 0);
        Resize(capacity, 0);
    }

    private bool TryReserve(long rows, long nonZeros)
    {
        if (rows <= RowCapacity && nonZeros <= NonZeroCapacity)
        {
            return true;
        }

        var bytes = BufferBytes(rows, nonZeros);
        if (bytes > bound || Bytes > bound / 2)
        {
            return false;
        }

        // From a quarter of the bound on, all of it at once: what arrays leave behind that grow further is memory too.
        var possible = (double)bound / bytes;
        var factor = bytes > bound / 4 ? possible : Math.Max(2, rows > RowsToTell ? Math.Min((double)expected / rows, possible) : 0);
        // A thousandth, that whole numbers come out of their quotients whole.
        var rowCapacity = Math.Min(Math.Max(LeastCapacity, (long)(rows * factor + 1e-3)), MostRows(IsSparse));
        var nonZeroCapacity = Math.Min((long)(nonZeros * factor + 1e-3), Array.MaxLength);
        if (rowCapacity < rows || nonZeroCapacity < nonZeros)
        {
            return false;
        }

        Resize((int)rowCapacity, (int)nonZeroCapacity);
        return true;
    }
}
