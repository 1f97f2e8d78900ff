using System.Numerics;
using Backprop.Graph;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Training;

/// <summary>Loss, logits and every gradient of a network on a batch, without an update.</summary>
/// <remarks>For one thread at a time; it uses others itself.</remarks>
/// <typeparam name="T">float or double.</typeparam>
public sealed class GradientPass<T> : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Model model;
    private readonly ModelGraph graph;
    private readonly IReadOnlyList<Node> gradientNodes;
    private readonly ParameterStore<T> store;
    private readonly BoundPlan<T> plan;

    /// <summary>Plans the pass.</summary>
    /// <param name="model">The network.</param>
    /// <param name="batchSize">The most rows a batch has.</param>
    /// <param name="engine">Threads and vector width.</param>
    /// <param name="sparseFeatures">Whether tables have sparse features.</param>
    /// <param name="random">The stream that dropout draws from; only a network with dropout needs one.</param>
    public GradientPass(Model model, int batchSize, EngineOptions? engine = null, bool sparseFeatures = false, TorchRandom? random = null)
    {
        (this.model, graph) = (model, model.ToGraph(training: true, sparseFeatures));
        gradientNodes = Gradient.Build(graph.Loss, graph.Parameters);
        IReadOnlyList<Node> kept = [graph.Loss, .. graph.Heads.Select(head => head.Logits), .. gradientNodes];
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

    /// <summary>Bytes reserved for activations, gradients and the batch; fewer with <see cref="EngineOptions.Recompute"/>.</summary>
    public long WorkspaceBytes => plan.Plan.WorkspaceBytes;

    /// <summary>Stops the workers.</summary>
    public void Dispose() => plan.Dispose();
}
