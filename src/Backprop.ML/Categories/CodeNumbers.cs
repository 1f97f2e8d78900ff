using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML;

namespace Backprop.ML;

/// <summary>Of keys, numbers and Booleans, by codes that <see cref="GroupColumn"/> tells them by; key 0 and NaN are missing.</summary>
internal sealed class CodeNumbers(CategoryKind kind) : CategoryNumbers<long>(kind)
{
    internal override IEnumerable<string> Texts => Values.Select(code => Kind is CategoryKind.Single or CategoryKind.Double
        ? BitConverter.Int64BitsToDouble(code).ToString("R", CultureInfo.InvariantCulture)
        : code.ToString(CultureInfo.InvariantCulture));

    private long? MissingCode => Kind switch
    {
        CategoryKind.Key => 0,
        CategoryKind.Single or CategoryKind.Double => GroupColumn.CodeOf(double.NaN),
        _ => null,
    };

    private protected override IComparer<long> Order => Comparer<long>.Default;

    internal override Action CounterOf(DataViewRow row, DataViewSchema.Column column)
    {
        var (codeOf, missing) = (GroupColumn.ReaderOf(row, column), MissingCode);
        return () =>
        {
            if (codeOf() is var code && code != missing)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(Numbers, code, out _)++;
            }
        };
    }

    internal override Func<int> ReaderOf(DataViewRow row, DataViewSchema.Column column)
    {
        var codeOf = GroupColumn.ReaderOf(row, column);
        return () => Numbers.TryGetValue(codeOf(), out var number) ? number : 0;
    }

    private protected override void Write(BinaryWriter writer, long value) => writer.Write(value);

    private protected override long ReadValue(BinaryReader reader) => reader.ReadInt64();
}
