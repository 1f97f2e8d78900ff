using System.Numerics;
using Backprop.Graph;
using Backprop.Kernels;
using Backprop.Planning;

namespace Backprop.Models;

/// <content>Scores rows of which only the non-zeros are given, on the calling thread.</content>
public sealed partial class Network<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Scores the rows of a sparse matrix: the same bits as the same rows written out with their zeros.</summary>
    /// <param name="features">rows × inputs.</param>
    /// <param name="scores">rows × outputs, row-major.</param>
    /// <exception cref="ArgumentException">The sizes do not fit.</exception>
    public void Score(SparseMatrix<T> features, Span<T> scores)
    {
        if (features.Columns != inputs)
        {
            throw new ArgumentException($"Rows of {features.Columns} features do not fit the network {Model}, which takes {inputs}. "
                + "Score what it was trained on.");
        }

        Score(features.RowStarts, features.ColumnIndices, features.Values, scores);
    }

    /// <summary>Scores sparse rows where they lie: row r has the non-zeros from rowStarts[r] to rowStarts[r + 1].</summary>
    /// <param name="rowStarts">One more than rows, ascending; the first need not be 0.</param>
    /// <param name="columnIndices">The column, from 0, of each non-zero; ascending within a row.</param>
    /// <param name="values">The number there.</param>
    /// <param name="scores">rows × outputs, row-major.</param>
    /// <exception cref="ArgumentException">The lengths do not fit, or an order or a column is wrong.</exception>
    public void Score(ReadOnlySpan<int> rowStarts, ReadOnlySpan<int> columnIndices, ReadOnlySpan<T> values, Span<T> scores)
    {
        var rows = rowStarts.Length - 1;
        if (rows < 0 || (long)rows * outputs != scores.Length)
        {
            throw new ArgumentException($"{rowStarts.Length} row starts and {scores.Length} scores do not fit. "
                + $"Give a start more than rows, and {outputs} scores for each row.");
        }

        SparseRowChecks.Require(inputs, rowStarts, columnIndices, values.Length);
        var scorer = sparseScorers.Take();
        for (var row = 0; row < rows; row += BatchRows)
        {
            var count = Math.Min(BatchRows, rows - row);
            scorer.Run(rowStarts.Slice(row, count + 1), columnIndices, values, scores.Slice(row * outputs, count * outputs));
        }

        sparseScorers.Return(scorer);
    }

    /// <summary>One thread's buffers.</summary>
    private sealed class SparseScorer
    {
        private readonly Network<T> network;
        private readonly ModelGraph graph;
        private readonly Plan<T> plan;
        private readonly int[] every = [.. Enumerable.Range(0, BatchRows)];
        private CompressedRows<T> rows = new(new int[BatchRows + 1], [], []);

        public SparseScorer(Network<T> network)
        {
            this.network = network;
            graph = network.Model.ToGraph(training: false, sparse: true, network.graph.Tensors);
            plan = new([.. graph.Heads.Select(head => head.Logits)], new Dictionary<Node, Node>(), null, network.store, BatchRows, network.Scoring);
        }

        public void Run(ReadOnlySpan<int> starts, ReadOnlySpan<int> columns, ReadOnlySpan<T> values, Span<T> scores)
        {
            var (first, length) = (starts[0], starts[^1] - starts[0]);
            if (length > rows.Values.Length)
            {
                rows = rows with { Columns = new int[2 * length], Values = new T[2 * length] };
            }

            columns.Slice(first, length).CopyTo(rows.Columns);
            values.Slice(first, length).CopyTo(rows.Values);
            for (var row = 0; row < starts.Length; row++)
            {
                rows.Starts[row] = starts[row] - first;
            }

            plan.ChooseSparse(graph.Input, rows, every);
            plan.RunPrepared(starts.Length - 1);
            network.ScoresOf(plan, graph, starts.Length - 1, scores);
        }
    }
}
