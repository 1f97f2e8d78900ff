using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;

namespace Backprop.ML;

/// <summary>Concatenated features when ML.NET's ConvertToOnnx exports a pipeline.</summary>
internal static class FeatureOnnx
{
    // ONNX' FLOAT and INT64.
    private const int FloatType = 1;
    private const int WholeType = 7;

    /// <summary>The standard operators; ML.NET's usual domain has those that look categories up.</summary>
    private const string Standard = "";

    /// <summary>Adds the vector.</summary>
    /// <param name="context">What ML.NET has converted so far.</param>
    /// <param name="parts">What it is made of.</param>
    /// <param name="output">Its column.</param>
    /// <exception cref="NotSupportedException">Categories are told by doubles, which ONNX does not look up.</exception>
    /// <exception cref="InvalidOperationException">A column is not in the graph.</exception>
    public static void Save(OnnxContext context, IEnumerable<(ConcatenatedColumn Of, DataViewSchema.Column From)> parts, string output)
    {
        string[] values = [.. parts.Select(part => context.ContainsColumn(part.Of.Name)
            ? ValueOf(context, part.Of, part.From.Type, context.GetVariableName(part.Of.Name))
            : throw new InvalidOperationException(
                $"Column '{part.Of.Name}' is not in the ONNX model: a transform before the features cannot be converted. Replace it."))];
        var slots = parts.Sum(part => part.Of.Slots);
        var joined = context.AddIntermediateVariable(new VectorDataViewType(NumberDataViewType.Single, slots), output);
        context.CreateNode("Concat", values, [joined], context.GetNodeName("Concat"), Standard).AddAttribute("axis", 1);
    }

    private static string ValueOf(OnnxContext context, ConcatenatedColumn column, DataViewType type, string value)
    {
        switch (column.Categories)
        {
            case null when type is VectorDataViewType || type == NumberDataViewType.Single:
                return value;
            case null:
                return Cast(context, value, FloatType);
            case TextNumbers texts:
                return LookUp(context, value, "keys_strings", texts.Values, "", (encoder, name, keys) => encoder.AddAttribute(name, keys));
            default:
                var codes = ((CodeNumbers)column.Categories).Values;
                return column.Categories.Kind switch
                {
                    CategoryKind.Single => LookUp(
                        context, value, "keys_floats", [.. codes.Select(code => (float)BitConverter.Int64BitsToDouble(code))], 0,
                        (encoder, name, keys) => encoder.AddAttribute(name, keys)),
                    CategoryKind.Double => throw new NotSupportedException(
                        $"The categories of column '{column.Name}' are told by doubles, which ONNX does not look up. "
                            + "Convert it to Single or whole numbers first."),
                    _ => LookUp(context, Cast(context, value, WholeType), "keys_int64s", codes, 0, (encoder, name, keys) => encoder.AddAttribute(name, keys)),
                };
        }
    }

    /// <summary>The numbers of values, from 1; 0 for others.</summary>
    private static string LookUp<TKey>(
        OnnxContext context, string value, string attribute, IReadOnlyList<TKey> keys, TKey nobodys, Action<OnnxNode, string, IEnumerable<TKey>> add)
    {
        var number = context.AddIntermediateVariable(null, nameof(CategoryNumbers), skip: true);
        var encoder = context.CreateNode("LabelEncoder", value, number, context.GetNodeName("LabelEncoder"));
        // Without a key there is no such operator.
        add(encoder, attribute, keys.Count > 0 ? keys : [nobodys]);
        encoder.AddAttribute("values_floats", keys.Count > 0 ? Enumerable.Range(1, keys.Count).Select(i => (float)i) : [0f]);
        encoder.AddAttribute("default_float", 0f);
        return number;
    }

    private static string Cast(OnnxContext context, string value, int type)
    {
        var result = context.AddIntermediateVariable(null, nameof(ConcatenatedColumn), skip: true);
        context.CreateNode("Cast", value, result, context.GetNodeName("Cast"), Standard).AddAttribute("to", type);
        return result;
    }
}
