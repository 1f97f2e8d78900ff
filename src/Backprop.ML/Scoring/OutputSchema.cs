using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.ML;

/// <summary>Builds the schema of score columns, annotated as ML.NET annotates its own.</summary>
/// <param name="kind">What they are scores of.</param>
internal sealed class OutputSchema(string kind)
{
    private readonly DataViewSchema.Builder builder = new();

    /// <summary>The names of a vector column's slots; null where it has none.</summary>
    internal static IReadOnlyList<string>? SlotNamesOf(DataViewSchema.Column column)
    {
        if (!column.HasSlotNames())
        {
            return null;
        }

        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetSlotNames(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    /// <summary>Adds a column of numbers: one, or a vector with a name for each slot.</summary>
    /// <param name="name">The column's.</param>
    /// <param name="size">The vector's; null for a single number.</param>
    /// <param name="slotNames">As many as the vector has slots, or null.</param>
    internal void Add(string name, int? size = null, IReadOnlyList<string>? slotNames = null)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        AddText(AnnotationUtils.Kinds.ScoreColumnKind, kind);
        AddText(AnnotationUtils.Kinds.ScoreValueKind, AnnotationUtils.Const.ScoreValueKind.Score);
        if (slotNames is not null)
        {
            VBuffer<ReadOnlyMemory<char>> names = new(slotNames.Count, [.. slotNames.Select(slot => slot.AsMemory())]);
            annotations.AddSlotNames(slotNames.Count, (ref VBuffer<ReadOnlyMemory<char>> value) => names.CopyTo(ref value));
        }

        builder.AddColumn(
            name,
            size is { } slots ? new VectorDataViewType(NumberDataViewType.Single, slots) : NumberDataViewType.Single,
            annotations.ToAnnotations());

        void AddText(string annotation, string text) => annotations.Add(
            annotation, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = text.AsMemory());
    }

    /// <summary>The columns added.</summary>
    internal DataViewSchema ToSchema() => builder.ToSchema();
}
