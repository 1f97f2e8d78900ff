using Backprop.Models;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Backprop.ML;

/// <summary>Reads a data view once into the table the engine trains from, leaving out rows nothing can be learned from.</summary>
internal static class Intake
{
    /// <summary>The usable rows; labels are 0 or 1, a class number from 0, or one real value or several, after the label column's type.</summary>
    /// <param name="data">The view and which of its columns are features, label and weight.</param>
    /// <param name="purpose">What the rows are called in messages: training or validation.</param>
    /// <param name="channel">Receives one warning if rows are skipped.</param>
    /// <exception cref="InvalidOperationException">No row is usable, or the values do not fit in one array.</exception>
    internal static Examples<float> Read(RoleMappedData data, string purpose, IChannel channel)
    {
        data.CheckFeatureFloatVector(out var columns);
        using var cursor = data.CreateRowCursor(CursOpt.Features | CursOpt.Label | CursOpt.Weight, null);
        var featuresOf = cursor.GetFeatureFloatVectorGetter(data);
        var labels = LabelReader.Of(cursor, data);
        var weightOf = cursor.GetOptWeightFloatGetter(data);

        var rowsExpected = data.Data.GetRowCount();
        var features = new FeatureBuffer(columns, rowsExpected);
        var targets = new RowBuffer(labels.Values.Length, rowsExpected);
        var weights = new RowBuffer(1, weightOf is null ? 0 : rowsExpected);
        VBuffer<float> row = default;
        float weight = 1;
        long badLabels = 0, badFeatures = 0, badWeights = 0;
        while (cursor.MoveNext())
        {
            labels.Read();
            weightOf?.Invoke(ref weight);
            featuresOf(ref row);
            if (!AllFinite(labels.Values))
            {
                badLabels++;
            }
            else if (!AllFinite(row.GetValues()))
            {
                badFeatures++;
            }
            else if (!(weight > 0 && float.IsFinite(weight)))
            {
                badWeights++;
            }
            else
            {
                features.Add(in row);
                labels.Values.CopyTo(targets.Next());
                if (weightOf is not null)
                {
                    weights.Next()[0] = weight;
                }
            }
        }

        var skipped = badLabels + badFeatures + badWeights;
        var reasons = $"{badLabels} without a finite label, {badFeatures} with NaN or infinite features, "
            + $"{badWeights} with a weight not above 0 or infinite";
        if (targets.Rows == 0)
        {
            throw new InvalidOperationException(
                $"None of the {skipped} {purpose} rows is usable: {reasons}. "
                + "Check the data, or replace missing values, for example with ReplaceMissingValues.");
        }

        if (skipped > 0)
        {
            channel.Warning("Skipped {0} of {1} {2} rows: {3}.", skipped, skipped + targets.Rows, purpose, reasons);
        }

        return features.ToExamples(targets.ToArray(), weightOf is null ? null : weights.ToArray());
    }

    private static bool AllFinite(ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            if (!float.IsFinite(value))
            {
                return false;
            }
        }

        return true;
    }
}
