using Backprop.Formulas;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Training;

/// <summary>Everything a training run can be told; change with <c>options with { … }</c>.</summary>
public sealed record TrainingOptions
{
    /// <summary>Units of the hidden layers, first to last; empty for a linear model.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [256, 128];

    /// <summary>
    /// Features that name categories, ascending; each is looked up, embedded or taken as it is beside what <see cref="Inputs"/> makes of the others. Up
    /// to 8 categories are 0 or 1 each; more have 8 learned numbers each. What is no known category is zeros, unless rows to learn from teach another.
    /// </summary>
    public IReadOnlyList<CategoricalFeature> Categories { get; init; } = [];

    /// <summary>
    /// What features, but for <see cref="Categories"/>, go through before the hidden layers, such as <c>x => x.RobustScale()</c>; null for nothing.
    /// </summary>
    public Func<Signal, Signal>? Inputs { get; init; }

    /// <summary>
    /// The probability that <see cref="Models.Layers.Dropout"/> behind each hidden layer's activation sets a number to 0; 0 for no such layers.
    /// </summary>
    public double Dropout { get; init; }

    /// <summary>
    /// Members that share the hidden layers, each with an adapter before them and a last layer of its own, trained by the mean of their losses:
    /// <see cref="Signal.SharedMembers"/>. 1 for a plain network. Beside <see cref="Members"/>, of which each has as many. Features must be dense.
    /// </summary>
    public int SharedMembers { get; init; } = 1;

    /// <summary>
    /// The hidden layers as a function of the features, instead of <see cref="Categories"/>, <see cref="Inputs"/>, <see cref="Hidden"/>,
    /// <see cref="Activation"/> and <see cref="Dropout"/>; a linear layer with the task's outputs follows. For example
    /// <c>x => x.Linear(64).Apply(new Relu())</c>.
    /// </summary>
    public Func<Signal, Signal>? Layers { get; init; }

    /// <summary>Applied after each hidden layer.</summary>
    public Activation Activation { get; init; } = Activation.Of(new Relu());

    /// <summary>Draws the weights of layers that do not say how.</summary>
    public Initializer InitialWeights { get; init; } = new DefaultWeights();

    /// <summary>Draws the biases of layers that do not say how; a <see cref="Constant"/> of 0.1 lets most ReLU units begin active.</summary>
    public Initializer InitialBiases { get; init; } = new DefaultBiases();

    /// <summary>
    /// Draws the weights of the linear layer that gives the logits, unless it says how; null for as the others'. With <see cref="Zeros"/>
    /// a network begins with the same score for every row, that of its biases.
    /// </summary>
    public Initializer? InitialOutputWeights { get; init; }

    /// <summary>
    /// Draws the biases of that layer, unless it says how; null for as the others'. With <see cref="MeanRates"/> counts begin with their mean.
    /// </summary>
    public Initializer? InitialOutputBiases { get; init; }

    /// <summary>The optimizer and its learning rate.</summary>
    public Optimizer Optimizer { get; init; } = new Adam();

    /// <summary>How the learning rate changes; null for the optimizer's throughout.</summary>
    public Schedule? Schedule { get; init; }

    /// <summary>
    /// L-BFGS instead of <see cref="Optimizer"/>, or null: each epoch is one of its steps, which takes all rows together, and batches only
    /// bound memory.
    /// </summary>
    public Lbfgs? Lbfgs { get; init; }

    /// <summary>What happens to gradients and weights around the optimizer.</summary>
    public UpdateOptions Updates { get; init; } = new();

    /// <summary>The most passes over the training rows.</summary>
    public int Epochs { get; init; } = 200;

    /// <summary>Rows of a mini-batch.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Decides initial weights, the order of rows and the validation split, each on a stream of its own.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Share of the rows held out to choose the best epoch, from 0 (none) to below 1; ignored when validation rows are given.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>
    /// Networks that are trained, each from first weights and on an order of rows of its own; the result is their mean as one network, see
    /// <see cref="Ensemble"/>. Of a table in memory each chooses its best epoch on another of as many folds of the rows, instead of on
    /// <see cref="ValidationFraction"/> of them, and learns from all others; where that is 0, or validation rows are given, or rows are in
    /// a file, all have the same rows. Plays no part where a network is trained further.
    /// </summary>
    /// <remarks>
    /// Classes have about the same share in each fold, and a group is in one; where rows or groups are too few for so many folds, some
    /// members share one. Labels are standardised alike for all. <see cref="Epochs"/> and <see cref="Patience"/> are each member's. A
    /// member of which no epoch had finite weights and losses is left out, unless all are. Small networks may be trained on a thread each,
    /// which changes no bit.
    /// </remarks>
    public int Members { get; init; } = 1;

    /// <summary>Epochs without a better validation loss after which training stops.</summary>
    public int Patience { get; init; } = 20;

    /// <summary>
    /// Whether of epochs with equal validation losses the last is kept, as RealMLP does, instead of the first; an equal loss then ends the wait of
    /// <see cref="Patience"/> too.
    /// </summary>
    public bool LastBestEpoch { get; init; }

    /// <summary>Which first-layer weights are updated where features are sparse.</summary>
    public SparseUpdate SparseUpdate { get; init; }

    /// <summary>Where to save the run's state from time to time, and to go on from; null for nowhere.</summary>
    public CheckpointOptions? Checkpoint { get; init; }

    /// <summary>
    /// The most bytes that the rows of <see cref="TrainingData{T}"/> take in memory, 1 MiB or more; above it they go to a file. Null for no
    /// bound.
    /// </summary>
    public long? MemoryCap { get; init; }

    /// <summary>The folder of that file, on a disk with room for the rows; null for the system's temporary folder.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>Threads and vector width.</summary>
    public EngineOptions Engine { get; init; } = EngineOptions.Default;

    /// <summary>
    /// Called on the training thread after every epoch, of several <see cref="Members"/> never twice at a time. An <see cref="IProgress{T}"/> is
    /// given as <c>progress.Report</c>.
    /// </summary>
    public Action<EpochReport>? Progress { get; init; }

    /// <summary>
    /// Asked on the training thread after every epoch, after <see cref="Progress"/>; true ends training with the best so far: of
    /// several <see cref="Members"/>, which then come one after the other, those that are finished and the current one. A run that goes on
    /// from a checkpoint asks first about the last epoch it finds there.
    /// </summary>
    public Func<EpochReport, bool>? StopWhen { get; init; }

    /// <summary>
    /// Whether a cancelled run gives the best so far, if an epoch was finished, instead of throwing an
    /// <see cref="OperationCanceledException"/>: of several <see cref="Members"/>, the mean of those with such an epoch. With a
    /// <see cref="Checkpoint"/> the state is saved either way.
    /// </summary>
    public bool ReturnBestWhenCancelled { get; init; }

    /// <summary>The network these options describe: <see cref="Layers"/>, or <see cref="Hidden"/> ones, and the task's outputs.</summary>
    /// <param name="head">The task.</param>
    /// <param name="features">Features of a row.</param>
    /// <param name="outputs">Classes, or targets of a regression; 1 for binary.</param>
    /// <exception cref="ArgumentException">The sizes do not fit each other, or the task.</exception>
    public Model ModelFor(Head head, int features, int outputs)
    {
        if (Layers is null && Inputs is null && Categories.Count == 0 && Dropout == 0 && SharedMembers == 1)
        {
            return new Mlp([features, .. Hidden, outputs], Activation, head);
        }

        var table = Signal.Features(features);
        var (inputs, hidden) = Layers is null ? (CategoryInputs.Of(table, Categories, numbers => Inputs?.Invoke(numbers) ?? numbers), HiddenLayers)
            : (table, Layers);
        return Model.Of(SharedMembers == 1 ? hidden(inputs).Linear(outputs) : inputs.SharedMembers(SharedMembers, hidden, outputs), head);
    }

    private Signal HiddenLayers(Signal signal)
    {
        foreach (var units in Hidden)
        {
            signal = signal.Linear(units).Apply(Activation);
            signal = Dropout == 0 ? signal : signal.Dropout(Dropout);
        }

        return signal;
    }
}
