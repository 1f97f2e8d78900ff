using System.Numerics;
using System.Security.Cryptography;
using Backprop.Kernels;
using Backprop.Models;
using static System.FormattableString;

namespace Backprop.Training;

/// <summary>
/// Rows to train on that are given one after another, once: kept in memory as long as they are few, above
/// <see cref="TrainingOptions.MemoryCap"/> in a temporary file, shuffled.
/// </summary>
/// <remarks>
/// <para>
/// What stays in memory, up to nearly half of the cap since an array that grows is two for a while, is trained on as a table is: there the
/// cap changes no bit. Other rows are split and shuffled a buffer at a time on their way to the file. An epoch reads small parts of it in
/// random order, evenly from the whole, into one buffer while it trains on another, and visits a buffer's rows in random order. That is
/// not the order of a table in memory, so its bits differ; they depend on the cap, and on no number of threads. Labels are standardised by
/// moments merged buffer by buffer. Layers are fitted (<see cref="Models.Layers.IFitted"/>) to a seeded sample: 65,536 of the training rows,
/// or as many as 1/16 of the cap holds, but 256 in any case.
/// </para>
/// <para>
/// The cap counts what rows take: features, targets, weights, groups, 24 bytes for each row's numbers, and 28 bytes, while the list grows
/// up to 48, for each part of the file, of 16 KiB or of 1/1024 of the cap if that is more. Buffers take 15/16 of the cap at most; where
/// the list of parts outgrows the rest, the cap is exceeded, by 1/128 of the file at most. That begins when the file is some ten times as
/// large as a cap of 1 MiB, and some thousand times as large as a cap of 1 GiB. It does not count what does not grow with the rows: weights, what
/// the optimizer remembers, a batch's activations.
/// </para>
/// <para>
/// Messages number rows from 0, and count usable rows only: a row that is refused, or that was left out before, has no number.
/// </para>
/// <para>
/// Where the network is chosen when all rows are known, how they are kept and split is not: the cap, its folder, the checkpoint and, of
/// rows in the file, the seed of the split and the share held out are those given before.
/// </para>
/// </remarks>
/// <typeparam name="T">float or double.</typeparam>
public sealed class TrainingData<T> : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Model model;
    private readonly Network<T>? start;
    private readonly Func<TableFacts, (Model Model, TrainingOptions Options)>? choose;
    private readonly bool[] hasMissing;
    private readonly bool[] mustTakeMissing;
    private readonly TrainingOptions options;
    private readonly DataColumns columns;
    private readonly IncrementalHash? hash;
    private readonly CappedRows<T> rows;
    private RowWriter<T> writing;
    private BlockReader<T>? reader;
    private bool isComplete;

    /// <summary>Begins without rows.</summary>
    /// <param name="model">The network that will be trained.</param>
    /// <param name="options">How it will be trained; also the cap, and where the file is.</param>
    /// <param name="columns">What is given with each row.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public TrainingData(Model model, TrainingOptions options, DataColumns columns = default)
        : this(model, null, null, options, columns)
    {
    }

    /// <summary>Begins without rows, for a network that is to be trained further.</summary>
    /// <param name="start">Where training will start.</param>
    /// <param name="options">How it will be trained; also the cap, and where the file is.</param>
    /// <param name="columns">What is given with each row.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public TrainingData(Network<T> start, TrainingOptions options, DataColumns columns = default)
        : this(start.Model, start, null, options, columns)
    {
    }

    /// <summary>Begins without rows; the network is chosen when all of them are known.</summary>
    /// <param name="head">The task.</param>
    /// <param name="outputs">Classes, or targets of a regression; 1 for binary.</param>
    /// <param name="features">Features of a row.</param>
    /// <param name="choose">Asked when training begins: the network, with such a head, and how to train it.</param>
    /// <param name="options">How rows are kept and split; the rest is chosen.</param>
    /// <param name="columns">What is given with each row.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the sizes do not fit the task.</exception>
    public TrainingData(
        Head head,
        int outputs,
        int features,
        Func<TableFacts, (Model Model, TrainingOptions Options)> choose,
        TrainingOptions options,
        DataColumns columns = default)
        : this(new UnchosenModel(head, features, outputs), null, choose, options, columns)
    {
    }

    private TrainingData(
        Model model,
        Network<T>? start,
        Func<TableFacts, (Model Model, TrainingOptions Options)>? choose,
        TrainingOptions options,
        DataColumns columns)
    {
        Checks.Options(options);
        (this.model, this.start, this.choose, this.options, this.columns) = (model, start, choose, options, columns);
        (hasMissing, mustTakeMissing) = choose is null ? ([], []) : (new bool[model.Inputs], new bool[model.Inputs]);
        hash = options.Checkpoint is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        rows = new(
            model,
            options,
            new(model.Inputs, model.Targets, columns.Weights, columns.Groups, columns.DenseFeatures || (choose is null && !model.TakesSparse)),
            columns.ValidationRows ? 0 : options.ValidationFraction,
            hash is null ? null : hash.AppendData);
        (Training, Validation) = (new(this, "usable training"), new(this, "usable validation"));
        writing = Training;
    }

    /// <summary>Takes the rows to learn from; before the others.</summary>
    public RowWriter<T> Training { get; }

    /// <summary>Takes rows that choose the best epoch, if they were announced; else they are split off.</summary>
    public RowWriter<T> Validation { get; }

    /// <summary>The most bytes that rows took in memory at a time; never more than the cap and 1/128 of the file.</summary>
    public long PeakMemoryBytes => rows.Memory.PeakBytes;

    /// <summary>Bytes of rows in the file; 0 as long as all are in memory.</summary>
    public long FileBytes => rows.FileBytes;

    /// <summary>Trains on the rows.</summary>
    /// <param name="cancellation">Looked at before every batch.</param>
    /// <exception cref="ArgumentException">
    /// There are no rows, or none of them counts, or the cap is too low for them, or no group can be held out, or what was chosen is out of range.
    /// </exception>
    /// <exception cref="OperationCanceledException">Training was cancelled, and is not to give the best so far or has none.</exception>
    /// <exception cref="InvalidDataException">The checkpoint is damaged, or of another run.</exception>
    /// <exception cref="ArithmeticException">No epoch had finite weights and losses.</exception>
    /// <exception cref="IOException">The disk is full or fails.</exception>
    public TrainingResult<T> Fit(CancellationToken cancellation = default)
    {
        if (isComplete)
        {
            throw new InvalidOperationException($"These rows were trained on, and are not kept. Make {nameof(TrainingData<>)} anew.");
        }

        isComplete = true;
        Require(Training);
        if (columns.ValidationRows)
        {
            Require(Validation);
        }

        rows.Complete();
        if (!rows.AreCached)
        {
            var (training, validation) = ToTables();
            var (model, options) = Choose(training.SparseFeatures is not null);
            return model.TakesSparse
                ? Trainer.Fit(model, start, training, options, validation, cancellation)
                : Trainer.Fit(model, start, training.Dense(), options, validation?.Dense(), cancellation);
        }

        reader = rows.ToReader();
        var (chosen, how) = Choose(reader.SparseFeatures);
        rows.RequireRoom(how);
        var labels = start is null ? LabelScale<T>.Of(chosen, target => rows.TargetMoments[target]) : LabelScale<T>.Of(start);
        reader.Labels = labels;
        hash?.AppendData(BitConverter.GetBytes(rows.Memory.Cap));
        var identity = hash?.GetHashAndReset();
        CachedSource<T> Source(SegmentList segments, bool anyCounts) => new(reader, segments, anyCounts, identity);
        return Trainer.Fit(
            chosen, start, _ => (Source(rows.Training, rows.Counts.Training), Source(rows.Validation, rows.Counts.Validation)), labels, how, cancellation);
    }

    /// <summary>Deletes the file.</summary>
    public void Dispose()
    {
        reader?.Dispose();
        rows.Dispose();
        hash?.Dispose();
    }

    /// <summary>The rows, if all are in memory; the second table is null where validation rows are split off.</summary>
    internal (Examples<T> Training, Examples<T>? Validation) ToTables() => rows.ToTables();

    internal void Expect(RowWriter<T> writer, long count)
    {
        Begin(writer);
        rows.Expect(count);
    }

    internal void Add(RowWriter<T> writer, in FeatureRow<T> row, ReadOnlySpan<T> targets, T weight, long group)
    {
        Begin(writer);
        Checks.Row(row, targets, weight, model, writer.Purpose, writer.Rows);
        if ((weight != T.One && !columns.Weights) || (group != 0 && !columns.Groups))
        {
            var (what, value) = group != 0 && !columns.Groups ? ("group", $"{group}") : ("weight", Invariant($"{weight}"));
            throw new ArgumentException(
                $"The {what} of {writer.Purpose} row {writer.Rows} is {value}, but no {what}s were announced. Announce them in {nameof(DataColumns)}.");
        }

        rows.Add(row, targets, weight, group);
        writer.Rows++;
        if (choose is not null)
        {
            FindMissing(row, writer == Training);
        }
    }

    /// <summary>The network and how it is trained, as they were given or as the rows decide.</summary>
    private (Model Model, TrainingOptions Options) Choose(bool sparse)
    {
        if (choose is null)
        {
            return (model, options);
        }

        var output = model.HeadOutputs[0];
        var facts = new TableFacts(output.Head, output.Logits.Width, Training.Rows, model.Inputs, sparse, hasMissing);
        var (chosen, how) = facts.Choose(choose);
        for (var feature = 0; feature < mustTakeMissing.Length; feature++)
        {
            if (mustTakeMissing[feature] && !chosen.TakesMissing(feature))
            {
                throw new ArgumentException(
                    $"Feature {feature} is NaN or infinite in some rows, which the network chosen, {chosen}, does not take. "
                        + "Leave those rows out, replace the values, or choose one that scales them by a RobustScale layer.");
            }
        }

        how = how with { MemoryCap = options.MemoryCap, CacheFolder = options.CacheFolder, Checkpoint = options.Checkpoint };
        Checks.Options(how);
        return (chosen, how);
    }

    private void FindMissing(in FeatureRow<T> row, bool training)
    {
        for (var from = 0; Finite.IndexOfOther(row.Values[from..]) is >= 0 and var i; from += i + 1)
        {
            var feature = row.IsDense ? from + i : row.Columns[from + i];
            mustTakeMissing[feature] = true;
            hasMissing[feature] |= training && T.IsNaN(row.Values[from + i]);
        }
    }

    private void Begin(RowWriter<T> writer)
    {
        if (isComplete)
        {
            throw new InvalidOperationException($"Training has begun: a row more would come too late. Give all rows before {nameof(Fit)}.");
        }

        if (writer == writing)
        {
            return;
        }

        if (writer == Training)
        {
            throw new InvalidOperationException("A training row came after a validation row. Give all training rows first.");
        }

        if (!columns.ValidationRows)
        {
            throw new InvalidOperationException(
                $"A validation row came unannounced, when rows may have been split off already. Announce them in {nameof(DataColumns)}.");
        }

        Require(Training);
        rows.BeginValidation();
        writing = writer;
    }

    private static void Require(RowWriter<T> writer)
    {
        if (writer.Rows == 0)
        {
            throw new ArgumentException($"No {writer.Purpose} row was given. Give 1 at least.");
        }
    }
}
