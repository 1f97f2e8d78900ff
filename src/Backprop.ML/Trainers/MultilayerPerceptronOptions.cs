using System.Runtime.CompilerServices;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Planning;
using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Trainers;

namespace Backprop.ML;

/// <summary>How a multilayer perceptron is trained, whatever the task. Every field starts as the engine's default.</summary>
public sealed class MultilayerPerceptronOptions : TrainerInputBaseWithWeight
{
    private static readonly TrainingOptions Defaults = new();

    // Of counts or classes: on standardised labels, some below 0, they have no minimum.
    private static readonly string[] LossesOfOtherLabels = ["poisson", "binarycrossentropy", "weightedbinarycrossentropy", "softmargin"];

    /// <summary>
    /// The task with options of its own, for example <c>Head.Multiclass with { LabelSmoothing = 0.1 }</c> or
    /// <c>Head.Regression with { OutputLoss = Loss.Parse("huber(1)") }</c>; null for the trainer's usual one.
    /// </summary>
    public Head? Head;

    /// <summary>The probability above which a binary trainer's PredictedLabel is true, between 0 and 1.</summary>
    public double Threshold = 0.5;

    /// <summary>Units of the hidden layers, first to last; empty for a linear model.</summary>
    public int[] HiddenUnits = [.. Defaults.Hidden];

    /// <summary>
    /// The hidden layers as a function of the features, instead of HiddenUnits and Activation: residual connections, dropout,
    /// normalisation, embeddings and the like. For example <c>x => x.Linear(64).Apply(new Relu()).Dropout(0.1)</c>; a linear layer with
    /// the task's outputs follows. A model with layers or formulas of your own scores, but cannot be saved.
    /// </summary>
    public Func<Signal, Signal>? Layers;

    /// <summary>Applied after each hidden layer. By name: <c>Activation.Parse("silu")</c>.</summary>
    public Activation Activation = Defaults.Activation;

    /// <summary>Draws the weights of layers that do not say how. By name: <c>Initializer.Parse("kaiminguniform")</c>.</summary>
    public Initializer InitialWeights = Defaults.InitialWeights;

    /// <summary>Draws the biases of layers that do not say how.</summary>
    public Initializer InitialBiases = Defaults.InitialBiases;

    /// <summary>The optimizer with its hyper-parameters. By name: <c>Optimizer.Parse("sgd")</c>.</summary>
    public Optimizer Optimizer = Defaults.Optimizer;

    /// <summary>The step size, above 0, also of L-BFGS; null for the optimizer's own.</summary>
    public double? LearningRate;

    /// <summary>How the learning rate changes; null for the same throughout. By name: <c>Schedule.Parse("cosine")</c>.</summary>
    public Schedule? Schedule;

    /// <summary>What happens to gradients and weights around the optimizer: groups, clipping, accumulation, averaging.</summary>
    public UpdateOptions Updates = Defaults.Updates;

    /// <summary>L-BFGS on all rows at once instead of the optimizer, or null.</summary>
    public Lbfgs? Lbfgs;

    /// <summary>The most epochs: passes over the training rows.</summary>
    public int NumberOfIterations = Defaults.Epochs;

    /// <summary>Rows of a mini-batch.</summary>
    public int BatchSize = Defaults.BatchSize;

    /// <summary>Decides initial weights, the order of rows and the validation split; the seed of the MLContext plays no part.</summary>
    public long Seed = Defaults.Seed;

    /// <summary>Share of the rows held out to choose the best epoch, from 0 (none) to below 1; unused where validation rows are given.</summary>
    public double ValidationFraction = Defaults.ValidationFraction;

    /// <summary>
    /// Rows that choose the best epoch instead of a share of the training rows, transformed as those are; unused if Fit is given
    /// validation data. In cross-validation, where every fold is other rows, give <see cref="ValidationFraction"/> instead.
    /// </summary>
    public IDataView? ValidationSet;

    /// <summary>
    /// A column of text, keys, numbers, Booleans, dates or times whose equal values make groups, such as a patient or a day, of which the
    /// validation split holds out all rows or none; rows with a missing value are one group. Null for none; unused where validation rows
    /// are given, or where no share is held out. For the folds of CrossValidate, give its own samplingKeyColumnName too.
    /// </summary>
    public string? SamplingKeyColumnName;

    /// <summary>
    /// Networks that are trained, each choosing its best epoch on another fold of the rows; the model is their mean, as one network, and
    /// scores in the time of all. See <see cref="TrainingOptions.Members"/>.
    /// </summary>
    public int Members = Defaults.Members;

    /// <summary>Epochs without a better validation loss after which training stops.</summary>
    public int Patience = Defaults.Patience;

    /// <summary>Which first-layer weights a step updates where feature vectors are sparse.</summary>
    public SparseUpdate SparseUpdate = Defaults.SparseUpdate;

    /// <summary>
    /// The most bytes that rows take in memory, 1 MiB or more: features as they come, dense or sparse, labels, weights, and 24 bytes a row.
    /// More rows go to a file, shuffled, and training reads them back; what fits in about half of the cap stays in memory. Null for no
    /// bound. See <see cref="TrainingData{T}"/>.
    /// </summary>
    public long? MemoryCap;

    /// <summary>The folder of that file, on a disk with room for the rows; null for the system's temporary folder. It is deleted in any case.</summary>
    public string? CacheFolder;

    /// <summary>Threads to train with, not to score with; 0 for one per core. Their number does not change a bit of the result.</summary>
    public int NumberOfThreads = Defaults.Engine.Threads;

    /// <summary>Vector width in bits: 512, 256, 128, or 0 for scalar code; null for the environment's BACKPROP_VECTOR_BITS, or else the widest the processor has.</summary>
    public int? VectorBits = Defaults.Engine.VectorBits;

    /// <summary>Whether values that the backward pass needs are computed again instead of kept: less memory for deep networks, the same bits.</summary>
    public bool Recompute = Defaults.Engine.Recompute;

    /// <summary>
    /// Where to save training's state from time to time, and to go on from after it was stopped; null for nowhere. The file stays after
    /// training and is of one run alone: give another, or none, for other data, such as each fold of CrossValidate.
    /// </summary>
    public CheckpointOptions? Checkpoint;

    /// <summary>Called on the training thread after every epoch. An <see cref="IProgress{T}"/> is given as <c>progress.Report</c>.</summary>
    public Action<EpochReport>? Progress;

    /// <summary>Asked on the training thread after every epoch; true ends training with the best so far.</summary>
    public Func<EpochReport, bool>? StopWhen;

    /// <summary>Stops training, with an <see cref="OperationCanceledException"/> or with the best so far.</summary>
    public CancellationToken Cancellation;

    /// <summary>Whether a cancelled Fit gives the best so far, if an epoch was finished, instead of throwing.</summary>
    public bool ReturnBestWhenCancelled = Defaults.ReturnBestWhenCancelled;

    /// <summary>The task asked for, which must be one of those of the trainer, or the first of them.</summary>
    /// <exception cref="ArgumentException">It is another task, or a regression with a loss of other labels.</exception>
    internal Head HeadAmong(params ReadOnlySpan<Head> heads)
    {
        if (Head is null)
        {
            return heads[0];
        }

        var names = new List<string>();
        foreach (var head in heads)
        {
            if (head.GetType() == Head.GetType())
            {
                return Head is RegressionHead { OutputLoss.Name: var loss } && LossesOfOtherLabels.Contains(loss.Split('(')[0])
                    ? throw new ArgumentException(
                        $"{nameof(Head)} is {Head}, whose loss is not one of real numbers. Choose Head.Poisson for counts, a classifier for classes, or a loss such as huber(1).")
                    : Head;
            }

            names.Add(head.Name);
        }

        throw new ArgumentException(
            $"{nameof(Head)} is {Head}, but this trainer takes {string.Join(" or ", names)}. Give such a head, or choose another trainer.");
    }

    /// <summary>The threshold, found to be a probability.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    internal static double CheckedThreshold(double threshold) => threshold is > 0 and < 1
        ? threshold
        : throw new ArgumentException($"{nameof(Threshold)} is {threshold}, not between 0 and 1. Give a probability, such as 0.5.");

    internal TrainingOptions ToTrainingOptions() => Defaults with
    {
        Hidden = [.. Given(HiddenUnits)],
        Layers = Layers,
        Activation = Given(Activation),
        InitialWeights = Given(InitialWeights),
        InitialBiases = Given(InitialBiases),
        Optimizer = LearningRate is { } rate ? Given(Optimizer) with { LearningRate = rate } : Given(Optimizer),
        Schedule = Schedule,
        Updates = Given(Updates),
        Lbfgs = LearningRate is { } size && Lbfgs is not null ? Lbfgs with { LearningRate = size } : Lbfgs,
        Epochs = NumberOfIterations >= 1
            ? NumberOfIterations
            : throw new ArgumentException($"{nameof(NumberOfIterations)} is {NumberOfIterations}, not 1 or more. Correct the option."),
        BatchSize = BatchSize,
        Seed = Seed,
        ValidationFraction = ValidationFraction,
        Members = Members,
        Patience = Patience,
        SparseUpdate = SparseUpdate,
        MemoryCap = MemoryCap,
        CacheFolder = CacheFolder,
        Engine = new EngineOptions { Threads = NumberOfThreads, VectorBits = VectorBits, Recompute = Recompute },
        Checkpoint = Checkpoint,
        Progress = Progress,
        StopWhen = StopWhen,
        ReturnBestWhenCancelled = ReturnBestWhenCancelled,
    };

    private static T Given<T>(T? value, [CallerArgumentExpression(nameof(value))] string name = "") where T : class
        => value ?? throw new ArgumentException($"{name} is null. Give a value, or leave the default.");
}
