using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Internal.Utilities;

namespace Backprop.ML;

/// <summary>What a task makes of scores: the values of the columns a transformer adds.</summary>
internal abstract class OutputColumns
{
    /// <summary>Their names.</summary>
    internal abstract IReadOnlyList<string> Names { get; }

    /// <summary>A <c>ValueGetter</c> of that column's type, over the row of the batch that <paramref name="row"/> tells.</summary>
    internal abstract Delegate GetterOf(string column, ScoreBatch batch, Func<int> row);
}

/// <summary>A logit, its probability, and whether it is above a threshold.</summary>
/// <param name="threshold">A logit.</param>
internal sealed class BinaryColumns(float threshold) : OutputColumns
{
    internal override IReadOnlyList<string> Names { get; } = [DefaultColumnNames.Score, DefaultColumnNames.Probability, DefaultColumnNames.PredictedLabel];

    internal override Delegate GetterOf(string column, ScoreBatch batch, Func<int> row) => column switch
    {
        DefaultColumnNames.Score => batch.ScalarGetter(row),
        DefaultColumnNames.Probability => (ValueGetter<float>)((ref float value) => value = Models.Network<float>.Probability(batch[row()][0])),
        _ => (ValueGetter<bool>)((ref bool value) => value = batch[row()][0] > threshold),
    };
}

/// <summary>A probability for each class, and the class with the highest.</summary>
internal sealed class MulticlassColumns : OutputColumns
{
    internal override IReadOnlyList<string> Names { get; } = [DefaultColumnNames.Score, DefaultColumnNames.PredictedLabel];

    internal override Delegate GetterOf(string column, ScoreBatch batch, Func<int> row) => column == DefaultColumnNames.Score
        ? batch.VectorGetter(row)
        // ArgMax gives -1 when every score is NaN, hence key 0: missing.
        : (ValueGetter<uint>)((ref uint value) => value = (uint)(MathUtils.ArgMax(batch[row()]) + 1));
}

/// <summary>One score.</summary>
internal sealed class ScalarColumns : OutputColumns
{
    internal override IReadOnlyList<string> Names { get; } = [DefaultColumnNames.Score];

    internal override Delegate GetterOf(string column, ScoreBatch batch, Func<int> row) => batch.ScalarGetter(row);
}

/// <summary>A score for each output.</summary>
internal sealed class VectorColumns : OutputColumns
{
    internal override IReadOnlyList<string> Names { get; } = [DefaultColumnNames.Score];

    internal override Delegate GetterOf(string column, ScoreBatch batch, Func<int> row) => batch.VectorGetter(row);
}
