using System.Numerics;
using Backprop.Graph;
using Backprop.Planning;

namespace Backprop.Models;

/// <summary>What an output depends on, row by row: its exact gradient with respect to the features, and the attributions made of it.</summary>
/// <remarks>
/// <para>
/// The gradients are the graph's own, one pass backward, of the network as it scores: without dropout, with the running statistics of
/// batch normalisation, and at a kink with the derivative that training uses. They are in the units of <see cref="ExplainedValue"/> per
/// unit of a feature. Safe to use from many threads at once; a row's numbers have the same bits in any batch and on any number of threads.
/// </para>
/// <para>
/// A number that an embedding looks up has no neighbours, so it has no gradient through the lookup: that of such a column is 0, unless
/// something else reads it too (<see cref="CategoryColumns"/>). A feature that a row may lack and does has gradient 0, and contributes 0.
/// </para>
/// <para>The weights are copied, once as they are and once transposed.</para>
/// </remarks>
/// <typeparam name="T">float or double.</typeparam>
public sealed partial class InputGradients<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int TileRows = 8;

    // One forward, one backward.
    private const int PassesOfAGradient = 2;

    private static readonly int BatchRows = Phases<T>.MostChainRows;

    private readonly ModelGraph graph;
    private readonly Node selection;
    private readonly Node values;
    private readonly Node gradients;
    private readonly ParameterStore<T> store;
    private readonly Pool<Pass> passes;
    private readonly T[] units;
    private readonly bool[] isCategory;
    private readonly int inputs;
    private readonly int outputs;

    /// <summary>Builds the gradient of a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="of">What of an output is differentiated.</param>
    public InputGradients(Network<T> network, ExplainedValue of = ExplainedValue.Logit)
    {
        (Network, Of, inputs, outputs) = (network, of, network.Model.Inputs, network.Model.Outputs);
        graph = network.Model.ToGraph(training: false);
        // Σ of what is selected over all rows: as no row depends on another, its gradient is that of each row's output.
        selection = Node.Input("selection", outputs);
        values = (selection * Node.Concatenate([.. graph.Heads.Zip(network.Model.HeadOutputs, Explained)])).SumColumns();
        gradients = Gradient.Build(values.Sum(), [graph.Input], zeros: true)[0];
        store = Plan<T>.Store([values, gradients], null, graph.Tensors);
        store.Load(graph, network.CopyWeights());
        units = UnitsOf(network, of);
        CategoryColumns = [.. Categories.Of(new Topology([values])).Where(c => c.Source == graph.Input).Select(c => c.Column).Distinct().Order()];
        isCategory = [.. Enumerable.Range(0, inputs).Select(CategoryColumns.Contains)];
        passes = new(() => new(this));

        Node Explained(HeadGraph head, Output output) => of == ExplainedValue.Logit ? head.Logits : output.Head.Scores(head.Logits);
    }

    /// <summary>The network.</summary>
    public Network<T> Network { get; }

    /// <summary>What of an output is differentiated.</summary>
    public ExplainedValue Of { get; }

    /// <summary>The columns, from 0, of category numbers that embeddings look up.</summary>
    public IReadOnlyList<int> CategoryColumns { get; }

    /// <summary>
    /// ∂output/∂feature for every feature of every row. From the second call on, nothing is allocated unless there is work for several threads.
    /// </summary>
    /// <param name="features">rows × inputs, row-major.</param>
    /// <param name="explained">The output, from 0, of each row; or one for all.</param>
    /// <param name="gradients">rows × inputs, row-major.</param>
    /// <param name="threads">The most threads to use; 0 for one per core. Few rows are worked on by the calling thread in any case.</param>
    /// <exception cref="ArgumentException">The lengths do not fit, there is no such output, or the number of threads is negative.</exception>
    public void Gradients(ReadOnlySpan<T> features, ReadOnlySpan<int> explained, Span<T> gradients, int threads = 0)
    {
        var rows = Check(features, explained, gradients);
        var useful = Network.ThreadsFor((long)PassesOfAGradient * rows, threads);
        if (useful > 1)
        {
            OnThreads(features, explained, gradients, rows, useful);
        }
        else
        {
            Here(features, explained, gradients, rows);
        }
    }

    /// <summary>
    /// feature · ∂output/∂feature: what each feature contributes, to first order, compared with 0. Of a linear network the contributions
    /// add up to the output without its bias. Shrikumar et al. (2016).
    /// </summary>
    /// <param name="features">rows × inputs, row-major.</param>
    /// <param name="explained">The output, from 0, of each row; or one for all.</param>
    /// <param name="contributions">rows × inputs, row-major.</param>
    /// <param name="threads">As for <see cref="Gradients"/>.</param>
    /// <exception cref="ArgumentException">The lengths do not fit, there is no such output, or the number of threads is negative.</exception>
    public void GradientsTimesInputs(ReadOnlySpan<T> features, ReadOnlySpan<int> explained, Span<T> contributions, int threads = 0)
    {
        Gradients(features, explained, contributions, threads);
        for (var i = 0; i < features.Length; i++)
        {
            contributions[i] = IsMissing(features[i], i % inputs) ? T.Zero : contributions[i] * features[i];
        }
    }

    /// <summary>Whether a row lacks the feature, which then contributes nothing.</summary>
    private bool IsMissing(T value, int feature) => !T.IsFinite(value) && Network.Model.TakesMissing(feature);

    private unsafe void OnThreads(ReadOnlySpan<T> features, ReadOnlySpan<int> explained, Span<T> gradients, int rows, int threads)
    {
        var outputs = explained.Length;
        fixed (T* from = features, to = gradients)
        fixed (int* of = explained)
        {
            var (source, chosen, target) = ((nint)from, (nint)of, (nint)to);
            RowShares.Run(rows, threads, TileRows, BatchRows, (row, count) => Here(
                new((T*)source + (nint)row * inputs, count * inputs),
                outputs == 1 ? new((int*)chosen, 1) : new((int*)chosen + row, count),
                new((T*)target + (nint)row * inputs, count * inputs),
                count));
        }
    }

    private void Here(ReadOnlySpan<T> features, ReadOnlySpan<int> explained, Span<T> gradients, int rows)
    {
        var pass = passes.Take();
        for (var row = 0; row < rows; row += BatchRows)
        {
            var count = Math.Min(BatchRows, rows - row);
            for (var r = 0; r < count; r++)
            {
                pass.Set(r, features.Slice((row + r) * inputs, inputs), OutputOf(explained, row + r));
            }

            pass.Run(count);
            for (var r = 0; r < count; r++)
            {
                pass.GetGradient(r, gradients.Slice((row + r) * inputs, inputs));
            }
        }

        passes.Return(pass);
    }

    /// <summary>What an output is multiplied by to be in the units that are explained.</summary>
    private static T[] UnitsOf(Network<T> network, ExplainedValue of)
    {
        var units = new List<T>();
        foreach (var (logits, head, _) in network.Model.HeadOutputs)
        {
            for (var i = 0; i < logits.Width; i++)
            {
                units.Add(of == ExplainedValue.Score || head.ScoreIsLogit(i, logits.Width) ? network.OutputScale[units.Count] : T.One);
            }
        }

        return [.. units];
    }

    private static int OutputOf(ReadOnlySpan<int> explained, int row) => explained.Length == 1 ? explained[0] : explained[row];

    /// <summary>The number of rows.</summary>
    private int Check(ReadOnlySpan<T> features, ReadOnlySpan<int> explained, ReadOnlySpan<T> results)
    {
        var rows = features.Length / inputs;
        if (rows * inputs != features.Length || results.Length != features.Length || (explained.Length != rows && explained.Length != 1))
        {
            throw new ArgumentException(
                $"{features.Length} features, {explained.Length} outputs and {results.Length} results do not make whole rows of {inputs} features. "
                    + "Give as many features as results, and an output for each row or one for all.");
        }

        foreach (var output in explained)
        {
            if ((uint)output >= (uint)outputs)
            {
                throw new ArgumentException($"The network {Network.Model} has no output {output}. Choose one from 0 to {outputs - 1}.");
            }
        }

        return rows;
    }

    /// <summary>One thread's buffers.</summary>
    private sealed class Pass
    {
        private readonly InputGradients<T> of;
        private readonly Plan<T> plan;
        private readonly T[] zeros;

        public Pass(InputGradients<T> of)
        {
            this.of = of;
            plan = new([of.values, of.gradients], new Dictionary<Node, Node>(), null, of.store, BatchRows, of.Network.Scoring);
            (zeros, Point, Sums) = (new T[of.outputs], new T[of.inputs], new double[of.inputs]);
        }

        /// <summary>Room for a row.</summary>
        public T[] Point { get; }

        /// <summary>Room for a row's sums.</summary>
        public double[] Sums { get; }

        /// <summary>Writes a row of the next run, and which output is explained.</summary>
        public void Set(int row, ReadOnlySpan<T> features, int output)
        {
            plan.Value(of.graph.Input).SetRow(row, features);
            plan.Value(of.selection).SetRow(row, zeros);
            plan.Value(of.selection)[row, output] = of.units[output];
        }

        public void Run(int rows) => plan.RunPrepared(rows);

        public void GetGradient(int row, Span<T> gradient) => plan.Value(of.gradients).GetRow(row, gradient);

        /// <summary>The explained output, without what its units are shifted by.</summary>
        public double Value(int row) => double.CreateTruncating(plan.Value(of.values)[row, 0]);
    }
}
