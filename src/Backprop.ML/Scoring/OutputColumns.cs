using Backprop.Export;
using Backprop.Models;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Internal.Utilities;

namespace Backprop.ML;

/// <summary>What a task makes of scores: the values of the columns a transformer adds.</summary>
internal abstract class OutputColumns
{
    /// <summary>Their names.</summary>
    internal abstract IReadOnlyList<string> Names { get; }

    /// <summary>Room for so many rows of what the columns are made of.</summary>
    internal virtual ScoreBatch NewBatch(Network<float> network, int rows) => new(network, rows);

    /// <summary>A <c>ValueGetter</c> of that column's type, over the row of the batch that <paramref name="row"/> tells.</summary>
    internal abstract Delegate GetterOf(string column, ScoreBatch batch, Func<int> row);

    /// <summary>The same in an ONNX graph: the name of that column's value there.</summary>
    /// <param name="column">The column.</param>
    /// <param name="graph">Receives operators.</param>
    /// <param name="scores">rows × outputs.</param>
    /// <param name="probabilities">rows × 1 of a binary head.</param>
    internal abstract string OnnxOf(string column, PipelineOnnxGraph graph, string scores, string? probabilities);
}

/// <summary>A logit, its probability, and whether it is above a threshold.</summary>
/// <param name="threshold">A logit.</param>
internal sealed class BinaryColumns(float threshold) : OutputColumns
{
    internal override IReadOnlyList<string> Names { get; } = [DefaultColumnNames.Score, DefaultColumnNames.Probability, DefaultColumnNames.PredictedLabel];

    internal override Delegate GetterOf(string column, ScoreBatch batch, Func<int> row) => column switch
    {
        DefaultColumnNames.Score => batch.ScalarGetter(row),
        DefaultColumnNames.Probability => (ValueGetter<float>)((ref float value) => value = Network<float>.Probability(batch[row()][0])),
        _ => (ValueGetter<bool>)((ref bool value) => value = batch[row()][0] > threshold),
    };

    internal override string OnnxOf(string column, PipelineOnnxGraph graph, string scores, string? probabilities) => column switch
    {
        DefaultColumnNames.Score => scores,
        DefaultColumnNames.Probability => probabilities!,
        _ => graph.AddNode("Greater", [scores, graph.AddTensor<float>("threshold", [threshold])], []),
    };
}

/// <summary>A probability for each class, and the class with the highest.</summary>
internal sealed class MulticlassColumns : OutputColumns
{
    // ONNX' UINT32.
    private const int UnsignedType = 12;

    internal override IReadOnlyList<string> Names { get; } = [DefaultColumnNames.Score, DefaultColumnNames.PredictedLabel];

    internal override Delegate GetterOf(string column, ScoreBatch batch, Func<int> row) => column == DefaultColumnNames.Score
        ? batch.VectorGetter(row)
        // ArgMax gives -1 when every score is NaN, hence key 0: missing.
        : (ValueGetter<uint>)((ref uint value) => value = (uint)(MathUtils.ArgMax(batch[row()]) + 1));

    // Keys count from 1. Where every score is NaN, ONNX has the first class.
    internal override string OnnxOf(string column, PipelineOnnxGraph graph, string scores, string? probabilities)
    {
        if (column == DefaultColumnNames.Score)
        {
            return scores;
        }

        var highest = graph.AddNode("ArgMax", [scores], [OnnxAttribute.Of("axis", 1), OnnxAttribute.Of("keepdims", 1)]);
        return graph.AddNode("Cast", [graph.AddNode("Add", [highest, graph.Whole(1)], [])], [OnnxAttribute.Of("to", UnsignedType)]);
    }
}

/// <summary>One score.</summary>
internal sealed class ScalarColumns : OutputColumns
{
    internal override IReadOnlyList<string> Names { get; } = [DefaultColumnNames.Score];

    internal override Delegate GetterOf(string column, ScoreBatch batch, Func<int> row) => batch.ScalarGetter(row);

    internal override string OnnxOf(string column, PipelineOnnxGraph graph, string scores, string? probabilities) => scores;
}

/// <summary>A score for each output.</summary>
internal sealed class VectorColumns : OutputColumns
{
    internal override IReadOnlyList<string> Names { get; } = [DefaultColumnNames.Score];

    internal override Delegate GetterOf(string column, ScoreBatch batch, Func<int> row) => batch.VectorGetter(row);

    internal override string OnnxOf(string column, PipelineOnnxGraph graph, string scores, string? probabilities) => scores;
}
