using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.ML;

/// <summary>All quantiles, in order; as the Score the one nearest the median; and the interval from the lowest to the highest.</summary>
/// <remarks>
/// A network's quantiles may cross where it has learned little: they are sorted, which never makes them worse (Chernozhukov,
/// Fernández-Val and Galichon, 2010).
/// </remarks>
internal sealed class QuantileColumns : OutputColumns
{
    internal const string Quantiles = nameof(Quantiles);
    internal const string Interval = nameof(Interval);

    // The position of each level in ascending order.
    private readonly int[] ranks;
    private readonly int middle;

    /// <param name="levels">The level of each output.</param>
    internal QuantileColumns(IReadOnlyList<double> levels)
    {
        int[] ascending = [.. Enumerable.Range(0, levels.Count).OrderBy(i => levels[i])];
        ranks = [.. Enumerable.Range(0, levels.Count).Select(i => Array.IndexOf(ascending, i))];
        middle = ranks[Enumerable.Range(0, levels.Count).MinBy(i => Math.Abs(levels[i] - 0.5))];
    }

    /// <summary>The name of a level's slot.</summary>
    internal static string SlotOf(double level) => level.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>The output that is a row's Score; -1 if none is, where scores are NaN.</summary>
    internal int ScoredOutput(ReadOnlySpan<float> scores)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            var rank = 0;
            for (var j = 0; j < scores.Length; j++)
            {
                rank += scores[j] < scores[i] || (scores[j] == scores[i] && j < i) ? 1 : 0;
            }

            if (rank == middle && !float.IsNaN(scores[i]))
            {
                return i;
            }
        }

        return -1;
    }

    internal override IReadOnlyList<string> Names { get; } = [DefaultColumnNames.Score, Quantiles, Interval];

    internal override Delegate GetterOf(string column, ScoreBatch batch, Func<int> row)
    {
        var sorted = new float[ranks.Length];
        void Sort()
        {
            batch[row()].CopyTo(sorted);
            Array.Sort(sorted);
        }

        return column switch
        {
            DefaultColumnNames.Score => (ValueGetter<float>)((ref float value) =>
            {
                Sort();
                value = sorted[middle];
            }),
            Quantiles => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
            {
                Sort();
                var editor = VBufferEditor.Create(ref value, ranks.Length);
                for (var i = 0; i < ranks.Length; i++)
                {
                    editor.Values[i] = sorted[ranks[i]];
                }

                value = editor.Commit();
            }),
            _ => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
            {
                Sort();
                var editor = VBufferEditor.Create(ref value, 2);
                (editor.Values[0], editor.Values[1]) = (sorted[0], sorted[^1]);
                value = editor.Commit();
            }),
        };
    }

    internal override string OnnxOf(string column, PipelineOnnxGraph graph, string scores, string? probabilities)
    {
        var sorted = graph.Sorted(scores, ranks.Length);
        return column switch
        {
            DefaultColumnNames.Score => graph.Columns(sorted, middle),
            Quantiles => graph.Columns(sorted, ranks),
            _ => graph.Columns(sorted, 0, ranks.Length - 1),
        };
    }
}
