namespace Backprop.Export;

/// <summary>An ONNX graph that is being built: a file of this library's, or the pipeline that ML.NET converts.</summary>
/// <remarks>Operators are those of the default domain that versions 11 to 17 of it define alike.</remarks>
public interface IOnnxGraph
{
    /// <summary>Adds an operator with one result.</summary>
    /// <param name="type">Its name in ONNX.</param>
    /// <param name="inputs">Names of values.</param>
    /// <param name="attributes">Whole numbers, and lists of them.</param>
    /// <returns>The result's name.</returns>
    string AddNode(string type, IReadOnlyList<string> inputs, IReadOnlyList<OnnxAttribute> attributes);

    /// <summary>Adds a constant tensor.</summary>
    /// <param name="name">What it would like to be called.</param>
    /// <param name="values">float, double or long; row-major.</param>
    /// <param name="sizes">Its sizes; none for a single number.</param>
    /// <returns>What it is called.</returns>
    string AddTensor<TValue>(string name, ReadOnlySpan<TValue> values, params IReadOnlyList<long> sizes) where TValue : unmanaged;
}

/// <summary>An attribute of an operator.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Values">Its numbers.</param>
/// <param name="IsList">Whether it is a list, of however many, or else a single number.</param>
public sealed record OnnxAttribute(string Name, IReadOnlyList<long> Values, bool IsList)
{
    /// <summary>A single number.</summary>
    public static OnnxAttribute Of(string name, long value) => new(name, [value], false);

    /// <summary>A list.</summary>
    public static OnnxAttribute List(string name, params IReadOnlyList<long> values) => new(name, values, true);
}
