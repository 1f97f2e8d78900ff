using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.ML;

/// <summary>The column whose equal values make the groups that are trained on, or held out, as a whole.</summary>
internal static class GroupColumn
{
    private const string Types = "text, a key, a number, a Boolean, a date or a time";

    /// <summary>Refuses a schema without the column, or where it has another type.</summary>
    /// <exception cref="ArgumentException">It has.</exception>
    internal static void Check(SchemaShape schema, string name)
    {
        if (!schema.TryFindColumn(name, out var column))
        {
            throw new ArgumentException(
                $"There is no column '{name}', which {nameof(MultilayerPerceptronOptions.SamplingKeyColumnName)} asks for. "
                + $"Correct the name; there are: {string.Join(", ", schema.Select(other => other.Name))}.");
        }

        if (column.Kind != SchemaShape.Column.VectorKind.Scalar || !CanGroup(column.ItemType))
        {
            throw new ArgumentException(
                $"{nameof(MultilayerPerceptronOptions.SamplingKeyColumnName)} '{name}' is a column of {column.GetTypeString()}, not of {Types}. "
                + "Choose such a column.");
        }
    }

    /// <summary>Reads the group of the row a cursor is on: equal values, equal numbers. Missing values are one group.</summary>
    internal static Func<long> ReaderOf(DataViewRow row, DataViewSchema.Column column)
    {
        Func<long> By<T>(Func<T, long> numberOf)
        {
            var (valueOf, value) = (row.GetGetter<T>(column), default(T)!);
            return () =>
            {
                valueOf(ref value);
                return numberOf(value);
            };
        }

        Func<long> Whole<T>() where T : IBinaryInteger<T> => By<T>(long.CreateTruncating);
        return Type.GetTypeCode(column.Type.RawType) switch
        {
            TypeCode.SByte => Whole<sbyte>(),
            TypeCode.Int16 => Whole<short>(),
            TypeCode.Int32 => Whole<int>(),
            TypeCode.Int64 => Whole<long>(),
            TypeCode.Byte => Whole<byte>(),
            TypeCode.UInt16 => Whole<ushort>(),
            TypeCode.UInt32 => Whole<uint>(),
            TypeCode.UInt64 => Whole<ulong>(),
            TypeCode.Single => By<float>(value => CodeOf(value)),
            TypeCode.Double => By<double>(CodeOf),
            TypeCode.Boolean => By<bool>(value => value ? 1 : 0),
            TypeCode.DateTime => By<DateTime>(value => value.Ticks),
            _ when column.Type is DateTimeOffsetDataViewType => By<DateTimeOffset>(value => value.UtcTicks),
            _ when column.Type is TimeSpanDataViewType => By<TimeSpan>(value => value.Ticks),
            _ => By<ReadOnlyMemory<char>>(value => HashOf(value.Span)),
        };
    }

    /// <summary>Whether groups can be told by values of that type; a key's, in a shape, is a number's.</summary>
    private static bool CanGroup(DataViewType type) => type is TextDataViewType or NumberDataViewType
        or BooleanDataViewType or DateTimeDataViewType or DateTimeOffsetDataViewType or TimeSpanDataViewType;

    /// <summary>+0 and −0 are equal, and so is every NaN.</summary>
    internal static long CodeOf(double value) => BitConverter.DoubleToInt64Bits(double.IsNaN(value) ? double.NaN : value + 0.0);

    /// <summary>
    /// FNV-1a over the characters' bytes (Fowler, Noll and Vo), 64 bits: of a million texts, one pair is taken for one group with a
    /// probability of 3e-8, which divides no group.
    /// </summary>
    private static long HashOf(ReadOnlySpan<char> text)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var one in MemoryMarshal.AsBytes(text))
        {
            hash = (hash ^ one) * 0x100000001B3;
        }

        return (long)hash;
    }
}
