using System.Globalization;
using System.Numerics;

namespace Backprop.Export;

/// <summary>Adds operators to an ONNX graph, each only once: the same of the same inputs is the same value.</summary>
internal sealed class OnnxNodes<T>(IOnnxGraph graph) where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Dictionary<string, string> values = [];

    /// <summary>The value of an operator.</summary>
    public string Apply(string type, IReadOnlyList<string> inputs, params IReadOnlyList<OnnxAttribute> attributes)
        => Once(Key(type, inputs, attributes), () => graph.AddNode(type, inputs, attributes));

    /// <summary>A single number.</summary>
    public string Number(T value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return Once($"number {text}", () => graph.AddTensor(text, [value]));
    }

    /// <summary>A tensor of numbers.</summary>
    public string Tensor(string name, ReadOnlySpan<T> numbers, params IReadOnlyList<long> sizes) => graph.AddTensor(name, numbers, sizes);

    /// <summary>A list of whole numbers: a shape, or where a slice begins.</summary>
    public string Whole(params long[] numbers)
    {
        var text = string.Join(',', numbers);
        return Once($"whole {text}", () => graph.AddTensor<long>(text, numbers, numbers.Length));
    }

    /// <summary>Whether a value is another with its sign flipped.</summary>
    public bool IsNegative(string value, string of) => values.TryGetValue(Key("Neg", [of], []), out var negative) && negative == value;

    private string Once(string key, Func<string> add)
    {
        if (!values.TryGetValue(key, out var value))
        {
            values[key] = value = add();
        }

        return value;
    }

    private static string Key(string type, IReadOnlyList<string> inputs, IReadOnlyList<OnnxAttribute> attributes)
        => $"{type}({string.Join(", ", inputs)}) {string.Join(' ', attributes.Select(a => $"{a.Name}={string.Join(',', a.Values)}"))}";
}
