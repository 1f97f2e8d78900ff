using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Interop.Tests.ML;

/// <summary>A row that serves all tasks: each has its own label column, and all follow from the features.</summary>
public class Row
{
    public const int FeatureCount = 4;

    [VectorType(FeatureCount)]
    public float[] Features { get; set; } = [];

    public bool IsAbove { get; set; }

    public string Kind { get; set; } = "";

    public float Amount { get; set; }

    /// <summary>Several labels, in units of different sizes.</summary>
    [VectorType(2)]
    public float[] Amounts { get; set; } = [];

    public float Weight { get; set; } = 1;

    public string Note { get; set; } = "";

    /// <summary>Permutation importance names features by their slot names.</summary>
    public static IDataView LoadWithSlotNames(MLContext context, IEnumerable<Row> rows)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        var names = Enumerable.Range(0, FeatureCount).Select(i => $"x{i}".AsMemory()).ToArray();
        schema[nameof(Features)].AddAnnotation(
            "SlotNames", new VBuffer<ReadOnlyMemory<char>>(FeatureCount, names), new VectorDataViewType(TextDataViewType.Instance, FeatureCount));
        return context.Data.LoadFromEnumerable(rows, schema);
    }

    public static List<Row> Many(int count, int seed = 7)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var x = Enumerable.Range(0, FeatureCount).Select(_ => random.NextSingle() * 2 - 1).ToArray();
            return new Row
            {
                Features = x,
                IsAbove = x[0] + x[1] > 0,
                Kind = x[0] > 0.3f ? "red" : x[1] > 0 ? "green" : "blue",
                Amount = 1000 + 50 * x[0] - 20 * x[1],
                Amounts = [1000 + 50 * x[0] - 20 * x[1], 0.1f * x[0] + 0.02f * x[2]],
                Note = $"row {i}",
            };
        })];
    }
}
