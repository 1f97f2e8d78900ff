using System.Numerics;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Training;

/// <summary>One optimizer step of a network, again and again: forward, backward and update without allocating.</summary>
/// <typeparam name="T">float or double.</typeparam>
public sealed class TrainingStep<T> : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Mlp mlp;
    private readonly MlpGraph graph;
    private readonly ParameterStore<T> store;
    private readonly BoundPlan<T> plan;
    private readonly Workspace<T> workspace = new();

    /// <summary>Copies the weights and plans the step.</summary>
    /// <param name="weights">Where training starts.</param>
    /// <param name="optimizer">The update.</param>
    /// <param name="batchSize">The most rows a batch has.</param>
    /// <param name="engine">Threads and vector width.</param>
    /// <param name="sparse">The first layer's update for tables with sparse features; null for dense ones.</param>
    public TrainingStep(Weights<T> weights, Optimizer optimizer, int batchSize, EngineOptions? engine = null, SparseUpdate? sparse = null)
        : this(weights, optimizer, batchSize, engine, false, sparse)
    {
    }

    /// <summary>As the public one; may keep every gradient before any update, which costs memory and must not change a bit.</summary>
    internal TrainingStep(
        Weights<T> weights, Optimizer optimizer, int batchSize, EngineOptions? engine, bool keepGradients, SparseUpdate? sparse = null)
    {
        (mlp, graph, LearningRate) = (weights.Mlp, weights.Mlp.ToGraph(sparse is not null), optimizer.LearningRate);
        var gradients = Gradient.Build(graph.Loss, graph.Parameters);
        store = Plan<T>.Store([graph.Loss, .. gradients], optimizer, graph.Parameters);
        store.Load(graph, weights);

        var updates = graph.Parameters.Zip(gradients).ToDictionary(pair => pair.First, pair => pair.Second);
        IReadOnlyList<Node> kept = keepGradients ? [graph.Loss, .. gradients] : [graph.Loss];
        plan = new(
            mlp, graph, new(kept, updates, optimizer, store, batchSize, engine ?? EngineOptions.Default, workspace, sparse ?? SparseUpdate.Dense));
    }

    /// <summary>The step size of the next steps; starts as the optimizer's.</summary>
    public double LearningRate { get; set; }

    /// <summary>Threads that work on a full batch: one where more would not pay.</summary>
    public int Threads => plan.Plan.Threads;

    /// <summary>The share of the last step's rows that were classified right before the update; NaN for regression.</summary>
    public double Accuracy { get; private set; }

    /// <summary>One step on those rows of the table.</summary>
    /// <returns>The mean loss before the update.</returns>
    /// <exception cref="ArgumentException">The table does not fit the network or the plan, or a row number is out of range.</exception>
    public double Run(Examples<T> examples, ReadOnlySpan<int> rows)
    {
        (var loss, Accuracy) = plan.Run(examples, rows, LearningRate);
        return loss;
    }

    /// <summary>Copies the current weights out.</summary>
    public void CopyWeightsTo(Weights<T> weights)
    {
        weights.RequireFit(mlp, "weights");
        weights.Fill(graph.Parameters.Select(store.Values));
    }

    /// <summary>Whether every weight is a finite number.</summary>
    internal bool IsFinite() => graph.Parameters.Select(store.Values).All(MlpParameters.IsFinite);

    /// <summary>A forward pass with the current weights, whatever they are when it runs: never while a step does.</summary>
    internal BoundPlan<T> Evaluation(int batchSize, EngineOptions engine, bool sparse = false)
    {
        var forward = mlp.ToGraph(sparse, graph.Parameters);
        return new(mlp, forward, new([forward.Loss], new Dictionary<Node, Node>(), null, store, batchSize, engine, workspace));
    }

    /// <summary>Stops the workers.</summary>
    public void Dispose() => plan.Dispose();
}
