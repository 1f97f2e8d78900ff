using System.Numerics;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>What training gives.</summary>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="Network">The network with the best epoch's weights; of several members, with their mean as its logits.</param>
/// <param name="History">A report for every epoch; of several members, one member's after the other's.</param>
/// <param name="BestEpoch">
/// The epoch whose weights were kept, from 1; 0 for the weights that training started from, if those were a network's and no epoch was
/// better on the validation rows. Of several <see cref="TrainingOptions.Members"/>, the first's; see <see cref="BestEpochs"/>.
/// </param>
/// <param name="WeightHash">SHA-256 of the weights, see <see cref="Weights{T}.Hash"/>.</param>
public sealed record TrainingResult<T>(Network<T> Network, IReadOnlyList<EpochReport> History, int BestEpoch, string WeightHash)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>
    /// The epoch of each member that was trained whose weights were kept: one number, unless there are several
    /// <see cref="TrainingOptions.Members"/>, of which 0 says that it was left out because no epoch of it could be validated.
    /// </summary>
    public IReadOnlyList<int> BestEpochs => EpochReport.BestEpochs(History);
}

/// <summary>Trains a network on a table: shuffled mini-batches, early stopping on held-out rows, best weights kept.</summary>
public static class Trainer
{
    /// <summary>Trains a network. Regression labels are standardised inside, and the network's scores are in the label's own units.</summary>
    /// <param name="head">The task.</param>
    /// <param name="outputs">Classes, or targets of a regression; 1 for binary.</param>
    /// <param name="examples">The training table; validation rows are split off it unless given.</param>
    /// <param name="options">How to train.</param>
    /// <param name="validation">Rows that choose the best epoch, or null.</param>
    /// <param name="cancellation">Looked at before every batch.</param>
    /// <exception cref="ArgumentException">An option is out of range, or a table does not fit or holds what cannot be learned from.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled, and is not to give the best so far or has none.</exception>
    /// <exception cref="InvalidDataException">The checkpoint is damaged, or of another run.</exception>
    /// <exception cref="ArithmeticException">No epoch had finite weights and losses.</exception>
    public static TrainingResult<T> Fit<T>(
        Head head,
        int outputs,
        Examples<T> examples,
        TrainingOptions options,
        Examples<T>? validation = null,
        CancellationToken cancellation = default) where T : unmanaged, IFloatingPointIeee754<T>
        => Fit(options.ModelFor(head, examples.FeatureColumns, outputs), examples, options, validation, cancellation);

    /// <summary>Trains a network of any layers and heads; <see cref="TrainingOptions.Hidden"/> and the like are not looked at.</summary>
    /// <param name="model">The network.</param>
    /// <param name="examples">The training table; validation rows are split off it unless given.</param>
    /// <param name="options">How to train.</param>
    /// <param name="validation">Rows that choose the best epoch, or null.</param>
    /// <param name="cancellation">Looked at before every batch.</param>
    /// <exception cref="ArgumentException">An option is out of range, or a table does not fit or holds what cannot be learned from.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled, and is not to give the best so far or has none.</exception>
    /// <exception cref="InvalidDataException">The checkpoint is damaged, or of another run.</exception>
    /// <exception cref="ArithmeticException">No epoch had finite weights and losses.</exception>
    public static TrainingResult<T> Fit<T>(
        Model model,
        Examples<T> examples,
        TrainingOptions options,
        Examples<T>? validation = null,
        CancellationToken cancellation = default) where T : unmanaged, IFloatingPointIeee754<T>
        => Fit(model, null, examples, options, validation, cancellation);

    /// <summary>Trains a network that is chosen, with the options, after a look at the table.</summary>
    /// <param name="head">The task.</param>
    /// <param name="outputs">Classes, or targets of a regression; 1 for binary.</param>
    /// <param name="choose">Gives the network, with such a head, and how to train it.</param>
    /// <param name="examples">The training table; validation rows are split off it unless given.</param>
    /// <param name="validation">Rows that choose the best epoch, or null.</param>
    /// <param name="cancellation">Looked at before every batch.</param>
    /// <exception cref="ArgumentException">
    /// The network does not fit the table, an option is out of range, or a table does not fit or holds what cannot be learned from.
    /// </exception>
    /// <exception cref="OperationCanceledException">Training was cancelled, and is not to give the best so far or has none.</exception>
    /// <exception cref="InvalidDataException">The checkpoint is damaged, or of another run.</exception>
    /// <exception cref="ArithmeticException">No epoch had finite weights and losses.</exception>
    public static TrainingResult<T> Fit<T>(
        Head head,
        int outputs,
        Func<TableFacts, (Model Model, TrainingOptions Options)> choose,
        Examples<T> examples,
        Examples<T>? validation = null,
        CancellationToken cancellation = default) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (model, options) = TableFacts.Of(head, outputs, examples).Choose(choose);
        return Fit(model, null, examples, options, validation, cancellation);
    }

    /// <summary>
    /// Trains a network further: from its weights, on labels standardised as its own were, so that the first batch sees the scores it
    /// gives. What the optimizer remembered is no part of a network: it starts anew, as does the schedule.
    /// </summary>
    /// <param name="start">Where training starts, and what the result is if no epoch has a lower loss on the validation rows.</param>
    /// <param name="examples">The training table; validation rows are split off it unless given.</param>
    /// <param name="options">How to train; layers and first weights are the network's.</param>
    /// <param name="validation">Rows that choose the best epoch, or null.</param>
    /// <param name="cancellation">Looked at before every batch.</param>
    /// <exception cref="ArgumentException">
    /// An option is out of range, a table does not fit or holds what cannot be learned from, or the network has weights that are not finite
    /// or scales its outputs in a way that training does not.
    /// </exception>
    /// <exception cref="OperationCanceledException">Training was cancelled, and is not to give the best so far or has none.</exception>
    /// <exception cref="InvalidDataException">The checkpoint is damaged, or of another run.</exception>
    /// <exception cref="ArithmeticException">No epoch had finite weights and losses.</exception>
    public static TrainingResult<T> Fit<T>(
        Network<T> start,
        Examples<T> examples,
        TrainingOptions options,
        Examples<T>? validation = null,
        CancellationToken cancellation = default) where T : unmanaged, IFloatingPointIeee754<T>
        => Fit(start.Model, start, examples, options, validation, cancellation);

    /// <summary>The same, from drawn weights or a network's.</summary>
    internal static TrainingResult<T> Fit<T>(
        Model model,
        Network<T>? start,
        Examples<T> examples,
        TrainingOptions options,
        Examples<T>? validation,
        CancellationToken cancellation) where T : unmanaged, IFloatingPointIeee754<T>
    {
        Checks.Options(options);
        Checks.Table(examples, model, "training");
        if (validation is not null)
        {
            Checks.Table(validation, model, "validation");
        }

        var all = Enumerable.Range(0, examples.Rows);
        var seed = Streams.Of(options.Seed, Streams.Splits);
        var folds = start is null && options.Members > 1 && validation is null && options.ValidationFraction > 0
            ? Split.Folds(model, examples, options.Members, seed)
            : null;
        var (training, held) = folds is null && validation is null
            ? Split.Rows(model, examples, options.ValidationFraction, seed)
            : ([.. all], []);
        var labels = start is null ? LabelScale<T>.Of(model, examples, training) : LabelScale<T>.Of(start);
        Examples<T> Scale(Examples<T> table) => labels?.Apply(table) ?? table;
        var (table, heldTable) = (Scale(examples), validation is null ? null : Scale(validation));
        var count = folds is null ? 0 : Math.Max(1, folds.Max() + 1);
        return Fit(model, start, RowsOf, labels, options, cancellation);

        (RowSource<T> Training, RowSource<T> Validation) RowsOf(int member)
        {
            TableSource<T> Of(Examples<T> rows, int[] chosen) => new(rows, chosen);
            var fold = folds is null ? -1 : member % count;
            return folds is not null ? (Of(table, [.. all.Where(row => folds[row] != fold)]), Of(table, [.. all.Where(row => folds[row] == fold)]))
                : (Of(table, training), heldTable is null ? Of(table, held) : Of(heldTable, [.. Enumerable.Range(0, heldTable.Rows)]));
        }
    }

    /// <summary>The same on rows that are checked, split and standardised, wherever they are kept.</summary>
    /// <param name="model">The network.</param>
    /// <param name="start">Where training starts, or null.</param>
    /// <param name="rowsOf">The rows to learn from, and to choose the best epoch on, of each member, from 0: anew each time it is asked.</param>
    /// <param name="labels">Standardised them, or null.</param>
    /// <param name="options">How to train.</param>
    /// <param name="cancellation">Looked at before every batch.</param>
    internal static TrainingResult<T> Fit<T>(
        Model model,
        Network<T>? start,
        Func<int, (RowSource<T> Training, RowSource<T> Validation)> rowsOf,
        LabelScale<T>? labels,
        TrainingOptions options,
        CancellationToken cancellation) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var unit = labels is { Scale: [var scale, ..] } ? double.CreateTruncating(scale) : 1;
        var members = new Members<T>(model, start, rowsOf, unit, options);
        var trained = members.Train(cancellation);
        var weights = Ensemble.Mean([.. trained.Where(member => member.Failure is null).Select(member => member.Weights)]);
        IReadOnlyList<EpochReport> history = [.. trained.SelectMany(member => member.History)];
        return new(
            new(weights, labels?.OutputScale, labels?.OutputShift, options.Engine.VectorBits), history, trained[0].History[^1].BestEpoch, weights.Hash());
    }
}
