using Backprop.Models;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Comparisons.MachineLearning;

/// <summary>Rows in memory as an ML.NET pipeline hands them to a trainer: features, a label and a weight.</summary>
internal static class IntakeData
{
    /// <summary>Dense rows of U(−1, 1).</summary>
    public static IDataView Dense(int rows, int columns)
    {
        var random = new TorchRandom(1);
        return View(rows, columns, () =>
        {
            var values = new float[columns];
            random.FillUniform(values, -1, 1);
            return new(columns, values);
        });
    }

    /// <summary>Rows of a few ones, one in each equal part of the columns, as one-hot encoding makes them.</summary>
    public static IDataView Sparse(int rows, int columns, int nonZeros)
    {
        var random = new TorchRandom(1);
        return View(rows, columns, () =>
        {
            var part = (uint)(columns / nonZeros);
            int[] indices = [.. Enumerable.Range(0, nonZeros).Select(i => (int)(i * part + random.NextUInt32() % part))];
            return new(columns, nonZeros, [.. Enumerable.Repeat(1f, nonZeros)], indices);
        });
    }

    private static IDataView View(int rows, int columns, Func<VBuffer<float>> features)
    {
        var ml = new MLContext(seed: 1);
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, columns);
        List<Row> made = [.. Enumerable.Range(0, rows).Select(row => new Row { Features = features(), Label = row % 3 == 0, Weight = 1 + row % 4 })];
        return ml.Data.LoadFromEnumerable(made, schema);
    }

    /// <summary>A row.</summary>
    internal sealed class Row
    {
        public VBuffer<float> Features { get; set; }

        public bool Label { get; set; }

        public float Weight { get; set; }
    }
}
