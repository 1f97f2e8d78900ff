using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.ML;

/// <summary>Goes through a view's rows in order, passing over those nothing can be learned from, which it counts.</summary>
internal sealed class ExampleReader : IDisposable
{
    private readonly DataViewRowCursor cursor;
    private readonly LabelReader label;
    private readonly ValueGetter<VBuffer<float>> featuresOf;
    private readonly ValueGetter<float>? weightOf;
    private readonly Func<long>? groupOf;
    private readonly Predicate<int> takesMissing;
    private VBuffer<float> features;
    private float weight = 1;
    private long badLabels;
    private long badFeatures;
    private long badWeights;

    /// <summary>Opens a view.</summary>
    /// <param name="data">The view.</param>
    /// <param name="columns">Which of its columns are read.</param>
    /// <param name="takesMissing">Whether a row that lacks a feature, from 0, can be learned from all the same.</param>
    internal ExampleReader(IDataView data, ExampleColumns columns, Predicate<int> takesMissing)
    {
        this.takesMissing = takesMissing;
        cursor = columns.OpenCursor(data);
        label = LabelReader.Of(cursor, columns.Label);
        featuresOf = cursor.GetGetter<VBuffer<float>>(columns.Features);
        weightOf = columns.Weight is { } weights ? cursor.GetGetter<float>(weights) : null;
        groupOf = columns.Group is { } groups ? GroupColumn.ReaderOf(cursor, groups) : null;
    }

    /// <summary>The row's features, until the next row.</summary>
    internal ref readonly VBuffer<float> Features => ref features;

    /// <summary>The row's label: 0 or 1, a class number from 0, or one real value or several.</summary>
    internal ReadOnlySpan<float> Label => label.Values;

    /// <summary>The row's weight.</summary>
    internal float Weight => weight;

    /// <summary>The number of the row's group; 0 without groups.</summary>
    internal long Group => groupOf?.Invoke() ?? 0;

    /// <summary>Rows that were passed over.</summary>
    internal long Skipped => badLabels + badFeatures + badWeights;

    /// <summary>How many of them for which reason.</summary>
    internal string Reasons => $"{badLabels} without a finite label, {badFeatures} with NaN or infinite features, "
        + $"{badWeights} with a weight not above 0 or infinite";

    /// <summary>Goes to the next row that can be learned from.</summary>
    /// <returns>Whether there is one.</returns>
    internal bool MoveNext()
    {
        while (cursor.MoveNext())
        {
            label.Read();
            weightOf?.Invoke(ref weight);
            featuresOf(ref features);
            if (!Finite.All(label.Values))
            {
                badLabels++;
            }
            else if (!Finite.All(features.GetValues()) && !AreTaken(in features))
            {
                badFeatures++;
            }
            else if (!(weight > 0 && float.IsFinite(weight)))
            {
                badWeights++;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    private bool AreTaken(in VBuffer<float> row)
    {
        foreach (var (feature, value) in row.Items())
        {
            if (!float.IsFinite(value) && !takesMissing(feature))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => cursor.Dispose();
}
