using Backprop.Cli.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Cli.Tasks;

/// <summary>Scored rows as a CSV text: the prediction, then its score or its probabilities.</summary>
/// <param name="scored">The rows.</param>
/// <param name="dialect">How to write them: as the rows they were made from.</param>
internal sealed class Predictions(IDataView scored, CsvDialect dialect)
{
    /// <summary>The names after <c>Prediction</c>: <c>Score</c>, <c>Probability</c>, or <c>Probability_</c> and each class.</summary>
    public IReadOnlyList<string> ScoreNames
        => scored.Schema.GetColumnOrNull(ColumnNames.Probability) is not null ? [ColumnNames.Probability]
            : Score.Type is VectorDataViewType ? [.. ClassNames.Select(name => $"Probability_{name}")]
            : [ColumnNames.Score];

    private DataViewSchema.Column Score => scored.Schema[ColumnNames.Score];

    private IEnumerable<string> ClassNames
    {
        get
        {
            VBuffer<ReadOnlyMemory<char>> names = default;
            Score.GetSlotNames(ref names);
            return names.DenseValues().Select(name => name.ToString());
        }
    }

    /// <summary>Writes a header and a line for each row; numbers in the shortest form that reads back as the same bits.</summary>
    /// <returns>The number of rows.</returns>
    public int Write(TextWriter output, CancellationToken cancellation)
    {
        var (count, delimiter) = (0, dialect.Delimiter ?? ',');
        output.Write(string.Join(delimiter, ScoreNames.Prepend(ColumnNames.Prediction).Select(dialect.Write)) + "\n");
        foreach (var (prediction, scores) in Rows())
        {
            cancellation.ThrowIfCancellationRequested();
            output.Write(dialect.Write(prediction));
            foreach (var score in scores)
            {
                output.Write(delimiter);
                output.Write(dialect.Write(dialect.Numbers.Write(score)));
            }

            output.Write('\n');
            count++;
        }

        return count;
    }

    /// <summary>Each row's prediction and scores; the scores are overwritten by the next row's.</summary>
    public IEnumerable<(string Prediction, float[] Scores)> Rows()
    {
        var numbers = scored.Schema.GetColumnOrNull(ColumnNames.Probability) ?? Score;
        using var cursor = scored.GetRowCursor([scored.Schema[ColumnNames.Prediction], numbers]);
        var prediction = PredictionGetter(cursor);
        var scores = ScoresGetter(cursor, numbers);
        while (cursor.MoveNext())
        {
            yield return (prediction(), scores());
        }
    }

    private Func<string> PredictionGetter(DataViewRowCursor cursor)
    {
        var column = cursor.Schema[ColumnNames.Prediction];
        if (column.Type is NumberDataViewType)
        {
            var getNumber = cursor.GetGetter<float>(column);
            return () =>
            {
                float number = 0;
                getNumber(ref number);
                return dialect.Numbers.Write(number);
            };
        }

        var getText = cursor.GetGetter<ReadOnlyMemory<char>>(column);
        return () =>
        {
            ReadOnlyMemory<char> text = default;
            getText(ref text);
            return text.ToString();
        };
    }

    private static Func<float[]> ScoresGetter(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        if (column.Type is not VectorDataViewType vector)
        {
            var getScore = cursor.GetGetter<float>(column);
            var score = new float[1];
            return () =>
            {
                getScore(ref score[0]);
                return score;
            };
        }

        var getScores = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> buffer = default;
        var scores = new float[vector.Size];
        return () =>
        {
            getScores(ref buffer);
            buffer.CopyTo(scores);
            return scores;
        };
    }
}
