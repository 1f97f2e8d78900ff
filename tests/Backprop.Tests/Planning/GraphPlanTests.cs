using System.Diagnostics;
using System.Numerics;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Kernels;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Tests.Planning;

/// <summary>Plans of graphs of every op: the same bits on every machine, leaves of every kind, depth at a linear price.</summary>
public class GraphPlanTests
{
    private const int Rows = 150;
    private static readonly EngineOptions OneThread = new() { Threads = 1 };

    /// <summary>Parameters too large for a cache make a plan without chains of rows.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public void EveryOpGivesTheSameBitsForEveryThreadCountAndWidth(bool large)
    {
        var expected = Run<float>(large, 1, 512);
        foreach (var (threads, bits) in new[] { (1, 256), (1, 128), (1, 0), (2, 512), (3, 0), (8, 256) })
        {
            foreach (var ((name, one), (_, other)) in expected.Zip(Run<float>(large, threads, bits)))
            {
                SameBits.Assert<float>(one, other, $"{name} on {threads} threads at {bits} bits");
            }
        }

        foreach (var ((name, one), (_, other)) in Run<double>(large, 1, 512).Zip(Run<double>(large, 2, 128)))
        {
            SameBits.Assert<double>(one, other, $"{name} in double");
        }
    }

    private static List<(string Name, T[] Values)> Run<T>(bool large, int threads, int bits) where T : unmanaged, IFloatingPointIeee754<T>
    {
        const int width = 70;
        var (x, mask) = (Node.Input("x", 7), Node.FilledInput("mask", width));
        var (table, w, centres) = (Node.Parameter("table", 5, 9), Node.Parameter("w", 15, width), Node.Parameter("centres", width, 3));
        var (scale, running) = (Node.Parameter("scale", 1, width), Node.State("running", 1, width));
        var features = Node.Concatenate(x.Columns(1, 6), x.Columns(0, 1).Lookup(table));
        var z = features.Times(w);
        var mean = z.MeanRows();
        var centred = z - mean;
        var variance = centred.Square().MeanRows();
        var normal = centred / (variance + 1e-5).Sqrt() * scale + running;
        var rowMean = normal.MeanColumns();
        var h = ((normal - rowMean) / ((normal - rowMean).Square().MeanColumns() + 1e-5).Sqrt()).Apply(Activation.Parse("silu")) * mask;
        var distances = h.SquaredDistanceTo(centres);
        var y = (-distances).Softmax();
        var loss = (y.Log() * (-distances).LogSoftmax()).SumColumns().Mean() + h.Tanh().Mean();
        Node[] parameters = [table, w, centres, scale];
        var first = Gradient.Build(loss, parameters);
        var slope = first.Select(g => g.Square().Sum()).Aggregate((a, b) => a + b);
        var second = Gradient.Build(slope, parameters);
        var ballast = Node.Parameter("ballast", large ? CacheSizes.OwnBytes / 256 : 1, 70);
        Node[] kept = [loss, y, mean, variance, ballast.SumRows(), .. first, .. second];

        var store = Plan<T>.Store(kept, null, [.. parameters, running, ballast]);
        var random = new TorchRandom(3);
        foreach (var node in parameters.Append(running).Append(ballast))
        {
            Fill(random, store.Values(node), node.Shape.Rows);
            store.Refresh(node);
        }

        var features7 = new T[Rows * 7];
        random.FillUniform<T>(features7, -1, 1);
        for (var row = 0; row < Rows; row++)
        {
            features7[row * 7] = T.CreateTruncating(row * 3 % 5);
        }

        using var plan = new Plan<T>(
            kept, new Dictionary<Node, Node>(), null, store, Rows, Catalogue.Engine(threads, bits), assignments: new Dictionary<Node, Node>
            {
                [running] = 0.9 * running + 0.1 * mean,
            });
        plan.Choose(x, features7, Catalogue.Rows(Rows));
        plan.Fill(mask, (panels, rows) => Fill(random, panels, rows));
        plan.Run(Rows - 1, 0);
        plan.Run(Rows - 40, 0);
        return [.. kept.Append(running).Select((node, i) => ($"{i}: {node}", Values(node == running ? store.Values(node) : plan.Value(node), node.Shape.IsBatch ? Rows - 40 : node.Shape.Rows)))];
    }

    [Fact]
    public void AStateTakesItsValueAtTheEndOfARun()
    {
        var (x, state) = (Node.Input("x", 2), Node.State("state", 1, 2));
        var read = 2 * state;
        var store = Plan<double>.Store([read], null, [state]);
        using var plan = new Plan<double>(
            [read], new Dictionary<Node, Node>(), null, store, 4, OneThread, assignments: new Dictionary<Node, Node> { [state] = state + x.SumRows() });
        plan.Choose(x, [1, 10, 2, 20, 3, 30], [0, 1, 2]);
        plan.Run(3, 0);
        Assert.Equal([0, 0], Values(plan.Value(read), 1));
        Assert.Equal([6, 60], Values(store.Values(state), 1));
        plan.Run(2, 0);
        Assert.Equal([12, 120], Values(plan.Value(read), 1));
        Assert.Equal([9, 90], Values(store.Values(state), 1));
    }

    [Fact]
    public void TheBatchsShareIsThatOfTheRowsRun()
    {
        var x = Node.Input("x", 3);
        var (mean, columns) = (x.Mean(), x.MeanRows());
        var gradient = Gradient.Build(mean, [x])[0];
        using var plan = Of([mean, columns, gradient], 4);
        plan.Choose(x, [1, 2, 3, 5, 6, 7, 9, 9, 9], [0, 1, 2]);
        plan.Run(2, 0);
        Assert.Equal(4, plan.Value(mean)[0, 0]);
        Assert.Equal([3, 4, 5], Values(plan.Value(columns), 1));
        // Every one of the six elements counts for a sixth.
        Assert.All(Values(plan.Value(gradient), 2), g => Assert.Equal(1 / 6.0, g, 1e-15));
    }

    [Fact]
    public void AFilledInputIsWrittenBeforeEachRun()
    {
        var mask = Node.FilledInput("mask", 2);
        var doubled = 2 * mask;
        using var plan = Of([doubled], 3);
        Assert.Equal("Nobody fills mask (batch × 2). Call Fill before the first run.", Assert.Throws<InvalidOperationException>(() => plan.Run(1, 0)).Message);
        var calls = 0;
        plan.Fill(mask, (panels, rows) =>
        {
            calls++;
            for (var row = 0; row < rows; row++)
            {
                panels.SetRow(row, [calls, row]);
            }
        });
        plan.Run(3, 0);
        plan.Run(2, 0);
        Assert.Equal([4, 0, 4, 2], Values(plan.Value(doubled), 2));
    }

    [Theory, InlineData(4.0, "4"), InlineData(-1.0, "-1"), InlineData(0.5, "0.5"), InlineData(double.NaN, "NaN")]
    public void ACategoryOutsideTheTableIsAnErrorBeforeAnythingRuns(double category, string shown)
    {
        var (x, table) = (Node.Input("x", 3), Node.Parameter("colours", 4, 2));
        var looked = x.Columns(1, 2).Columns(1, 1).Lookup(table);
        var store = Plan<double>.Store([looked], null, [table]);
        using var plan = new Plan<double>([looked], new Dictionary<Node, Node>(), null, store, 2, OneThread);
        plan.Choose(x, [0, 0, 3, 7, 7, category], [0, 1]);
        plan.Run(1, 0);
        var error = Assert.Throws<ArgumentException>(() => plan.Run(2, 0));
        Assert.Equal($"Row 1 of the batch has category {shown} in column 2 of x, but colours has categories 0 to 3. Correct the row, or give colours more.",
            error.Message);
        plan.Value(x).SetRow(0, [0, 0, category]);
        Assert.Throws<ArgumentException>(() => plan.RunPrepared(1));
    }

    [Fact]
    public void AComputedCategoryIsAnError()
    {
        var looked = (Node.Input("x", 1) + 1).Lookup(Node.Parameter("table", 4, 2));
        var store = Plan<double>.Store([looked], null, [looked.Inputs[1]]);
        var error = Assert.Throws<NotSupportedException>(() => new Plan<double>([looked], new Dictionary<Node, Node>(), null, store, 2, OneThread));
        Assert.Contains("Category numbers come from an input", error.Message);
    }

    [Fact]
    public void ARuleThatNamesWhatIsThereAgainRunsItOnce()
    {
        // ∂/∂x of x σ(x) has σ(x) again, and that of its square both.
        var x = Node.Parameter("x", 2, 2);
        var y = x * x.Sigmoid();
        var gradient = Gradient.Build(y.Square().Sum(), [x])[0];
        var nodes = new Topology([y, gradient]).Order;
        Assert.Single(nodes, node => node.Op is Map<Primitives.Sigmoid> && node.Inputs[0] == x);
    }

    [Fact]
    public void AThousandLayersPlanInAboutASecondAndRunInLinearMemory()
    {
        PlanDeep(10);
        var (shallow, _) = PlanDeep(250);
        var (deep, time) = PlanDeep(1000);
        // About 0.4 s on the slowest machine tried; a quadratic planner takes minutes.
        Assert.True(time < TimeSpan.FromSeconds(5), $"planning took {time}");
        Assert.True(deep <= 4.2 * shallow, $"{deep:N0} numbers for 1,000 layers, {shallow:N0} for 250");
    }

    private static (long Numbers, TimeSpan Time) PlanDeep(int layers)
    {
        var mlp = new Mlp([.. Enumerable.Repeat(16, layers), 3], Activation.Parse("tanh"), Head.Multiclass);
        var graph = mlp.ToGraph(training: true);
        var watch = Stopwatch.StartNew();
        var gradients = Gradient.Build(graph.Loss, graph.Parameters);
        var updates = graph.Parameters.Zip(gradients).ToDictionary(p => p.First, p => p.Second);
        var store = Plan<float>.Store([graph.Loss, .. gradients], new Adam(), graph.Parameters);
        using var plan = new Plan<float>([graph.Loss], updates, new Adam(), store, 32, OneThread);
        return (plan.Value(graph.Input).Start.Buffer.Length, watch.Elapsed);
    }

    private static Plan<double> Of(IReadOnlyList<Node> kept, int capacity)
        => new(kept, new Dictionary<Node, Node>(), null, Plan<double>.Store(kept, null, []), capacity, OneThread);

    private static void Fill<T>(TorchRandom random, Panels<T> panels, int rows) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var row = new T[panels.Columns];
        for (var r = 0; r < rows; r++)
        {
            random.FillUniform<T>(row, -1, 1);
            panels.SetRow(r, row);
        }
    }

    private static T[] Values<T>(Panels<T> panels, int rows) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var values = new T[rows * panels.Columns];
        for (var r = 0; r < rows; r++)
        {
            panels.GetRow(r, values.AsSpan(r * panels.Columns, panels.Columns));
        }

        return values;
    }
}
