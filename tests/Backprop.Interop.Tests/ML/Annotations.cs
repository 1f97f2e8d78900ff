using System.Globalization;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Interop.Tests.ML;

/// <summary>What a column says of itself, as text: its name, then each annotation with its values.</summary>
internal static class Annotations
{
    private static readonly MethodInfo Reader = typeof(Annotations).GetMethod(nameof(Read), BindingFlags.NonPublic | BindingFlags.Static)!;
    private static readonly MethodInfo Writer = typeof(Annotations).GetMethod(nameof(Write), BindingFlags.NonPublic | BindingFlags.Static)!;

    // Numbers the sets of scores of a process: another in each view.
    private const string SetId = "ScoreColumnSetId";

    internal static string Of(DataViewSchema.Column column) => string.Join(
        "; ", column.Annotations.Schema.Where(annotation => annotation.Name != SetId).OrderBy(annotation => annotation.Name, StringComparer.Ordinal).Select(annotation =>
            $"{annotation.Name} {Reader.MakeGenericMethod(annotation.Type.RawType).Invoke(null, [column.Annotations, annotation.Name])}").Prepend($"{column.Name}: {column.Type}"));

    private static string Read<T>(DataViewSchema.Annotations annotations, string name)
    {
        T value = default!;
        annotations.GetValue(name, ref value);
        return value!.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(VBuffer<>)
            ? (string)Writer.MakeGenericMethod(type.GetGenericArguments()).Invoke(null, [value])!
            : string.Create(CultureInfo.InvariantCulture, $"{value}");
    }

    private static string Write<T>(VBuffer<T> values)
        => string.Join(' ', values.DenseValues().Select(value => string.Create(CultureInfo.InvariantCulture, $"{value}")));
}
