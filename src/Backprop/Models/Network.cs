using System.Numerics;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Kernels;
using Backprop.Planning;

namespace Backprop.Models;

/// <summary>A trained network: immutable, and safe to score with from many threads at once.</summary>
/// <remarks>A row's scores do not depend on the rows it is scored with: one row gives the bits a batch gives.</remarks>
/// <typeparam name="T">float or double.</typeparam>
public sealed partial class Network<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    // A plan for more rows would not take a single one through wide tiles.
    private static readonly int BatchRows = Phases<T>.MostChainRows;
    private const int TileRows = 8;

    // About 50 µs: below, handing work to other threads costs more than they give.
    private const double OperationsOfAThread = 1e7;

    private readonly ModelGraph graph;
    private readonly ParameterStore<T> store;
    private readonly Pool<Scorer> scorers;
    private readonly Pool<SparseScorer> sparseScorers;
    private readonly Kernels<T> kernels;
    private readonly int inputs;
    private readonly int outputs;
    private readonly double operationsOfARow;
    private readonly T[] scale;
    private readonly T[] shift;

    /// <summary>Makes a network of weights, which are copied.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="outputScale">What each output's score is multiplied by, then <paramref name="outputShift"/> added; null for 1.</param>
    /// <param name="outputShift">See <paramref name="outputScale"/>; null for 0.</param>
    /// <param name="vectorBits">The width to score with, as <see cref="EngineOptions.VectorBits"/>; it changes no bit of a score.</param>
    /// <exception cref="ArgumentException">There are not as many as outputs, or there is no such width.</exception>
    public Network(Weights<T> weights, IReadOnlyList<T>? outputScale = null, IReadOnlyList<T>? outputShift = null, int? vectorBits = null)
    {
        kernels = Kernels<T>.Of(vectorBits);
        (Model, inputs, outputs) = (weights.Model, weights.Model.Inputs, weights.Model.Outputs);
        scale = [.. outputScale ?? Enumerable.Repeat(T.One, outputs)];
        shift = [.. outputShift ?? Enumerable.Repeat(T.Zero, outputs)];
        if (scale.Length != outputs || shift.Length != outputs)
        {
            throw new ArgumentException($"{scale.Length} scales and {shift.Length} shifts do not fit {outputs} outputs. Give one each for every output.");
        }

        graph = Model.ToGraph(training: false);
        store = Plan<T>.Store(Logits, null, graph.Tensors);
        store.Load(graph, weights);
        operationsOfARow = 2.0 * Model.Parameters;
        scorers = new(() => new(this));
        sparseScorers = new(() => new(this));
    }

    /// <summary>The description.</summary>
    public Model Model { get; }

    /// <summary>What each output is multiplied by to be in the label's units; 1 where training did not standardise the label.</summary>
    public IReadOnlyList<T> OutputScale => scale;

    /// <summary>What is added then; 0 where training did not standardise the label.</summary>
    public IReadOnlyList<T> OutputShift => shift;

    /// <summary>A copy of the weights, which compute outputs before <see cref="OutputScale"/> and <see cref="OutputShift"/>.</summary>
    public Weights<T> CopyWeights()
    {
        var weights = new Weights<T>(Model);
        weights.Fill(graph.Tensors.Select(store.Values));
        return weights;
    }

    /// <summary>1 / (1 + e^−logit), by the formula and the exp that training uses.</summary>
    public static T Probability(T logit) => new Sigmoid().Forward<Lanes<T, T, Simd1<T>>>(new(logit)).Vector;

    /// <summary>
    /// Scores rows: probabilities by softmax for multiclass, the logit for binary, rates for Poisson, otherwise the label's own units (for
    /// a Gaussian, means and then variances, in their squares). A row with a NaN gives NaN, unless <see cref="Models.Model.TakesMissing"/> says that
    /// the feature may be missing. From the second call on, nothing is allocated unless there is work for several threads.
    /// </summary>
    /// <param name="features">rows × inputs, row-major.</param>
    /// <param name="scores">rows × outputs, row-major.</param>
    /// <param name="threads">The most threads to use; 0 for one per core. Few rows are scored on the calling thread in any case.</param>
    /// <exception cref="ArgumentException">The lengths do not make the same number of whole rows, or the number of threads is negative.</exception>
    public void Score(ReadOnlySpan<T> features, Span<T> scores, int threads = 0)
    {
        var rows = features.Length / inputs;
        if ((long)rows * inputs != features.Length || (long)rows * outputs != scores.Length)
        {
            throw new ArgumentException(
                $"{features.Length} features and {scores.Length} scores do not make whole rows of {inputs} and {outputs}. Give as many rows of both.");
        }

        var useful = ThreadsFor(rows, threads);
        if (useful > 1)
        {
            ScoreOnThreads(features, scores, rows, useful);
        }
        else
        {
            ScoreHere(features, scores, rows);
        }
    }

    /// <summary>The fewest rows that <see cref="Score(ReadOnlySpan{T}, Span{T}, int)"/> shares among that many threads.</summary>
    public long RowsFor(int threads) => (long)Math.Ceiling(OperationsOfAThread * threads / operationsOfARow);

    /// <summary>How one thread scores.</summary>
    internal EngineOptions Scoring => new() { Threads = 1, VectorBits = kernels.VectorBits };

    /// <summary>Threads that pay for that many rows, of those allowed; 1 or less for the calling thread alone.</summary>
    /// <exception cref="ArgumentException">The number of threads is negative.</exception>
    internal int ThreadsFor(long rows, int threads)
    {
        if (threads < 0)
        {
            throw new ArgumentException($"{threads} threads cannot work on rows. Give 0 for one per core, or more.");
        }

        var (allowed, tiles) = (threads == 0 ? Environment.ProcessorCount : threads, (rows + TileRows - 1) / TileRows);
        return (int)Math.Min(operationsOfARow * rows / OperationsOfAThread, Math.Min(allowed, tiles));
    }

    private unsafe void ScoreOnThreads(ReadOnlySpan<T> features, Span<T> scores, int rows, int threads)
    {
        fixed (T* from = features, to = scores)
        {
            var (source, target) = ((nint)from, (nint)to);
            RowShares.Run(rows, threads, TileRows, BatchRows, (row, count) => ScoreHere(
                new((T*)source + (nint)row * inputs, count * inputs), new((T*)target + (nint)row * outputs, count * outputs), count));
        }
    }

    private void ScoreHere(ReadOnlySpan<T> features, Span<T> scores, int rows)
    {
        var scorer = scorers.Take();
        for (var row = 0; row < rows; row += BatchRows)
        {
            var count = Math.Min(BatchRows, rows - row);
            scorer.Run(features.Slice(row * inputs, count * inputs), scores.Slice(row * outputs, count * outputs), count);
        }

        scorers.Return(scorer);
    }

    private IReadOnlyList<Node> Logits => [.. graph.Heads.Select(head => head.Logits)];

    /// <summary>Turns a plan's logits, in place, into the scores of that many rows.</summary>
    private void ScoresOf(Plan<T> plan, ModelGraph graph, int rows, Span<T> scores)
    {
        var first = 0;
        for (var i = 0; i < graph.Heads.Count; i++)
        {
            var logits = plan.Value(graph.Heads[i].Logits);
            Model.HeadOutputs[i].Head.ToScores(kernels, logits, rows);
            for (var r = 0; r < rows; r++)
            {
                var row = scores.Slice(r * outputs + first, logits.Columns);
                logits.GetRow(r, row);
                for (var column = 0; column < row.Length; column++)
                {
                    row[column] = row[column] * scale[first + column] + shift[first + column];
                }
            }

            first += logits.Columns;
        }
    }

    /// <summary>One thread's buffers.</summary>
    private sealed class Scorer(Network<T> network)
    {
        private readonly Plan<T> plan = new(network.Logits, new Dictionary<Node, Node>(), null, network.store, BatchRows, network.Scoring);

        public void Run(ReadOnlySpan<T> features, Span<T> scores, int rows)
        {
            var (inputs, input) = (network.inputs, plan.Value(network.graph.Input));
            for (var r = 0; r < rows; r++)
            {
                input.SetRow(r, features.Slice(r * inputs, inputs));
            }

            plan.RunPrepared(rows);
            network.ScoresOf(plan, network.graph, rows, scores);
        }
    }
}
