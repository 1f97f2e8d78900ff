using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Cli.Data;

/// <summary>Columns of numbers in memory as one column of vectors.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Slots">The name of each column.</param>
/// <param name="Values">The numbers of each column, row by row.</param>
internal sealed record VectorColumn(string Name, IReadOnlyList<string> Slots, IReadOnlyList<float[]> Values)
    : TableColumn(Name, new VectorDataViewType(NumberDataViewType.Single, Slots.Count))
{
    private const string SlotNames = nameof(SlotNames);

    /// <inheritdoc/>
    public override DataViewSchema.Annotations Annotations
    {
        get
        {
            VBuffer<ReadOnlyMemory<char>> names = new(Slots.Count, [.. Slots.Select(slot => slot.AsMemory())]);
            var builder = new DataViewSchema.Annotations.Builder();
            builder.Add(
                SlotNames,
                new VectorDataViewType(TextDataViewType.Instance, Slots.Count),
                (ref VBuffer<ReadOnlyMemory<char>> value) => names.CopyTo(ref value));
            return builder.ToAnnotations();
        }
    }

    /// <inheritdoc/>
    public override Delegate Getter(DataViewRowCursor cursor) => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
    {
        var editor = VBufferEditor.Create(ref value, Values.Count);
        for (var i = 0; i < Values.Count; i++)
        {
            editor.Values[i] = Values[i][(int)cursor.Position];
        }

        value = editor.Commit();
    });
}
