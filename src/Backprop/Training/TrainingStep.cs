using System.Numerics;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Training;

/// <summary>One optimizer step of a network, again and again: forward, backward and update without allocating.</summary>
/// <remarks>For one thread at a time; it uses others itself.</remarks>
/// <typeparam name="T">float or double.</typeparam>
public sealed class TrainingStep<T> : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Model model;
    private readonly ModelGraph graph;
    private readonly ParameterStore<T> store;
    private readonly BoundPlan<T> plan;
    private readonly Workspace<T> workspace = new();
    private readonly GatheredGradients<T>? gathered;
    private readonly AveragedParameters<T>? averages;
    private readonly int batchesOfAnUpdate;
    private readonly TorchRandom? random;
    private int batches;

    /// <summary>Copies the weights and plans the step.</summary>
    /// <param name="weights">Where training starts.</param>
    /// <param name="optimizer">The update.</param>
    /// <param name="batchSize">The most rows a batch has.</param>
    /// <param name="engine">Threads and vector width.</param>
    /// <param name="sparseFeatures">Whether tables have sparse features.</param>
    /// <param name="sparseUpdate">Which of the first layer's weights a step on sparse features updates.</param>
    /// <param name="updates">What happens to gradients and weights around the optimizer.</param>
    /// <param name="random">The stream that dropout draws from; only a network with dropout needs one.</param>
    /// <exception cref="ArgumentException">An option is out of range, or options contradict each other.</exception>
    public TrainingStep(
        Weights<T> weights,
        Optimizer optimizer,
        int batchSize,
        EngineOptions? engine = null,
        bool sparseFeatures = false,
        SparseUpdate sparseUpdate = SparseUpdate.Dense,
        UpdateOptions? updates = null,
        TorchRandom? random = null)
        : this(weights, optimizer, batchSize, engine, sparseFeatures, sparseUpdate, updates, random, keepGradients: false, rewriting: null)
    {
    }

    /// <summary>
    /// As the public one; may keep every gradient before any update, which costs memory and must not change a bit, and other nodes may
    /// stand in for some of the graph.
    /// </summary>
    internal TrainingStep(
        Weights<T> weights,
        Optimizer optimizer,
        int batchSize,
        EngineOptions? engine,
        bool sparseFeatures,
        SparseUpdate sparseUpdate,
        UpdateOptions? updates,
        TorchRandom? random,
        bool keepGradients,
        Rewriting? rewriting = null)
    {
        (model, graph, LearningRate) = (weights.Model, weights.Model.ToGraph(training: true, sparseFeatures), optimizer.LearningRate);
        graph = rewriting is null ? graph : graph.With(rewriting);
        updates ??= new();
        Checks.Updates(updates, sparseFeatures ? sparseUpdate : SparseUpdate.Dense);
        batchesOfAnUpdate = updates.AccumulatedBatches;
        gathered = updates.GathersGradients ? new(updates.ClipNorm ?? double.PositiveInfinity, batchesOfAnUpdate > 1) : null;
        var rules = GroupedRules.Of(graph.Tensors.Zip(weights.Tensors), optimizer, updates, gathered?.Scale);
        var trained = graph.Parameters.Where(parameter => rules[parameter] is not null).ToList();
        var gradients = Gradient.Build(graph.Loss, trained);
        gradients = rewriting is null ? gradients : [.. gradients.Select(rewriting.Backward)];
        store = Plan<T>.Store([graph.Loss, .. gradients], rules, graph.Tensors);
        store.Load(graph, weights);
        averages = updates.AverageDecay is { } decay ? new(store.Beside(trained), decay) : null;
        averages?.Store.Load(graph, weights);

        IReadOnlyList<Node> kept = keepGradients ? [graph.Loss, .. gradients] : [graph.Loss];
        plan = new(model, graph, new(
            kept,
            trained.Zip(gradients).ToDictionary(pair => pair.First, pair => pair.Second),
            rules,
            store,
            batchSize,
            engine ?? EngineOptions.Default,
            workspace,
            sparseUpdate,
            graph.Mode.Assignments,
            gathered,
            averages));
        this.random = random;
        DropoutMasks.Bind(graph, plan.Plan, random);
    }

    /// <summary>The step size of the next steps; starts as the optimizer's.</summary>
    public double LearningRate { get; set; }

    /// <summary>The most threads that work on a batch: one where more would not pay even on a full one.</summary>
    public int Threads => plan.Plan.Threads;

    /// <summary>
    /// Bytes reserved for what one batch needs and the next does not: activations, gradients, the batch itself. Fewer with
    /// <see cref="EngineOptions.Recompute"/>.
    /// </summary>
    public long WorkspaceBytes => workspace.Bytes;

    /// <summary>The share of the last step's rows that were classified right before the update; NaN for regression.</summary>
    public double Accuracy { get; private set; }

    /// <summary>Updates made so far.</summary>
    public long Updates { get; private set; }

    /// <summary>The norm of all gradients together before <see cref="UpdateOptions.ClipNorm"/> bounded it, at the last update; NaN without a bound.</summary>
    public double GradientNorm => gathered?.Norm ?? double.NaN;

    /// <summary>Whether the last batch ended an update, so that nothing is summed for the next.</summary>
    internal bool IsBetweenUpdates => batches == 0;

    /// <summary>Saves or loads all that the next steps depend on: weights and what the optimizer remembers, averages, dropout's stream.</summary>
    internal void Exchange(StateStream stream)
    {
        var (updates, planned) = (Updates, plan.Plan.Updates);
        stream.Exchange(store);
        if (averages is not null)
        {
            stream.Exchange(averages.Store);
        }

        stream.Exchange(ref updates);
        stream.Exchange(ref planned);
        (Updates, plan.Plan.Updates) = (updates, planned);
        if (random is not null)
        {
            stream.Exchange(random);
        }
    }

    /// <summary>One step on those rows of the table, or a part of one: see <see cref="UpdateOptions.AccumulatedBatches"/>.</summary>
    /// <param name="examples">The table.</param>
    /// <param name="rows">The batch's rows.</param>
    /// <param name="last">Whether an update follows in any case, from the batches there are.</param>
    /// <returns>The loss before the update: the mean, or the sum where the head adds up.</returns>
    /// <exception cref="ArgumentException">The table does not fit the network or the plan, or a row number is out of range.</exception>
    public double Run(Examples<T> examples, ReadOnlySpan<int> rows, bool last = false)
    {
        var result = RunBatch(examples, rows, last);
        Accuracy = result.Accuracy;
        return result.Loss;
    }

    /// <summary>The same, with the rows counted that were right.</summary>
    /// <param name="examples">The table.</param>
    /// <param name="rows">The batch's rows.</param>
    /// <param name="last">Whether an update follows in any case.</param>
    internal BatchResult RunBatch(Examples<T> examples, ReadOnlySpan<int> rows, bool last = false)
    {
        var update = last || batches + 1 >= batchesOfAnUpdate;
        var result = plan.Run(examples, rows, LearningRate, update);
        (batches, Updates) = update ? (0, Updates + 1) : (batches + 1, Updates);
        return result;
    }

    /// <summary>Copies the current weights out.</summary>
    /// <exception cref="ArgumentException">They are of a network of other sizes.</exception>
    public void CopyWeightsTo(Weights<T> weights) => Copy(store, weights);

    /// <summary>What the optimizer remembers: the first number beside each weight, the second and the third; 0 where an update has none.</summary>
    internal IReadOnlyList<Weights<T>> CopyMemory()
    {
        List<Weights<T>> memory = [new(model), new(model), new(model)];
        foreach (var (i, one) in memory.Index())
        {
            one.Fill(graph.Tensors.Select(tensor => store.Memory(tensor).ElementAtOrDefault(i)));
        }

        return memory;
    }

    /// <summary>Goes on from other weights, and what is remembered beside them; the updates so far still count.</summary>
    internal void Load(Weights<T> weights, IReadOnlyList<Weights<T>> memory)
    {
        store.LoadMemory(graph, memory);
        store.Load(graph, weights);
    }

    /// <summary>Copies the moving average of the weights out, or the weights themselves without one.</summary>
    /// <exception cref="ArgumentException">They are of a network of other sizes.</exception>
    public void CopyAverageTo(Weights<T> weights) => Copy(Best, weights);

    /// <summary>Whether every weight, or the average of every weight if there is one, is a finite number.</summary>
    internal bool IsFinite() => graph.Tensors.Select(Best.Values).All(TensorCopies.IsFinite);

    /// <summary>A forward pass with the current weights, or their average, whatever they are when it runs: never while a step does.</summary>
    internal BoundPlan<T> Evaluation(int batchSize, EngineOptions engine, bool sparseFeatures = false)
    {
        var forward = model.ToGraph(training: false, sparseFeatures, graph.Tensors);
        return new(model, forward, new([forward.Loss], new Dictionary<Node, Node>(), null, Best, batchSize, engine, workspace));
    }

    /// <summary>Stops the workers.</summary>
    public void Dispose() => plan.Dispose();

    private ParameterStore<T> Best => averages?.Store ?? store;

    private void Copy(ParameterStore<T> from, Weights<T> weights)
    {
        weights.RequireFit(model, "weights");
        weights.Fill(graph.Tensors.Select(from.Values));
    }
}
