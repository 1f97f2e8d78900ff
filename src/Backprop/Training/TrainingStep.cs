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

    /// <summary>Copies the weights and plans the step.</summary>
    /// <param name="weights">Where training starts.</param>
    /// <param name="optimizer">The update.</param>
    /// <param name="batchSize">The most rows a batch has.</param>
    /// <param name="engine">Threads and vector width.</param>
    /// <param name="sparseFeatures">Whether tables have sparse features.</param>
    /// <param name="sparseUpdate">Which of the first layer's weights a step on sparse features updates.</param>
    public TrainingStep(
        Weights<T> weights,
        Optimizer optimizer,
        int batchSize,
        EngineOptions? engine = null,
        bool sparseFeatures = false,
        SparseUpdate sparseUpdate = SparseUpdate.Dense)
        : this(weights, optimizer, batchSize, engine, sparseFeatures, sparseUpdate, keepGradients: false)
    {
    }

    /// <summary>As the public one; may keep every gradient before any update, which costs memory and must not change a bit.</summary>
    internal TrainingStep(
        Weights<T> weights,
        Optimizer optimizer,
        int batchSize,
        EngineOptions? engine,
        bool sparseFeatures,
        SparseUpdate sparseUpdate,
        bool keepGradients)
    {
        (model, graph, LearningRate) = (weights.Model, weights.Model.ToGraph(new(Training: true), sparseFeatures), optimizer.LearningRate);
        var gradients = Gradient.Build(graph.Loss, graph.Parameters);
        store = Plan<T>.Store([graph.Loss, .. gradients], optimizer, graph.Tensors);
        store.Load(graph, weights);

        var updates = graph.Parameters.Zip(gradients).ToDictionary(pair => pair.First, pair => pair.Second);
        IReadOnlyList<Node> kept = keepGradients ? [graph.Loss, .. gradients] : [graph.Loss];
        plan = new(
            model, graph, new(kept, updates, optimizer, store, batchSize, engine ?? EngineOptions.Default, workspace, sparseUpdate));
    }

    /// <summary>The step size of the next steps; starts as the optimizer's.</summary>
    public double LearningRate { get; set; }

    /// <summary>The most threads that work on a batch: one where more would not pay even on a full one.</summary>
    public int Threads => plan.Plan.Threads;

    /// <summary>The share of the last step's rows that were classified right before the update; NaN for regression.</summary>
    public double Accuracy { get; private set; }

    /// <summary>One step on those rows of the table.</summary>
    /// <returns>The mean loss before the update.</returns>
    /// <exception cref="ArgumentException">The table does not fit the network or the plan, or a row number is out of range.</exception>
    public double Run(Examples<T> examples, ReadOnlySpan<int> rows)
    {
        var result = RunBatch(examples, rows);
        Accuracy = result.Accuracy;
        return result.Loss;
    }

    /// <summary>The same, with the rows counted that were right.</summary>
    internal BatchResult RunBatch(Examples<T> examples, ReadOnlySpan<int> rows) => plan.Run(examples, rows, LearningRate);

    /// <summary>Copies the current weights out.</summary>
    /// <exception cref="ArgumentException">They are of a network of other sizes.</exception>
    public void CopyWeightsTo(Weights<T> weights)
    {
        weights.RequireFit(model, "weights");
        weights.Fill(graph.Tensors.Select(store.Values));
    }

    /// <summary>Whether every weight is a finite number.</summary>
    internal bool IsFinite() => graph.Tensors.Select(store.Values).All(TensorCopies.IsFinite);

    /// <summary>A forward pass with the current weights, whatever they are when it runs: never while a step does.</summary>
    internal BoundPlan<T> Evaluation(int batchSize, EngineOptions engine, bool sparseFeatures = false)
    {
        var forward = model.ToGraph(new(Training: false), sparseFeatures, graph.Tensors);
        return new(model, forward, new([forward.Loss], new Dictionary<Node, Node>(), null, store, batchSize, engine, workspace));
    }

    /// <summary>Stops the workers.</summary>
    public void Dispose() => plan.Dispose();
}
