using Backprop.Formulas;
using Backprop.Models;
using Backprop.Planning;
using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Trainers;

namespace Backprop.ML;

/// <summary>How a multilayer perceptron is trained, whatever the task. What is null, unless it says otherwise, is chosen by <see cref="Preset"/>.</summary>
public sealed class MultilayerPerceptronOptions : TrainerInputBaseWithWeight
{
    /// <summary>
    /// Features up to which all of a row's are kept, however many are 0, so that a preset may scale them. Slots of a OneHotEncoding do not count
    /// where rows × features, zeros included, are no more than 67 million.
    /// </summary>
    public const int MostDenseFeatures = 1024;

    /// <summary>Numbers of a table, zeros included, up to which one whose features are mostly categories is written out: 256 MB.</summary>
    private const long MostWrittenOut = 1 << 26;

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

    /// <summary>
    /// Chooses what is not given, by the rows and columns of the training data: <see cref="Preset.Fast"/>, <see cref="Preset.Default"/>,
    /// <see cref="Preset.Best"/>, or <see cref="Preset.Plain"/> for the engine's <see cref="TrainingOptions"/> whatever the data. Null for the
    /// default one; but for the plain one where <see cref="Layers"/> or <see cref="Lbfgs"/> is given.
    /// </summary>
    /// <remarks>
    /// Plays no part where a model is trained further: what is not given then is the plain one's. What <see cref="Preset.With"/> makes of
    /// <see cref="MemoryCap"/>, <see cref="CacheFolder"/> and <see cref="Checkpoint"/> plays none either: they are needed before there is a table.
    /// </remarks>
    public Preset? Preset;

    /// <summary>Units of the hidden layers, first to last; empty for a linear model.</summary>
    public int[]? HiddenUnits;

    /// <summary>
    /// The hidden layers as a function of the features, instead of HiddenUnits, Activation and the preset's scaling: residual connections, dropout,
    /// normalisation, embeddings and the like. For example <c>x => x.Linear(64).Apply(new Relu()).Dropout(0.1)</c>; a linear layer with
    /// the task's outputs follows. A model with layers or formulas of your own scores, but cannot be saved.
    /// </summary>
    public Func<Signal, Signal>? Layers;

    /// <summary>Applied after each hidden layer. By name: <c>Activation.Parse("silu")</c>.</summary>
    public Activation? Activation;

    /// <summary>Draws the weights of layers that do not say how. By name: <c>Initializer.Parse("kaiminguniform")</c>.</summary>
    public Initializer? InitialWeights;

    /// <summary>Draws the biases of layers that do not say how.</summary>
    public Initializer? InitialBiases;

    /// <summary>
    /// The optimizer with its hyper-parameters. By name: <c>Optimizer.Parse("sgd")</c>. A preset's belongs to its groups of parameters: where
    /// this, <see cref="LearningRate"/>, groups, <see cref="Layers"/> or <see cref="Lbfgs"/> are given, it is plain Adam without groups instead.
    /// </summary>
    public Optimizer? Optimizer;

    /// <summary>The step size, above 0, also of L-BFGS; null for the optimizer's own. Without <see cref="Optimizer"/>, Adam's, for all weights alike.</summary>
    public double? LearningRate;

    /// <summary>How the learning rate changes. By name: <c>Schedule.Parse("cosine")</c>; <c>new ConstantRate()</c> for the same throughout.</summary>
    public Schedule? Schedule;

    /// <summary>What happens to gradients and weights around the optimizer: groups, clipping, accumulation, averaging. Without groups, the preset's.</summary>
    public UpdateOptions? Updates;

    /// <summary>L-BFGS on all rows at once instead of the optimizer, or null.</summary>
    public Lbfgs? Lbfgs;

    /// <summary>The most epochs: passes over the training rows.</summary>
    public int? NumberOfIterations;

    /// <summary>Rows of a mini-batch.</summary>
    public int? BatchSize;

    /// <summary>Decides initial weights, the order of rows and the validation split; the seed of the MLContext plays no part.</summary>
    public long Seed = Defaults.Seed;

    /// <summary>
    /// Share of the rows held out to choose the best epoch, from 0 (none) to below 1; unused where validation rows are given. Of several
    /// <see cref="Members"/> each holds out a fold of its own instead, one of as many as there are, unless it is 0.
    /// </summary>
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
    public int? Members;

    /// <summary>
    /// Members of each network that share its hidden layers, each trained by a loss of its own; the model scores their mean. With
    /// <see cref="Layers"/> 1 if not given. Feature vectors must be dense. See <see cref="TrainingOptions.SharedMembers"/>.
    /// </summary>
    public int? SharedMembers;

    /// <summary>Epochs without a better validation loss after which training stops.</summary>
    public int? Patience;

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

    /// <summary>
    /// Vector width in bits: 512, 256, 128, or 0 for scalar code; null for the environment's BACKPROP_VECTOR_BITS, or else the widest the processor
    /// has.
    /// </summary>
    public int? VectorBits = Defaults.Engine.VectorBits;

    /// <summary>Whether values that the backward pass needs are computed again instead of kept: less memory for deep networks, the same bits.</summary>
    public bool Recompute = Defaults.Engine.Recompute;

    /// <summary>
    /// Where to save training's state from time to time, and to go on from after it was stopped; null for nowhere. The file stays after
    /// training and is of one run alone: give another, or none, for other data, such as each fold of CrossValidate.
    /// </summary>
    public CheckpointOptions? Checkpoint;

    /// <summary>
    /// Called on the training thread after every epoch, of several <see cref="Members"/> never twice at a time. An <see cref="IProgress{T}"/> is
    /// given as <c>progress.Report</c>.
    /// </summary>
    public Action<EpochReport>? Progress;

    /// <summary>
    /// Asked on the training thread after every epoch; true ends training with the best so far: of several <see cref="Members"/>, which
    /// then come one after the other, those that are finished and the current one.
    /// </summary>
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
                        $"{nameof(Head)} is {Head}, whose loss is not one of real numbers. "
                            + "Choose Head.Poisson for counts, a classifier for classes, or a loss such as huber(1).")
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

    /// <summary>The preset of a new model.</summary>
    internal Preset PresetInUse => Preset ?? (Layers is null && Lbfgs is null ? Backprop.Training.Preset.Default : Backprop.Training.Preset.Plain);

    /// <summary>Whether sparse rows are written out, so that a preset may scale their numbers, which must be few beside the slots of categories.</summary>
    internal static bool AreFewWrittenOut(TableFacts facts) => facts.Numbers <= MostDenseFeatures && facts.Rows * facts.Features <= MostWrittenOut;

    /// <summary>The same options, whatever becomes of these.</summary>
    internal MultilayerPerceptronOptions Copy()
    {
        var copy = (MultilayerPerceptronOptions)MemberwiseClone();
        copy.HiddenUnits = HiddenUnits is null ? null : [.. HiddenUnits];
        return copy;
    }

    /// <summary>What is given here, and a preset's choice where nothing is.</summary>
    /// <exception cref="ArgumentException">The number of iterations is not one.</exception>
    internal TrainingOptions Over(TrainingOptions preset)
    {
        var layers = Layers ?? preset.Layers;
        var lbfgs = Lbfgs ?? preset.Lbfgs;
        var isOwn = Optimizer is not null || LearningRate is not null || Layers is not null || Lbfgs is not null || Updates is { Groups.Count: > 0 };
        var optimizer = Optimizer ?? (isOwn ? Defaults.Optimizer : preset.Optimizer);
        var groups = !isOwn ? preset.Updates.Groups : Updates?.Groups ?? [];
        return preset with
        {
            Hidden = HiddenUnits is null ? preset.Hidden : [.. HiddenUnits],
            Layers = layers,
            Activation = Activation ?? preset.Activation,
            Dropout = lbfgs is null ? preset.Dropout : 0,
            InitialWeights = InitialWeights ?? preset.InitialWeights,
            InitialBiases = InitialBiases ?? preset.InitialBiases,
            Optimizer = LearningRate is { } rate ? optimizer with { LearningRate = rate } : optimizer,
            Schedule = Schedule ?? (lbfgs is null ? preset.Schedule : null),
            Updates = (Updates ?? preset.Updates) with { Groups = groups },
            Lbfgs = LearningRate is { } size && lbfgs is not null ? lbfgs with { LearningRate = size } : lbfgs,
            Epochs = NumberOfIterations is null ? preset.Epochs : NumberOfIterations >= 1 ? NumberOfIterations.Value
                : throw new ArgumentException($"{nameof(NumberOfIterations)} is {NumberOfIterations}, not 1 or more. Correct the option."),
            BatchSize = BatchSize ?? preset.BatchSize,
            Seed = Given(Seed, Defaults.Seed, preset.Seed),
            ValidationFraction = Given(ValidationFraction, Defaults.ValidationFraction, preset.ValidationFraction),
            Members = Members ?? preset.Members,
            SharedMembers = SharedMembers ?? (Layers is null ? preset.SharedMembers : 1),
            Patience = Patience ?? preset.Patience,
            SparseUpdate = Given(SparseUpdate, Defaults.SparseUpdate, preset.SparseUpdate),
            MemoryCap = MemoryCap,
            CacheFolder = CacheFolder,
            Engine = Given(new() { Threads = NumberOfThreads, VectorBits = VectorBits, Recompute = Recompute }, Defaults.Engine, preset.Engine),
            Checkpoint = Checkpoint,
            Progress = Progress ?? preset.Progress,
            StopWhen = StopWhen ?? preset.StopWhen,
            ReturnBestWhenCancelled = ReturnBestWhenCancelled || preset.ReturnBestWhenCancelled,
        };
    }

    /// <summary>An option that differs from the usual one, or else a preset's.</summary>
    private static T Given<T>(T own, T usual, T preset) => EqualityComparer<T>.Default.Equals(own, usual) ? preset : own;
}
