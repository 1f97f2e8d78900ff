using Backprop.Models;
using Microsoft.ML.Data;

namespace Backprop.ML;

/// <summary>Grows a table of examples in memory, row by row.</summary>
/// <param name="columns">The columns that rows come from.</param>
/// <param name="rowsExpected">How many rows may come; 0 where that is not known.</param>
internal sealed class ExampleTable(ExampleColumns columns, long rowsExpected)
{
    private readonly FeatureBuffer features = new(columns.FeatureCount, rowsExpected);
    private readonly Chunks<float> targets = new(rowsExpected, columns.TargetCount);
    private readonly Chunks<float>? weights = columns.Weight is null ? null : new(rowsExpected, 1);
    private readonly Chunks<long>? groups = columns.Group is null ? null : new(rowsExpected, 1);

    /// <summary>Rows that were added.</summary>
    internal int Rows { get; private set; }

    /// <summary>Adds a row.</summary>
    /// <exception cref="InvalidOperationException">The values do not fit in one array.</exception>
    internal void Add(in VBuffer<float> row, ReadOnlySpan<float> label, float weight, long group)
    {
        features.Add(in row);
        label.CopyTo(targets.Next(label.Length));
        if (weights is not null)
        {
            weights.Next(1)[0] = weight;
        }

        if (groups is not null)
        {
            groups.Next(1)[0] = group;
        }

        Rows++;
    }

    /// <summary>The table. No more rows can be added.</summary>
    internal Examples<float> ToExamples() => features.ToExamples(Rows, targets.ToArray(), weights?.ToArray(), groups?.ToArray());
}
