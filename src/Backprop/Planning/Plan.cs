using System.Diagnostics;
using System.Numerics;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Kernels;

namespace Backprop.Planning;

/// <summary>A graph turned into steps with fixed buffers: running it computes a batch forward, backward and through the update
/// without allocating.</summary>
internal sealed class Plan<T> : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Below this many operations a run, about 0.2 ms, threads cost more than they give.</summary>
    private const double ThreadsPay = 3e7;

    private const int MostThreads = 1024;

    private readonly Step<T>[][] phases;
    private readonly int[] claimed;
    private readonly Dictionary<Node, InputStep<T>> inputs = [];
    private readonly Dictionary<Node, SparseColumns<T>> sparse = [];
    private readonly Dictionary<Node, Panels<T>> values;
    private readonly UpdateKernel<T>? updateKernel;
    private readonly UpdateKernel<T>? lazyKernel;
    private readonly Workers? workers;
    private readonly Scratch<T>[] scratch;
    private readonly Action<int> work;
    private int batchRows;
    private int first;
    private bool disposed;
    private long steps;

    /// <summary>Plans a graph.</summary>
    /// <param name="kept">Nodes whose values are read after a run.</param>
    /// <param name="gradients">The gradient of each parameter to update; empty to update none.</param>
    /// <param name="optimizer">The update; null to update none.</param>
    /// <param name="store">Where parameters live, made by <see cref="Store"/>; may be shared by plans that update none.</param>
    /// <param name="capacity">The most rows a batch has.</param>
    /// <param name="engine">Threads and vector width.</param>
    /// <param name="sparseUpdate">The update of parameters that sparse inputs multiply.</param>
    public Plan(
        IReadOnlyList<Node> kept,
        IReadOnlyDictionary<Node, Node> gradients,
        Optimizer? optimizer,
        ParameterStore<T> store,
        int capacity,
        EngineOptions engine,
        SparseUpdate sparseUpdate = SparseUpdate.Dense)
    {
        if (capacity < 1 || engine.Threads is < 0 or > MostThreads)
        {
            throw new ArgumentException(
                $"A batch of {capacity} rows on {engine.Threads} threads cannot be planned. Give 1 row at least, and 0 to {MostThreads} threads (0 is one per core).");
        }

        var topology = new Topology([.. kept, .. gradients.Values]);
        var recipes = Fuse.Recipes(topology, kept, gradients);
        var levels = Levels.Of(recipes);
        var kernels = Kernels<T>.Of(engine.VectorBits);
        (VectorBits, Capacity) = (kernels.VectorBits, capacity);
        updateKernel = optimizer is null ? null : kernels.Update(optimizer);
        lazyKernel = sparseUpdate == SparseUpdate.Lazy && optimizer is not null ? kernels.Update(optimizer, lazy: true)
            : updateKernel is { RestsAtZero: true } ? updateKernel : null;
        values = Placement.Of(topology, recipes, levels, kept, store, capacity);

        var byLevel = Enumerable.Range(0, levels.DefaultIfEmpty(0).Max() + 2).Select(_ => new List<Step<T>>()).ToArray();
        foreach (var node in topology.Order.Where(node => node.Op is Source))
        {
            if (node.IsSparse)
            {
                sparse[node] = new(new(node.Shape.Columns));
                continue;
            }

            inputs[node] = new(values[node]);
            byLevel[0].Add(inputs[node]);
        }

        foreach (var (node, byColumns) in sparse)
        {
            // Beside the forward product if nothing needs it sooner.
            var needed = recipes.Zip(levels).Where(r => r.First.Core.Op is TransposedProduct && r.First.Core.Inputs[0] == node).Select(r => r.Second);
            if (needed.DefaultIfEmpty(0).Min() is > 0 and var level)
            {
                byLevel[Math.Min(level - 1, 1)].Add(new SparseTransposeStep<T>(byColumns));
            }
        }

        var lowering = new Lowering<T>(kernels, values, sparse, store, updateKernel, lazyKernel);
        for (var i = 0; i < recipes.Count; i++)
        {
            var step = lowering.Step(recipes[i]);
            byLevel[levels[i]].Add(step);
            if (step is MeanLossStep<T> loss)
            {
                Loss = loss;
                byLevel[levels[i] + 1].Add(new FinishStep<T>(loss));
            }
        }

        // Level 0 stays even when empty: RunPrepared leaves it out.
        phases = [.. byLevel.Where((level, i) => i == 0 || level.Count > 0).Select(level => level.ToArray())];
        claimed = new int[phases.Length];
        var wanted = engine.Threads == 0 ? Environment.ProcessorCount : engine.Threads;
        var threads = Operations(capacity) >= ThreadsPay ? wanted : 1;
        var columns = topology.Order.Max(node => node.Shape.Columns);
        scratch = [.. Enumerable.Range(0, threads).Select(_ => new Scratch<T>(columns))];
        work = Work;
        // Last: nothing after it can fail and leave threads behind.
        workers = threads > 1 ? new(threads) : null;
    }

    /// <summary>Bits of a vector; 0 for scalar code.</summary>
    public int VectorBits { get; }

    /// <summary>The most rows a batch has.</summary>
    public int Capacity { get; }

    /// <summary>Threads that work on a full batch: one where more would not pay.</summary>
    public int Threads => workers?.Count ?? 1;

    /// <summary>The loss, if the graph has one.</summary>
    public MeanLossStep<T>? Loss { get; }

    /// <summary>Makes room for the parameters of a graph whose results these are.</summary>
    public static ParameterStore<T> Store(IReadOnlyList<Node> results, Optimizer? optimizer, IReadOnlyList<Node> parameters)
    {
        var transposed = new Topology(results).Order.Where(node => node.Op is Transposition).Select(node => node.Inputs[0]).ToHashSet();
        return new(parameters, transposed, optimizer is null ? 0 : Kernels<T>.Of(0).Update(optimizer).States);
    }

    /// <summary>The value of a kept node or of an input.</summary>
    public Panels<T> Value(Node node) => values[node];

    /// <summary>Chooses the table and the rows an input of the next run is gathered from.</summary>
    public void Choose(Node input, T[]? table, int[] rows) => inputs[input].Choose(table, rows);

    /// <summary>The same for a sparse input.</summary>
    public void ChooseSparse(Node input, CompressedRows<T> table, int[] rows) => sparse[input].Batch.Choose(table, rows);

    /// <summary>Runs the plan on the rows chosen, updating with that learning rate.</summary>
    public void Run(int rows, double rate)
    {
        first = 0;
        RunFrom(rows, rate);
    }

    /// <summary>Runs the plan on rows that the caller wrote to the inputs.</summary>
    public void RunPrepared(int rows)
    {
        Debug.Assert(updateKernel is null, "Rows written by the caller are for plans that only compute.");
        first = 1;
        RunFrom(rows, 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        disposed = true;
        workers?.Dispose();
    }

    private void RunFrom(int rows, double rate)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        batchRows = rows;
        updateKernel?.Prepare(++steps, rate);
        lazyKernel?.Prepare(steps, rate);
        if (workers is null || Operations(rows) < ThreadsPay)
        {
            foreach (var phase in phases.AsSpan(first))
            {
                foreach (var step in phase)
                {
                    for (var task = 0; task < step.Tasks(rows); task++)
                    {
                        step.Run(task, rows, scratch[0]);
                    }
                }
            }

            return;
        }

        Array.Clear(claimed);
        workers.Run(work);
    }

    private void Work(int worker)
    {
        for (var phase = first; phase < phases.Length; phase++)
        {
            try
            {
                for (int task; !workers!.Failed && (task = Interlocked.Increment(ref claimed[phase]) - 1) >= 0;)
                {
                    if (!RunTask(phases[phase], task, scratch[worker]))
                    {
                        break;
                    }
                }
            }
            catch (Exception exception)
            {
                workers!.Fail(exception);
            }

            workers!.Barrier();
        }
    }

    private bool RunTask(Step<T>[] phase, int task, Scratch<T> own)
    {
        foreach (var step in phase)
        {
            var tasks = step.Tasks(batchRows);
            if (task < tasks)
            {
                step.Run(task, batchRows, own);
                return true;
            }

            task -= tasks;
        }

        return false;
    }

    private double Operations(int rows)
    {
        var sum = 0.0;
        foreach (var phase in phases)
        {
            foreach (var step in phase)
            {
                sum += step.Operations(rows);
            }
        }

        return sum;
    }
}
