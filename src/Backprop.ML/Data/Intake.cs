using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace Backprop.ML;

/// <summary>Reads data views once, and gives on the rows that something can be learned from.</summary>
/// <param name="channel">Receives one warning for a view of which rows are skipped.</param>
/// <param name="classes">How many there are; null if labels are not class numbers.</param>
/// <param name="takesMissing">Whether rows may lack a feature, from 0.</param>
/// <param name="categories">Looks at each of the rows.</param>
/// <param name="cancellation">Looked at again and again while rows are read.</param>
internal sealed class Intake(IChannel channel, int? classes, Predicate<int> takesMissing, CategorySlots categories, CancellationToken cancellation)
{
    private const int RowsPerLook = 1024;

    /// <summary>Gives on the usable rows; labels are 0 or 1, a class number from 0, or one real value or several, after the label column's type.</summary>
    /// <param name="data">The view.</param>
    /// <param name="columns">Which of its columns are read.</param>
    /// <param name="rows">Takes the rows.</param>
    /// <param name="purpose">What the rows are called in messages: training or validation.</param>
    /// <returns>The label, if all rows have the same; of several values, the first.</returns>
    /// <exception cref="InvalidOperationException">No row is usable, there is no such class, or the rows do not fit in arrays and there is no cap.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    internal float? Read(IDataView data, ExampleColumns columns, RowWriter<float> rows, string purpose)
    {
        using var reader = new ExampleReader(data, columns, takesMissing);
        rows.Expect(data.GetRowCount() ?? 0);
        var (label, differ) = (0f, false);
        while (reader.MoveNext())
        {
            if (rows.Rows % RowsPerLook == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            differ |= rows.Rows > 0 && reader.Label[0] != label;
            label = reader.Label[0];
            if (label >= classes)
            {
                throw new InvalidOperationException(
                    $"The {purpose} data has key {label + 1} in label column '{columns.Label.Name}' but the training data has {classes} "
                    + "classes. Map the labels of both with the same fitted MapValueToKey.");
            }

            ref readonly var features = ref reader.Features;
            categories.See(in features);
            if (features.IsDense)
            {
                rows.Add(features.GetValues(), reader.Label, reader.Weight, reader.Group);
            }
            else
            {
                rows.Add(features.GetIndices(), features.GetValues(), reader.Label, reader.Weight, reader.Group);
            }
        }

        if (rows.Rows == 0)
        {
            throw new InvalidOperationException(
                $"None of the {reader.Skipped} {purpose} rows is usable: {reader.Reasons}. "
                + "Check the data, or replace missing values, for example with ReplaceMissingValues.");
        }

        if (reader.Skipped > 0)
        {
            channel.Warning("Skipped {0} of {1} {2} rows: {3}.", reader.Skipped, reader.Skipped + rows.Rows, purpose, reader.Reasons);
        }

        return differ ? null : label;
    }
}
