using System.Numerics;
using Backprop.Models;
using static System.FormattableString;

namespace Backprop.Training;

/// <summary>Collects rows in a buffer; when it is full, its rows go to a file, split and shuffled. Training rows come first, then validation rows.</summary>
/// <param name="model">The network they are for.</param>
/// <param name="options">The cap, the batch size and the seed.</param>
/// <param name="shape">What a row is made of.</param>
/// <param name="share">The share of training rows held out.</param>
/// <param name="written">Sees what is written to the file, or null.</param>
internal sealed class CappedRows<T>(Model model, TrainingOptions options, RowShape shape, double share, Action<ReadOnlySpan<byte>>? written)
    : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    // Rows are read back through two buffers; the rest of the cap is for what writes them and for saying where they lie.
    private const int CapParts = 32;
    private const int BufferParts = 15;
    private const int LeastPartBytes = 1 << 26;
    private const int LeastPartRows = 16;
    private readonly List<RowBlock<T>> full = [];
    private RunSplit<T>? split;
    private RowBlock<T>? buffer;
    private RowBlock<T>? trainingRows;
    private RowCache<T>? cache;
    private bool validates;
    private int mostNonZeros;

    /// <summary>The memory that rows take.</summary>
    public RowMemory Memory { get; } = new(options.MemoryCap ?? long.MaxValue);

    /// <summary>Bytes in the file; 0 without one.</summary>
    public long FileBytes => cache?.Bytes ?? 0;

    /// <summary>Whether rows are in the file.</summary>
    public bool AreCached => cache is not null;

    /// <summary>The moments of each target over the training rows in the file.</summary>
    public Moments[] TargetMoments { get; } = new Moments[shape.Targets];

    /// <summary>Where training rows are in the file.</summary>
    public SegmentList Training => field ??= new(Memory);

    /// <summary>Where validation rows are in the file.</summary>
    public SegmentList Validation => field ??= new(Memory);

    /// <summary>Whether a training row and a validation row, of those in the file, count in the loss.</summary>
    public (bool Training, bool Validation) Counts { get; private set; }

    private long BufferBytes => Memory.Cap / CapParts * BufferParts;

    /// <summary>Without a cap, and unless it is known how many rows come, buffers are small and many: none is copied before the end.</summary>
    private RowBlock<T> Buffer => buffer ??= new(shape, Memory, options.MemoryCap is null ? PartBytes : BufferBytes);

    private static int BatchRows(TrainingOptions training) => Math.Max(training.BatchSize, Epochs<T>.LeastEvaluationRows);

    private long PartBytes => Math.Max(LeastPartBytes, LeastPartRows * sizeof(long) * (long)(shape.Features + shape.Targets));

    /// <summary>Says how many rows will come.</summary>
    public void Expect(long rows)
    {
        if (rows > 0 && cache is null)
        {
            buffer ??= new(shape, Memory, BufferBytes);
            buffer.Expect(rows);
        }
    }

    /// <summary>From now on rows are validation rows.</summary>
    public void BeginValidation()
    {
        validates = true;
        if (cache is not null)
        {
            Flush(isValidation: false);
            return;
        }

        trainingRows = Collected();
        trainingRows.Trim();
        buffer = options.MemoryCap is null ? null : new(shape, Memory, BufferBytes - trainingRows.Bytes);
    }

    /// <summary>Adds a row.</summary>
    /// <exception cref="ArgumentException">Batches, or the rows themselves, are too large for the cap.</exception>
    /// <exception cref="InvalidOperationException">There is no cap, and the rows do not fit in arrays.</exception>
    /// <exception cref="IOException">The disk is full or fails.</exception>
    public void Add(in FeatureRow<T> row, ReadOnlySpan<T> targets, T weight, long group)
    {
        while (!Buffer.TryAdd(row, targets, weight, group))
        {
            MakeRoom(row.Values.Length);
        }
    }

    /// <summary>Writes what is left, if there is a file.</summary>
    public void Complete()
    {
        if (cache is not null)
        {
            Flush(validates);
            split!.Complete();
        }
    }

    /// <summary>The rows as tables; without validation rows of their own, the second is null.</summary>
    public (Examples<T> Training, Examples<T>? Validation) ToTables()
        => validates ? (trainingRows!.ToExamples(), Collected().ToExamples()) : (Collected().ToExamples(), null);

    /// <summary>Reads what was written.</summary>
    public BlockReader<T> ToReader() => cache!.ToReader();

    public void Dispose() => cache?.Dispose();

    private void MakeRoom(int nonZeros)
    {
        if (options.MemoryCap is null)
        {
            full.Add(Buffer.Rows > 0 ? Buffer : throw TooMany());
            buffer = Buffer.NewAlike(grouped: true);
            return;
        }

        if (Buffer.Rows == 0 && trainingRows is null)
        {
            throw TooLarge(nonZeros);
        }

        if (cache is null)
        {
            BeginCache();
        }
        else
        {
            Flush(validates);
        }
    }

    /// <summary>The rows there are, of one kind, in one buffer.</summary>
    private RowBlock<T> Collected()
    {
        buffer = Buffer.TryJoin(full) ?? throw TooMany();
        full.Clear();
        return buffer;
    }

    private void BeginCache()
    {
        // From now on there is one buffer, and one layout.
        var collected = Buffer;
        buffer = trainingRows ?? collected;
        buffer.ResizeToBound();
        cache = new(buffer, Memory, options.CacheFolder, written);
        Flush(isValidation: false);
        if (trainingRows is null)
        {
            return;
        }

        trainingRows = null;
        for (var row = 0; row < collected.Rows; row++)
        {
            while (!buffer.TryAdd(collected, row))
            {
                if (buffer.Rows == 0)
                {
                    throw TooLarge(collected.NonZerosOf(row));
                }

                Flush(isValidation: true);
            }
        }

        collected.Release();
    }

    private void Flush(bool isValidation)
    {
        var rows = Buffer;
        var (trained, held) = isValidation ? ([], [.. Enumerable.Range(0, rows.Rows)]) : (split ??= new(model, share, options.Seed, Memory)).Of(rows);
        cache!.Write(rows, trained, Training);
        cache.Write(rows, held, Validation);
        bool Count(int[] some) => Array.Exists(some, row => model.Counts<T>(rows.TargetsOf(row)));
        Counts = (Counts.Training || Count(trained), Counts.Validation || Count(held));
        for (var target = 0; target < TargetMoments.Length; target++)
        {
            TargetMoments[target] = TargetMoments[target].With(
                Moments.Of(trained.Length, i => double.CreateTruncating(rows.TargetsOf(trained[i])[target])));
        }

        for (var row = 0; row < rows.Rows; row++)
        {
            mostNonZeros = Math.Max(mostNonZeros, rows.NonZerosOf(row));
        }

        RequireRoom(options);
        rows.Clear();
    }

    /// <summary>Refuses a cap under which a buffer does not hold a batch of rows in the file, and a segment.</summary>
    /// <exception cref="ArgumentException">It is too low.</exception>
    public void RequireRoom(TrainingOptions training)
    {
        var (rows, batch) = (Buffer, BatchRows(training));
        var rowsNeeded = batch + Math.Max(Training.MostRows, Validation.MostRows);
        var nonZerosNeeded = (double)batch * mostNonZeros + Math.Max(Training.MostNonZeros, Validation.MostNonZeros);
        var share = Math.Max((double)rowsNeeded / rows.RowCapacity, nonZerosNeeded / Math.Max(1, rows.NonZeroCapacity));
        if (share > 1)
        {
            throw TooLittle(Invariant($"batches of {batch} rows of up to {rows.DataBytes(1, mostNonZeros):N0} bytes"), share);
        }
    }

    /// <summary>Refuses a row that an empty buffer does not hold, with a cap under which one holds a batch of such rows and a segment.</summary>
    private ArgumentException TooLarge(int nonZeros)
    {
        var rows = Buffer;
        var own = rows.IsSparse ? nonZeros : 0;
        // Room is shared out between rows and non-zeros once the file is begun; before, it is as the rows want it.
        var each = AreCached && own > 0 ? own / Math.Max(1.0, rows.NonZeroCapacity) : (double)rows.BufferBytes(1, own) / BufferBytes;
        // A segment is one such row, or 1/1024 of the cap: less than 1/100 of the buffer.
        return TooLittle(Invariant($"a row of {rows.DataBytes(1, own):N0} bytes in batches of {BatchRows(options)}"), each * (BatchRows(options) + 1) * 1.01);
    }

    private InvalidOperationException TooMany() => new(
        Invariant($"{full.Sum(rows => (long)rows.Rows) + Buffer.Rows:N0} rows of {shape.Features} features are more than arrays hold. ")
        + $"Set {nameof(options.MemoryCap)}, above which rows are kept in a file.");

    /// <summary>Refuses the cap; what it is made greater by is rounded up to whole bytes in each of its parts.</summary>
    private ArgumentException TooLittle(string what, double share) => new(
        Invariant($"{nameof(options.MemoryCap)} is {Memory.Cap:N0} bytes, too little for {what}. ")
        + Invariant($"Set {Math.Ceiling(share * Memory.Cap / CapParts) * CapParts:N0} or more, or a lower {nameof(options.BatchSize)}."));
}
