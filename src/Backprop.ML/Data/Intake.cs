using Backprop.Models;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace Backprop.ML;

/// <summary>Reads a data view once into the table the engine trains from, leaving out rows nothing can be learned from.</summary>
internal static class Intake
{
    /// <summary>The usable rows; labels are 0 or 1, a class number from 0, or one real value or several, after the label column's type.</summary>
    /// <param name="data">The view.</param>
    /// <param name="columns">Which of its columns are read.</param>
    /// <param name="purpose">What the rows are called in messages: training or validation.</param>
    /// <param name="channel">Receives one warning if rows are skipped.</param>
    /// <exception cref="InvalidOperationException">No row is usable, or the values do not fit in one array.</exception>
    internal static Examples<float> Read(IDataView data, ExampleColumns columns, string purpose, IChannel channel)
    {
        using var reader = new ExampleReader(data, columns);
        var table = new ExampleTable(columns, data.GetRowCount() ?? 0);
        while (reader.MoveNext())
        {
            table.Add(in reader.Features, reader.Label, reader.Weight, reader.Group);
        }

        if (table.Rows == 0)
        {
            throw new InvalidOperationException(
                $"None of the {reader.Skipped} {purpose} rows is usable: {reader.Reasons}. "
                + "Check the data, or replace missing values, for example with ReplaceMissingValues.");
        }

        if (reader.Skipped > 0)
        {
            channel.Warning("Skipped {0} of {1} {2} rows: {3}.", reader.Skipped, reader.Skipped + table.Rows, purpose, reader.Reasons);
        }

        return table.ToExamples();
    }
}
