using System.Diagnostics;
using System.Numerics;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Kernels;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Training;

/// <summary>Trains a network by L-BFGS on all rows at once; they pass through it in batches that only bound memory.</summary>
internal sealed class FullBatch<T> : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly ModelGraph graph;
    private readonly Panels<T>?[] gradients;
    private readonly ParameterStore<T> store;
    private readonly Workspace<T> workspace = new();
    private readonly BoundPlan<T> plan;
    private readonly bool adds;
    private readonly RowSource<T> training;
    private readonly Weights<T> weights;
    private readonly Weights<T> batchGradients;
    private readonly LbfgsMinimizer<T> minimizer;
    private CancellationToken cancellation;
    private BatchResult? first;

    /// <summary>Plans the passes and copies the weights.</summary>
    /// <exception cref="ArgumentException">The network gathers statistics of batches, has dropout, or only some of its heads add up.</exception>
    public FullBatch(Weights<T> initial, Lbfgs lbfgs, RowSource<T> training, int batchRows, EngineOptions engine)
    {
        var model = initial.Model;
        adds = model.HeadOutputs[0].Head.Reduction == Reduction.Sum;
        if (model.HeadOutputs.Any(output => output.Head.Reduction == Reduction.Sum != adds))
        {
            throw new ArgumentException($"Some heads of the network {model} average their losses and some add them up, and Lbfgs takes all rows at once. "
                + "Make them alike.");
        }

        (this.training, weights, batchGradients) = (training, initial.Clone(), new(model));
        graph = model.ToGraph(training: true, training.SparseFeatures);
        if (graph.Mode.Masks.Count > 0)
        {
            throw new ArgumentException($"The network {model} has dropout, and Lbfgs takes the loss to be the same each time. Train it with an optimizer.");
        }

        if (graph.Tensors.Zip(initial.Tensors).FirstOrDefault(pair => graph.Mode.Assignments.ContainsKey(pair.First)) is { Second.Name: { } statistic })
        {
            throw new ArgumentException($"The network {model} gathers {statistic} from batches, and Lbfgs takes all rows at once. Train it with an optimizer.");
        }

        // What is not learned has no gradient, and stays as it is.
        var nodes = Gradient.Build(graph.Loss, graph.Parameters);
        IReadOnlyList<Node> kept = [graph.Loss, .. nodes];
        store = Plan<T>.Store(kept, null, graph.Tensors);
        store.Load(graph, weights);
        plan = new(model, graph, new(kept, new Dictionary<Node, Node>(), null, store, batchRows, engine, workspace));
        var gradientOf = graph.Parameters.Zip(nodes).ToDictionary(pair => pair.First, pair => plan.Plan.Value(pair.Second));
        gradients = [.. graph.Tensors.Select(gradientOf.GetValueOrDefault)];
        minimizer = new(lbfgs, Evaluate);
    }

    /// <summary>One step of L-BFGS; what all rows gave before it.</summary>
    public BatchResult Step(CancellationToken cancellationToken)
    {
        (cancellation, first) = (cancellationToken, null);
        minimizer.Step(weights.Values);
        store.Load(graph, weights);
        return first!.Value;
    }

    /// <summary>Saves or loads all that the next steps depend on.</summary>
    public void Exchange(StateStream stream)
    {
        stream.Exchange(weights.Values);
        minimizer.Exchange(stream, weights.Values.Length);
        store.Load(graph, weights);
    }

    /// <summary>Whether every weight is a finite number.</summary>
    public bool IsFinite() => graph.Tensors.Select(store.Values).All(TensorCopies.IsFinite);

    /// <summary>Copies the current weights out.</summary>
    public void CopyWeightsTo(Weights<T> target) => weights.Values.CopyTo(target.Values);

    /// <summary>A forward pass with the current weights, whatever they are when it runs: never while a step does.</summary>
    public BoundPlan<T> Evaluation(int batchRows, EngineOptions engine, bool sparseFeatures)
    {
        var forward = weights.Model.ToGraph(training: false, sparseFeatures, graph.Tensors);
        return new(weights.Model, forward, new([forward.Loss], new Dictionary<Node, Node>(), null, store, batchRows, engine, workspace));
    }

    /// <summary>Stops the workers.</summary>
    public void Dispose() => plan.Dispose();

    /// <summary>The loss over all rows and its gradient: batch by batch, means counted times what they divide by.</summary>
    private double Evaluate(ReadOnlySpan<T> x, Span<T> gradient)
    {
        // x is what the minimizer moves: the weights themselves.
        Debug.Assert(x == weights.Values, "The minimizer moves the weights.");
        store.Load(graph, weights);
        gradient.Clear();
        var (loss, all) = (0.0, default(BatchResult));
        for (training.Rewind(plan.Plan.Capacity); training.Position < training.Rows;)
        {
            cancellation.ThrowIfCancellationRequested();
            var batch = training.Next((int)Math.Min(plan.Plan.Capacity, training.Rows - training.Position));
            var result = plan.Run(batch.Table, batch.Rows, 0);
            (loss, all) = (loss + result.Loss, all.With(result));
            batchGradients.Fill(gradients);
            Multiples.Add<T>(gradient, adds ? 1 : result.Terms, batchGradients.Values);
        }

        training.End();
        Multiples.Scale(gradient, adds ? 1 : all.Terms > 0 ? 1 / all.Terms : 0);
        first ??= all;
        return adds ? loss : all.Loss;
    }
}
