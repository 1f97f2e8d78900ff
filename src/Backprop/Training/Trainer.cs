using System.Numerics;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>What training gives.</summary>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="Network">The network with the best epoch's weights.</param>
/// <param name="History">A report for every epoch.</param>
/// <param name="BestEpoch">
/// The epoch whose weights were kept, from 1; 0 for the weights that training started from, if those were a network's and no epoch was
/// better on the validation rows.
/// </param>
/// <param name="WeightHash">SHA-256 of the weights, see <see cref="Weights{T}.Hash"/>.</param>
public sealed record TrainingResult<T>(Network<T> Network, IReadOnlyList<EpochReport> History, int BestEpoch, string WeightHash)
    where T : unmanaged, IFloatingPointIeee754<T>;

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

        var (training, held) = validation is null
            ? Split.Rows(model, examples, options.ValidationFraction, Streams.Of(options.Seed, Streams.Splits))
            : ([.. Enumerable.Range(0, examples.Rows)], Array.Empty<int>());
        var labels = start is null ? LabelScale<T>.Of(model, examples, training) : LabelScale<T>.Of(start);
        Examples<T> Scale(Examples<T> table) => labels?.Apply(table) ?? table;
        var table = Scale(examples);
        var heldOut = validation is null ? new TableSource<T>(table, held) : new(Scale(validation), [.. Enumerable.Range(0, validation.Rows)]);
        return Fit(model, start, new TableSource<T>(table, training), heldOut, labels, options, cancellation);
    }

    /// <summary>The same on rows that are checked, split and standardised, wherever they are kept.</summary>
    internal static TrainingResult<T> Fit<T>(
        Model model,
        Network<T>? start,
        RowSource<T> training,
        RowSource<T> validation,
        LabelScale<T>? labels,
        TrainingOptions options,
        CancellationToken cancellation) where T : unmanaged, IFloatingPointIeee754<T>
    {
        Checks.Counted(training, model, "training");
        Checks.Counted(validation, model, "validation");

        // First weights, then dropout's masks, on one stream as in PyTorch.
        var random = new TorchRandom(options.Seed);
        var weights = start?.CopyWeights() ?? First(model, training, options, random);
        Checks.Start(weights);
        using var epochs = new Epochs<T>(weights, training, validation, options, random);
        var checkpoint = options.Checkpoint is { } saving
            ? new Checkpoint(saving.Path, RunIdentity.Of(weights, start is not null, options, training, validation))
            : null;
        var run = new TrainingRun<T>(epochs, weights, options, checkpoint)
        {
            StartsTrained = start is not null,
            LabelUnit = labels is { Scale: [var unit, ..] } ? double.CreateTruncating(unit) : 1,
        };
        var history = run.Run(cancellation);
        return new(new(weights, labels?.OutputScale, labels?.OutputShift, options.Engine.VectorBits), history, history[^1].BestEpoch, weights.Hash());
    }

    /// <summary>First weights: drawn, or read off the training rows where a layer is fitted to them, which may also change the network's inner widths.</summary>
    private static Weights<T> First<T>(Model model, RowSource<T> training, TrainingOptions options, TorchRandom random) where T : unmanaged, IFloatingPointIeee754<T>
    {
        Weights<T> Drawn(Model of) => Initializers.Of<T>(
            of, random, options.InitialWeights, options.InitialBiases, options.InitialOutputWeights, options.InitialOutputBiases);
        if (!LayerFits<T>.AreNeeded(model))
        {
            return Drawn(model);
        }

        var most = FeatureSample<T>.MostRowsOfAFile(options.MemoryCap, model.Inputs);
        var fits = new LayerFits<T>(model, training.Sample(most, new(Streams.Of(options.Seed, Streams.Fits))));
        var weights = Drawn(fits.Fit());
        fits.WriteTo(weights);
        return weights;
    }
}
