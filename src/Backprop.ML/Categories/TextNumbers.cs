using System.Runtime.InteropServices;
using Microsoft.ML;

namespace Backprop.ML;

/// <summary>Of texts; empty ones are missing.</summary>
internal sealed class TextNumbers() : CategoryNumbers<string>(CategoryKind.Text)
{
    internal override IEnumerable<string> Texts => Values;

    private protected override IComparer<string> Order => StringComparer.Ordinal;

    internal override Action CounterOf(DataViewRow row, DataViewSchema.Column column)
    {
        var (textOf, text) = (row.GetGetter<ReadOnlyMemory<char>>(column), default(ReadOnlyMemory<char>));
        var rows = Numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        return () =>
        {
            textOf(ref text);
            if (!text.IsEmpty)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(rows, text.Span, out _)++;
            }
        };
    }

    internal override Func<int> ReaderOf(DataViewRow row, DataViewSchema.Column column)
    {
        var (textOf, text) = (row.GetGetter<ReadOnlyMemory<char>>(column), default(ReadOnlyMemory<char>));
        var numbers = Numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        return () =>
        {
            textOf(ref text);
            return numbers.TryGetValue(text.Span, out var number) ? number : 0;
        };
    }

    private protected override void Write(BinaryWriter writer, string value) => writer.Write(value);

    private protected override string ReadValue(BinaryReader reader) => reader.ReadString();
}
