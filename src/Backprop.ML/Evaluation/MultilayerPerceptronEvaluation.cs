using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.ML;

/// <summary>Evaluation of the tasks for which ML.NET has no evaluator.</summary>
public static class MultilayerPerceptronEvaluation
{
    /// <summary>Evaluates predictions of several real labels.</summary>
    /// <param name="catalog">The catalog of regression.</param>
    /// <param name="data">Scored rows; those with a missing label or score are left out.</param>
    /// <param name="labelColumnName">A column of Single vectors.</param>
    /// <param name="scoreColumnName">A column of Single vectors of the same size.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, the sizes differ, or no row counts.</exception>
    public static MultiOutputRegressionMetrics EvaluateMultiOutput(
        this RegressionCatalog catalog,
        IDataView data,
        string labelColumnName = DefaultColumnNames.Label,
        string scoreColumnName = DefaultColumnNames.Score)
    {
        var (label, score) = (VectorColumn(data, labelColumnName, "label"), VectorColumn(data, scoreColumnName, "score"));
        var (outputs, scores) = (SizeOf(label), SizeOf(score));
        if (outputs != scores)
        {
            throw new ArgumentException(
                $"Label column '{labelColumnName}' has {outputs} numbers but score column '{scoreColumnName}' has {scores}. "
                    + "Give the labels the model was trained on.");
        }

        var errors = new OutputErrors[outputs];
        for (var i = 0; i < outputs; i++)
        {
            errors[i] = new();
        }

        using var cursor = data.GetRowCursor([label, score]);
        var (labelOf, scoreOf) = (cursor.GetGetter<VBuffer<float>>(label), cursor.GetGetter<VBuffer<float>>(score));
        var (truth, prediction) = (new float[outputs], new float[outputs]);
        VBuffer<float> row = default;
        var rows = 0L;
        while (cursor.MoveNext())
        {
            labelOf(ref row);
            row.CopyTo(truth);
            scoreOf(ref row);
            row.CopyTo(prediction);
            if (truth.All(float.IsFinite) && prediction.All(float.IsFinite))
            {
                rows++;
                for (var i = 0; i < outputs; i++)
                {
                    errors[i].Add(truth[i], prediction[i]);
                }
            }
        }

        RequireRows(rows, labelColumnName);
        var names = OutputSchema.SlotNamesOf(label) ?? OutputSchema.SlotNamesOf(score);
        return new([.. errors.Select((error, i) => error.ToMetrics(names?[i] ?? i.ToString(CultureInfo.InvariantCulture)))]);
    }

    /// <summary>Evaluates predicted quantiles.</summary>
    /// <param name="catalog">The catalog of regression.</param>
    /// <param name="data">Scored rows; those with a missing label or quantile are left out.</param>
    /// <param name="labelColumnName">A Single column.</param>
    /// <param name="quantilesColumnName">A column of Single vectors whose slot names are the levels.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, a slot name is no level, or no row counts.</exception>
    public static QuantileRegressionMetrics EvaluateQuantiles(
        this RegressionCatalog catalog,
        IDataView data,
        string labelColumnName = DefaultColumnNames.Label,
        string quantilesColumnName = QuantileColumns.Quantiles)
    {
        var label = Column(data, labelColumnName, "label", type => type == NumberDataViewType.Single, "Single");
        var quantiles = VectorColumn(data, quantilesColumnName, "quantiles");
        var levels = LevelsOf(quantiles);
        var (below, pinball) = (new long[levels.Length], new double[levels.Length]);
        var (rows, inside, width) = (0L, 0L, 0.0);

        using var cursor = data.GetRowCursor([label, quantiles]);
        var (labelOf, quantilesOf) = (cursor.GetGetter<float>(label), cursor.GetGetter<VBuffer<float>>(quantiles));
        var prediction = new float[levels.Length];
        VBuffer<float> row = default;
        float truth = default;
        while (cursor.MoveNext())
        {
            labelOf(ref truth);
            quantilesOf(ref row);
            row.CopyTo(prediction);
            if (!float.IsFinite(truth) || !prediction.All(float.IsFinite))
            {
                continue;
            }

            rows++;
            for (var i = 0; i < levels.Length; i++)
            {
                var error = (double)truth - prediction[i];
                below[i] += error <= 0 ? 1 : 0;
                pinball[i] += error > 0 ? levels[i] * error : (levels[i] - 1) * error;
            }

            var (lower, upper) = (prediction.Min(), prediction.Max());
            inside += lower <= truth && truth <= upper ? 1 : 0;
            width += (double)upper - lower;
        }

        RequireRows(rows, labelColumnName);
        return new(
            [.. levels.Select((level, i) => new QuantileMetrics(level, (double)below[i] / rows, pinball[i] / rows))],
            (double)inside / rows,
            levels.Max() - levels.Min(),
            width / rows);
    }

    private static double[] LevelsOf(DataViewSchema.Column quantiles) =>
    [
        .. (OutputSchema.SlotNamesOf(quantiles) ?? [""]).Select(name =>
            double.TryParse(name, NumberStyles.Float, CultureInfo.InvariantCulture, out var level) && level is > 0 and < 1
                ? level
                : throw new ArgumentException(
                    $"Slot name '{name}' of column '{quantiles.Name}' is no level between 0 and 1. Give the column of quantiles that the trainer adds.")),
    ];

    private static int SizeOf(DataViewSchema.Column column) => ((VectorDataViewType)column.Type).Size;

    private static DataViewSchema.Column VectorColumn(IDataView data, string name, string what)
        => Column(data, name, what, type => type is VectorDataViewType { IsKnownSize: true } vector
            && vector.ItemType == NumberDataViewType.Single, "a Single vector of known size");

    private static DataViewSchema.Column Column(IDataView data, string name, string what, Predicate<DataViewType> expected, string words)
    {
        if (data.Schema.GetColumnOrNull(name) is not { } column)
        {
            throw new ArgumentException($"There is no {what} column '{name}'. Columns are: {string.Join(", ", data.Schema.Select(c => c.Name))}.");
        }

        return expected(column.Type)
            ? column
            : throw new ArgumentException($"The {what} column '{name}' holds {column.Type}, not {words}. Convert it, or give another column.");
    }

    private static void RequireRows(long rows, string labelColumn)
    {
        if (rows == 0)
        {
            throw new ArgumentException($"No row has a finite label in column '{labelColumn}' and finite scores. Give rows to evaluate.");
        }
    }
}
