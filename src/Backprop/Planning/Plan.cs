using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Kernels;

namespace Backprop.Planning;

/// <summary>A graph turned into steps with fixed buffers: running it computes a batch forward, backward and through the update
/// without allocating.</summary>
internal sealed partial class Plan<T> : IPhasedWork, IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>A thread with fewer operations a run, about 2 µs of them, costs more than it gives.</summary>
    private const double OperationsOfAThread = 4e5;

    private const int MostThreads = 1024;

    private readonly Step<T>[][] phases;
    private readonly Dictionary<Node, InputStep<T>> inputs = [];
    private readonly Dictionary<Node, SparseColumns<T>> sparse = [];
    private readonly Dictionary<Node, Panels<T>> values;
    private readonly HashSet<Node> unfilled = [];
    private readonly List<(Panels<T> Matrix, Action<Panels<T>, int> Write)> filled = [];
    private readonly Panels<T>[] shares;
    private readonly Categories[] categories;
    private readonly Dictionary<Node, MeanLossStep<T>> losses = [];
    private readonly UpdateKernels<T> updates;
    private readonly UpdateKernel<T>? averageKernel;
    private readonly GatheredGradients<T>? gathered;
    private readonly Recomputation? recomputation;
    private readonly Workspace<T> workspace;

    // Those that compute and sum gradients: all that run where no update follows.
    private readonly int phasesOfABatch;
    private readonly Workers? workers;
    private readonly Scratch<T>[] scratch;
    private int batchRows;
    private int phasesToRun;
    private double rate;
    private bool disposed;

    /// <summary>Plans a graph.</summary>
    /// <param name="kept">Nodes whose values are read after a run.</param>
    /// <param name="gradients">The gradient of each parameter to update; empty to update none.</param>
    /// <param name="rules">The updates; null to update none.</param>
    /// <param name="store">Where parameters live, made by <see cref="Store"/>; may be shared by plans that update none.</param>
    /// <param name="capacity">The most rows a batch has.</param>
    /// <param name="engine">Threads and vector width.</param>
    /// <param name="workspace">Memory shared with plans that never run at the same time; null for its own.</param>
    /// <param name="sparseUpdate">The update of parameters that sparse inputs multiply.</param>
    /// <param name="assignments">The node whose value each state takes at the end of a run; null for none.</param>
    /// <param name="gathered">What needs all gradients before any update; null to update as gradients appear.</param>
    /// <param name="averages">Averages of the parameters to keep, or null.</param>
    public Plan(
        IReadOnlyList<Node> kept,
        IReadOnlyDictionary<Node, Node> gradients,
        UpdateRules? rules,
        ParameterStore<T> store,
        int capacity,
        EngineOptions engine,
        Workspace<T>? workspace = null,
        SparseUpdate sparseUpdate = SparseUpdate.Dense,
        IReadOnlyDictionary<Node, Node>? assignments = null,
        GatheredGradients<T>? gathered = null,
        AveragedParameters<T>? averages = null)
    {
        if (capacity < 1 || engine.Threads is < 0 or > MostThreads)
        {
            throw new ArgumentException(
                $"A batch of {capacity} rows on {engine.Threads} threads cannot be planned. "
                    + $"Give 1 row at least, and 0 to {MostThreads} threads (0 is one per core).");
        }

        kept = gathered is null ? kept : [.. kept, .. gradients.Values];
        IReadOnlyList<Node> Results() => [.. kept, .. gradients.Values, .. assignments?.Values ?? [], .. assignments?.Keys ?? []];
        var topology = new Topology(Results());
        if (engine.Recompute)
        {
            recomputation = new(topology, kept.Concat(assignments?.Values ?? []));
            kept = [.. kept.Select(recomputation.Of)];
            gradients = gradients.ToDictionary(pair => pair.Key, pair => recomputation.Of(pair.Value));
            topology = new(Results(), recomputation.After);
        }

        var recipes = Fuse.Recipes(topology, kept, gradients, assignments);
        var wanted = engine.Threads == 0 ? Environment.ProcessorCount : engine.Threads;
        var bytes = topology.Order.Where(node => node.Op is Parameter).Sum(p => (long)p.Shape.Rows * p.Shape.Columns) * Unsafe.SizeOf<T>();
        // Without chains, values share memory level by level; a single row wants its chain, for tiles that cross panels.
        var chained = !engine.Recompute && (bytes <= CacheSizes.OwnBytes || (rules is null && wanted == 1 && capacity <= Phases<T>.MostChainRows));
        var levels = Levels.Of(recipes, chained, recomputation?.After);
        var kernels = Kernels<T>.Of(engine.VectorBits);
        Capacity = capacity;
        updates = new(kernels, rules, sparseUpdate);
        this.workspace = workspace ?? new();
        values = Placement.Of(topology, recipes, levels, kept, store, this.workspace, capacity);

        var end = levels.DefaultIfEmpty(0).Max() + 1;
        var built = new Phases<T>(end + 6);
        categories = [.. Categories.Of(topology)];
        shares = [.. topology.Order.Where(node => node.Op is BatchShare).Select(node => values[node])];
        foreach (var node in topology.Order.Where(node => node.Op is Source))
        {
            if (node.Op is Source { Filled: true })
            {
                unfilled.Add(node);
                continue;
            }

            if (node.IsSparse)
            {
                sparse[node] = new(new(node.Shape.Columns));
                continue;
            }

            inputs[node] = new(values[node]);
            built.AddByRow(0, inputs[node]);
        }

        foreach (var (node, byColumns) in sparse)
        {
            // Beside the forward product if nothing needs it sooner.
            var needed = recipes.Zip(levels).Where(r => r.First.Core.Op is TransposedProduct && r.First.Core.Inputs[0] == node).Select(r => r.Second);
            if (needed.DefaultIfEmpty(0).Min() is > 0 and var earliest)
            {
                built.Add(Math.Min(earliest - 1, 1), new SparseTransposeStep<T>(byColumns));
            }
        }

        gathered?.AddTo(built, end, kernels, gradients.Select(pair => (pair.Key, values[pair.Value])), PrepareUpdates);
        var lowering = new Lowering<T>(kernels, values, sparse, store, updates, gathered);
        foreach (var (recipe, level) in recipes.Zip(levels))
        {
            var step = lowering.Step(recipe);
            if (recipe.ByRow)
            {
                built.AddByRow(level, (RowStep<T>)step);
            }
            else
            {
                built.Add(gathered is not null && recipe.OnlyUpdates ? end + 4 : level, step);
            }

            if (step is MeanLossStep<T> loss)
            {
                var of = recipe.Loss ?? recipe.Result;
                losses[of] = loss;
                if (of.Op is MeanLoss)
                {
                    gathered?.Losses.Add(loss);
                }

                built.Add(level + 1, new FinishStep<T>(loss));
            }
        }

        if (averages is not null)
        {
            averageKernel = kernels.Update(new MovingAverage(averages.Decay));
            foreach (var parameter in gradients.Keys)
            {
                built.Add(end + 5, new UpdateStep<T>(store.Values(parameter), averages.Store.Update(parameter, averageKernel)));
            }
        }

        this.gathered = gathered;
        var threads = (int)Math.Clamp(built.Operations(capacity) / OperationsOfAThread, 1, wanted);
        phases = chained ? built.ToChains(capacity, threads) : built.ToArray();
        phasesOfABatch = gathered is null ? phases.Length : Array.FindIndex(phases, phase => phase.Contains(gathered.FirstOfUpdate));
        scratch = [.. Enumerable.Range(0, threads).Select(_ => new Scratch<T>())];
        // Last: nothing after it can fail and leave threads behind.
        workers = threads > 1 ? new(threads) : null;
    }

    /// <summary>The most rows a batch has.</summary>
    public int Capacity { get; }

    /// <summary>The most threads that work on a batch: one where more would not pay even on a full one.</summary>
    public int Threads => workers?.Count ?? 1;

    /// <summary>Bytes reserved for values that are not kept from run to run: activations, gradients, the batch.</summary>
    public long WorkspaceBytes => workspace.Bytes;

    /// <summary>Updates made so far, which the next one's constants depend on.</summary>
    public long Updates { get; set; }

    /// <summary>The losses of the graph.</summary>
    public IReadOnlyDictionary<Node, MeanLossStep<T>> Losses => losses;

    /// <summary>Makes room for the parameters of a graph whose results these are.</summary>
    public static ParameterStore<T> Store(IReadOnlyList<Node> results, UpdateRules? rules, IReadOnlyList<Node> parameters)
    {
        var transposed = new Topology(results).Order.Where(node => node.Op is Transposition).Select(node => node.Inputs[0]).ToHashSet();
        return new(parameters, transposed, parameter => parameter.Op is Parameter && rules?[parameter] is { } rule ? Kernels<T>.Of(0).Update(rule).States : 0);
    }
}
