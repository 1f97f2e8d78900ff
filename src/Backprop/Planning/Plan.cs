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

    private readonly Step<T>[][] phases;
    private readonly int[] claimed;
    private readonly Dictionary<Node, InputStep<T>> inputs = [];
    private readonly Dictionary<Node, Panels<T>> values = [];
    private readonly UpdateKernel<T>? updateKernel;
    private readonly ParameterStore<T> parameters;
    private readonly Workers? workers;
    private readonly Scratch<T>[] scratch;
    private readonly Action<int> work;
    private int batchRows;
    private int first;
    private long steps;

    /// <summary>Plans a graph.</summary>
    /// <param name="kept">Nodes whose values are read after a run.</param>
    /// <param name="gradients">The gradient of each parameter to update; empty to update none.</param>
    /// <param name="optimizer">The update; null to update none.</param>
    /// <param name="store">Where parameters live, made by <see cref="Store"/>; may be shared by plans that update none.</param>
    /// <param name="capacity">The most rows a batch has.</param>
    /// <param name="engine">Threads and vector width.</param>
    public Plan(
        IReadOnlyList<Node> kept, IReadOnlyDictionary<Node, Node> gradients, Optimizer? optimizer, ParameterStore<T> store, int capacity, EngineOptions engine)
    {
        var topology = new Topology([.. kept, .. gradients.Values]);
        var recipes = Fuse.Recipes(topology, kept, gradients);
        var levels = Levels.Of(recipes);
        var kernels = Kernels<T>.Of(engine.VectorBits);
        (parameters, VectorBits, Capacity) = (store, kernels.VectorBits, capacity);
        updateKernel = optimizer is null ? null : kernels.Update(optimizer);
        Place(topology, recipes, levels, kept, capacity);

        var byLevel = Enumerable.Range(0, levels.DefaultIfEmpty(0).Max() + 2).Select(_ => new List<Step<T>>()).ToArray();
        foreach (var node in topology.Order.Where(node => node.Op is Source))
        {
            inputs[node] = new(values[node]);
            byLevel[0].Add(inputs[node]);
        }

        for (var i = 0; i < recipes.Count; i++)
        {
            var step = Make(recipes[i], kernels);
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
        var threads = engine.Threads == 0 ? Environment.ProcessorCount : engine.Threads;
        if (threads > 1 && Operations(capacity) >= ThreadsPay)
        {
            workers = new(threads);
        }

        var columns = topology.Order.Max(node => node.Shape.Columns);
        scratch = [.. Enumerable.Range(0, workers?.Count ?? 1).Select(_ => new Scratch<T>(columns))];
        work = Work;
    }

    /// <summary>Bits of a vector; 0 for scalar code.</summary>
    public int VectorBits { get; }

    /// <summary>The most rows a batch has.</summary>
    public int Capacity { get; }

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

    /// <summary>Runs the plan on the rows chosen, updating with that learning rate.</summary>
    public void Run(int rows, double rate)
    {
        first = 0;
        RunFrom(rows, rate);
    }

    /// <summary>Runs the plan on rows that the caller wrote to the inputs.</summary>
    public void RunPrepared(int rows)
    {
        first = 1;
        RunFrom(rows, 0);
    }

    /// <inheritdoc/>
    public void Dispose() => workers?.Dispose();

    private void RunFrom(int rows, double rate)
    {
        batchRows = rows;
        updateKernel?.Prepare(++steps, rate);
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

    /// <summary>Gives every value a place: parameters in the store, the others in one arena where they share what they need not keep.</summary>
    private void Place(Topology topology, IReadOnlyList<Recipe> recipes, IReadOnlyList<int> levels, IReadOnlyList<Node> kept, int capacity)
    {
        var last = levels.DefaultIfEmpty(0).Max() + 1;
        var alive = new Dictionary<Node, (int From, int To)>();
        void Touch(Node node, int level)
        {
            var (from, to) = alive.TryGetValue(node, out var known) ? known : (level, level);
            alive[node] = (Math.Min(from, level), Math.Max(to, level));
        }

        foreach (var node in topology.Order)
        {
            switch (node.Op)
            {
                case Parameter:
                    values[node] = parameters.Values(node);
                    break;
                case Transposition when node.Inputs[0].Op is Parameter:
                    values[node] = parameters.Transposed(node.Inputs[0]);
                    break;
                case Leaf:
                    Touch(node, 0);
                    Touch(node, last);
                    break;
            }
        }

        for (var i = 0; i < recipes.Count; i++)
        {
            var written = new[] { recipes[i].Updates is null ? recipes[i].Result : null, recipes[i].Before, recipes[i].Loss };
            foreach (var node in written.OfType<Node>().Concat(recipes[i].Reads.Where(read => !values.ContainsKey(read))))
            {
                Touch(node, levels[i]);
                Touch(node, node.Op is MeanLoss ? levels[i] + 1 : levels[i]);
            }
        }

        foreach (var node in kept.Where(node => !values.ContainsKey(node)))
        {
            Touch(node, last);
        }

        var nodes = alive.Keys.ToList();
        int Rows(Node node) => node.Shape.Rows == Shape.Batch ? capacity : node.Shape.Rows;
        var (offsets, size) = Arena.Pack([.. nodes.Select(n => (Panels<T>.Size(Rows(n), n.Shape.Columns), alive[n].From, alive[n].To))]);
        var arena = Buffers.Allocate<T>(size);
        foreach (var (node, offset) in nodes.Zip(offsets))
        {
            values[node] = new(arena with { Offset = arena.Offset + offset }, Rows(node), node.Shape.Columns);
            if (node.Op is Constant constant)
            {
                arena.Buffer.AsSpan(arena.Offset + offset, Panels<T>.Size(Rows(node), node.Shape.Columns)).Fill(T.CreateTruncating(constant.Value));
            }
        }
    }

    private Step<T> Make(Recipe recipe, Kernels<T> kernels)
    {
        var operands = recipe.Core.Inputs.Select(input => values.GetValueOrDefault(input)!).ToArray();
        var result = values.GetValueOrDefault(recipe.Result);
        var batch = recipe.Core.Shape.Rows == Shape.Batch;
        if (recipe.OnlyUpdates)
        {
            return new UpdateStep<T>(result!, parameters.Update(recipe.Updates!, updateKernel!));
        }

        switch (recipe.Core.Op)
        {
            case Product:
                var bias = recipe.Bias is null ? null : values[recipe.Bias];
                var before = recipe.Before is null ? result! : values[recipe.Before];
                var epilogue = recipe.Activation is not null ? kernels.Activate(recipe.Activation, before.Start, result!.Start) : null;
                if (recipe.Differentiated is { Op: ApplyGradient gradient } node)
                {
                    // A value that the rule does not read has no place; any address will do.
                    Slice<T> At(int input) => node.Op.Reads(input) ? values[node.Inputs[input]].Start : result!.Start;
                    epilogue = kernels.ActivationGradient(gradient.Function, result!.Start, At(1), At(2), result.Start);
                }

                return new ProductStep<T>(kernels, operands[0], operands[1], before, batch, bias, epilogue);
            case TransposedProduct when recipe.Updates is not null:
                return new TransposedProductStep<T>(
                    kernels, operands[0], operands[1], IsBatch(recipe.Core.Inputs[0]), null, parameters.Update(recipe.Updates, updateKernel!));
            case ColumnSums when recipe.Updates is not null:
                return new ColumnSumsStep<T>(
                    kernels, operands[0], IsBatch(recipe.Core.Inputs[0]), null, parameters.Update(recipe.Updates, updateKernel!));
            case TransposedProduct or ColumnSums:
                return recipe.Core.Op.Run(kernels, operands, result!, IsBatch(recipe.Core.Inputs[0]));
            case MeanLossGradient loss when recipe.Loss is not null:
                return new MeanLossStep<T>(loss.Loss, kernels, operands, values.GetValueOrDefault(recipe.Loss), result);
            default:
                return recipe.Core.Op.Run(kernels, operands, result!, batch);
        }
    }

    private static bool IsBatch(Node node) => node.Shape.Rows == Shape.Batch;
}

/// <summary>Adds up a loss when all its rows are done.</summary>
internal sealed class FinishStep<T>(MeanLossStep<T> loss) : Step<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public override int Tasks(int batchRows) => 1;

    public override void Run(int task, int batchRows, Scratch<T> scratch) => loss.Finish(batchRows);
}

/// <summary>Updates a parameter with a gradient that was kept.</summary>
internal sealed class UpdateStep<T>(Panels<T> gradient, ParameterUpdate<T> update) : Step<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public override int Tasks(int batchRows) => gradient.Count * Blocks(gradient.Rows);

    public override void Run(int task, int batchRows, Scratch<T> scratch)
    {
        var blocks = Blocks(gradient.Rows);
        var (panel, (row, rows)) = (task / blocks, Block(task % blocks, gradient.Rows));
        update.Run(panel, row, rows, ref gradient.Start.At(gradient.PanelOffset(panel) + row * Panels<T>.Width));
    }
}
