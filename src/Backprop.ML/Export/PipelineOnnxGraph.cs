using Backprop.Export;
using Microsoft.ML;
using Microsoft.ML.Model.OnnxConverter;

namespace Backprop.ML;

/// <summary>The ONNX graph that ML.NET's ConvertToOnnx builds of a pipeline.</summary>
internal sealed class PipelineOnnxGraph(OnnxContext context) : IOnnxGraph
{
    // ML.NET keeps variables by column names: these are no column's.
    private const string Prefix = "MultilayerPerceptron.";

    /// <summary>The standard operators; ML.NET's usual domain is its own.</summary>
    private const string Domain = "";

    /// <inheritdoc/>
    public string AddNode(string type, IReadOnlyList<string> inputs, IReadOnlyList<OnnxAttribute> attributes)
        => AddNode(type, inputs, attributes, results: 1)[0];

    /// <inheritdoc/>
    public string AddTensor<TValue>(string name, ReadOnlySpan<TValue> values, params IReadOnlyList<long> sizes)
        where TValue : unmanaged => values.ToArray() switch
        {
            float[] and [var number] when sizes.Count == 0 => context.AddInitializer(number, Prefix + name),
            float[] numbers => context.AddInitializer(numbers, sizes, Prefix + name),
            long[] numbers => context.AddInitializer(numbers, sizes, Prefix + name),
            _ => throw new NotSupportedException($"Tensors of {typeof(TValue)} do not occur in networks of floats."),
        };

    /// <summary>The first k of each row's numbers in ascending order.</summary>
    public string Sorted(string value, int count)
        => AddNode("TopK", [value, Whole(count)], [OnnxAttribute.Of("axis", 1), OnnxAttribute.Of("largest", 0), OnnxAttribute.Of("sorted", 1)], results: 2)[0];

    /// <summary>Some columns of a matrix.</summary>
    public string Columns(string value, params IReadOnlyList<int> columns)
        => AddNode("Gather", [value, Whole([.. columns.Select(column => (long)column)])], [OnnxAttribute.Of("axis", 1)]);

    /// <summary>A list of whole numbers.</summary>
    public string Whole(params long[] numbers) => AddTensor<long>("whole", numbers, numbers.Length);

    /// <summary>A value as a column.</summary>
    public void AddColumn(string value, DataViewSchema.Column column)
        => context.CreateNode("Identity", value, context.AddIntermediateVariable(column.Type, column.Name), context.GetNodeName("Identity"), Domain);

    private string[] AddNode(string type, IReadOnlyList<string> inputs, IReadOnlyList<OnnxAttribute> attributes, int results)
    {
        string[] outputs = [.. Enumerable.Range(0, results).Select(_ => context.AddIntermediateVariable(null, Prefix + type, skip: true))];
        var node = context.CreateNode(type, inputs, outputs, context.GetNodeName(type), Domain);
        foreach (var (name, values, isList) in attributes)
        {
            if (isList)
            {
                node.AddAttribute(name, values);
            }
            else
            {
                node.AddAttribute(name, values[0]);
            }
        }

        return outputs;
    }
}
