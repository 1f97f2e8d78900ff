using Backprop.Cli.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Cli.Tasks;

/// <summary>Scored rows as a CSV text: the prediction, then the numbers behind it.</summary>
/// <param name="scored">The rows.</param>
/// <param name="dialect">How to write them: as the rows they were made from.</param>
internal sealed class Predictions(IDataView scored, CsvDialect dialect)
{
    /// <summary>
    /// The numbers of a row: <c>Probability</c>, <c>Probability_</c> and each class, <c>Quantile_</c> and each level, <c>Prediction_</c> and
    /// each label, or <c>Score</c>.
    /// </summary>
    public IReadOnlyList<string> NumberNames => Numbers.Type is VectorDataViewType ? [.. SlotNames.Select(slot => $"{NumberName}_{slot}")] : [NumberName];

    /// <summary>Whether a row has one prediction beside its numbers.</summary>
    private bool HasPrediction => Prediction.Type is not VectorDataViewType;

    private DataViewSchema.Column Prediction => scored.Schema[ColumnNames.Prediction];

    private DataViewSchema.Column Numbers
        => scored.Schema.GetColumnOrNull(ColumnNames.Probability) ?? scored.Schema.GetColumnOrNull(ColumnNames.Quantiles) ?? scored.Schema[ColumnNames.Score];

    private string NumberName => Numbers.Name switch
    {
        ColumnNames.Quantiles => "Quantile",
        ColumnNames.Score when !HasPrediction => ColumnNames.Prediction,
        ColumnNames.Score when Numbers.Type is VectorDataViewType => ColumnNames.Probability,
        var name => name,
    };

    private IEnumerable<string> SlotNames
    {
        get
        {
            VBuffer<ReadOnlyMemory<char>> names = default;
            Numbers.GetSlotNames(ref names);
            return names.DenseValues().Select(name => name.ToString());
        }
    }

    /// <summary>Writes a header and a line for each row; numbers in the shortest form that reads back as the same bits.</summary>
    /// <returns>The number of rows.</returns>
    public int Write(TextWriter output, CancellationToken cancellation)
    {
        var (count, delimiter) = (0, dialect.Delimiter ?? ',');
        string[] header = [.. HasPrediction ? [ColumnNames.Prediction] : Enumerable.Empty<string>(), .. NumberNames];
        output.Write(string.Join(delimiter, header.Select(dialect.Write)) + "\n");
        foreach (var (prediction, numbers) in Rows())
        {
            cancellation.ThrowIfCancellationRequested();
            var texts = numbers.Select(number => dialect.Numbers.Write(number));
            output.Write(string.Join(delimiter, (HasPrediction ? texts.Prepend(prediction) : texts).Select(dialect.Write)));
            output.Write('\n');
            count++;
        }

        return count;
    }

    /// <summary>Each row's prediction (empty where it has several) and numbers; the numbers are overwritten by the next row's.</summary>
    public IEnumerable<(string Prediction, float[] Numbers)> Rows()
    {
        using var cursor = scored.GetRowCursor([Prediction, Numbers]);
        var prediction = HasPrediction ? PredictionGetter(cursor) : () => "";
        var numbers = NumbersGetter(cursor, Numbers);
        while (cursor.MoveNext())
        {
            yield return (prediction(), numbers());
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

    private static Func<float[]> NumbersGetter(DataViewRowCursor cursor, DataViewSchema.Column column)
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
