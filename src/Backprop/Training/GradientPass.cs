using System.Numerics;
using Backprop.Graph;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Training;

/// <summary>Loss, logits and every gradient of a network on a batch, without an update.</summary>
/// <remarks>
/// For one thread at a time; it uses others itself. Where signals are kept, every layer's result and the loss's gradient with respect to
/// it can be read too: the δ of backpropagation, down to the features (which tells what a score depends on).
/// </remarks>
/// <typeparam name="T">float or double.</typeparam>
public sealed class GradientPass<T> : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Model model;
    private readonly ModelGraph graph;
    private readonly IReadOnlyList<Node> gradientNodes;
    private readonly ParameterStore<T> store;
    private readonly BoundPlan<T> plan;
    private readonly Dictionary<Signal, Node> signalGradients = [];
    private int lastRows;

    /// <summary>Plans the pass.</summary>
    /// <param name="model">The network.</param>
    /// <param name="batchSize">The most rows a batch has.</param>
    /// <param name="engine">Threads and vector width.</param>
    /// <param name="sparseFeatures">Whether tables have sparse features.</param>
    /// <param name="random">The stream that dropout draws from; only a network with dropout needs one.</param>
    /// <param name="keepSignals">Whether the results of layers, and the loss's gradients with respect to them, are kept to be read.</param>
    public GradientPass(
        Model model, int batchSize, EngineOptions? engine = null, bool sparseFeatures = false, TorchRandom? random = null, bool keepSignals = false)
        : this(model, batchSize, engine, sparseFeatures, random, keepSignals, rewriting: null)
    {
    }

    /// <summary>As the public one, of a graph in which other nodes may stand in for some.</summary>
    internal GradientPass(
        Model model, int batchSize, EngineOptions? engine, bool sparseFeatures, TorchRandom? random, bool keepSignals, Rewriting? rewriting)
    {
        (this.model, graph) = (model, model.ToGraph(training: true, sparseFeatures));
        graph = rewriting is null ? graph : graph.With(rewriting);
        var signals = keepSignals ? model.Signals.Where(signal => !graph.Values[signal].IsSparse).ToList() : [];
        var all = Gradient.Build(graph.Loss, [.. graph.Parameters, .. signals.Select(signal => graph.Values[signal])], zeros: keepSignals);
        all = rewriting is null ? all : [.. all.Select(rewriting.Backward)];
        gradientNodes = [.. all.Take(graph.Parameters.Count)];
        foreach (var (signal, gradient) in signals.Zip(all.Skip(graph.Parameters.Count)))
        {
            signalGradients.Add(signal, gradient);
        }

        IReadOnlyList<Node> kept =
            [graph.Loss, .. graph.Heads.Select(head => head.Logits), .. gradientNodes, .. signals.Select(signal => graph.Values[signal]),
                .. signalGradients.Values];
        store = Plan<T>.Store(kept, null, graph.Tensors);
        plan = new(model, graph, new(kept, new Dictionary<Node, Node>(), null, store, batchSize, engine ?? EngineOptions.Default));
        DropoutMasks.Bind(graph, plan.Plan, random);
    }

    /// <summary>Computes the gradients of the loss: the mean, or the sum where the head adds up.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="examples">The table.</param>
    /// <param name="rows">The batch's rows.</param>
    /// <param name="gradients">Filled: the gradient of each parameter under its name.</param>
    /// <param name="logits">Filled: rows × outputs, row-major.</param>
    /// <returns>The loss.</returns>
    /// <exception cref="ArgumentException">Weights, table, rows or a place for results do not fit the network or the plan.</exception>
    public double Run(Weights<T> weights, Examples<T> examples, ReadOnlySpan<int> rows, Weights<T> gradients, Span<T> logits)
    {
        weights.RequireFit(model, "weights");
        gradients.RequireFit(model, "gradients");
        if (logits.Length < rows.Length * model.Outputs)
        {
            throw new ArgumentException($"{logits.Length} places do not hold the logits of {rows.Length} rows of {model.Outputs}. Make the span longer.");
        }

        store.Load(graph, weights);
        lastRows = rows.Length;

        var loss = plan.Run(examples, rows, 0).Loss;
        var gradientOf = graph.Parameters.Zip(gradientNodes).ToDictionary(pair => pair.First, pair => plan.Plan.Value(pair.Second));
        gradients.Fill(graph.Tensors.Select(gradientOf.GetValueOrDefault));
        var first = 0;
        foreach (var panels in graph.Heads.Select(head => plan.Plan.Value(head.Logits)))
        {
            for (var row = 0; row < rows.Length; row++)
            {
                panels.GetRow(row, logits.Slice(row * model.Outputs + first, panels.Columns));
            }

            first += panels.Columns;
        }

        return loss;
    }

    /// <summary>A layer's result, or the features, in the last batch: rows × its width, row-major.</summary>
    /// <param name="signal">One of the network's <see cref="Model.Signals"/>; that of a layer by name is <see cref="Model.SignalOf"/>.</param>
    /// <exception cref="ArgumentException">It is not kept.</exception>
    public T[] ValuesOf(Signal signal)
    {
        _ = Kept(signal);
        return Copy(graph.Values[signal]);
    }

    /// <summary>
    /// The loss's gradient with respect to a layer's result, its δ, or with respect to the features, in the last batch: as <see cref="ValuesOf"/>.
    /// </summary>
    /// <param name="signal">One of the network's <see cref="Model.Signals"/>; that of a layer by name is <see cref="Model.SignalOf"/>.</param>
    /// <exception cref="ArgumentException">It is not kept.</exception>
    public T[] GradientsOf(Signal signal) => Copy(Kept(signal));

    /// <summary>Bytes reserved for activations, gradients and the batch; fewer with <see cref="EngineOptions.Recompute"/>.</summary>
    public long WorkspaceBytes => plan.Plan.WorkspaceBytes;

    private Node Kept(Signal signal) => signalGradients.TryGetValue(signal, out var gradient)
        ? gradient
        : throw new ArgumentException(
            "The signal's numbers are not kept: they are sparse features, of another network, or signals are not kept at all. "
                + "Make the pass with keepSignals: true.");

    private T[] Copy(Node node)
    {
        var panels = plan.Plan.Value(node);
        var numbers = new T[lastRows * panels.Columns];
        for (var row = 0; row < lastRows; row++)
        {
            panels.GetRow(row, numbers.AsSpan(row * panels.Columns, panels.Columns));
        }

        return numbers;
    }

    /// <summary>Stops the workers.</summary>
    public void Dispose() => plan.Dispose();
}
