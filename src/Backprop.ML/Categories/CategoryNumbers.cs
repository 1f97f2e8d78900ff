using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.ML;

/// <summary>What tells the categories of a column.</summary>
internal enum CategoryKind
{
    /// <summary>Texts.</summary>
    Text,

    /// <summary>Keys.</summary>
    Key,

    /// <summary>Whole numbers, or Booleans.</summary>
    Whole,

    /// <summary>Singles.</summary>
    Single,

    /// <summary>Doubles.</summary>
    Double,
}

/// <summary>
/// The number of each value of a categorical column: those of the most rows first, from 1; 0 for what is missing, in a single row only, or
/// not there.
/// </summary>
internal abstract class CategoryNumbers(CategoryKind kind)
{
    /// <summary>As many as an embedding has room for, beside 0.</summary>
    private protected const int Most = Models.Model.MaxUnits - 1;

    private protected const int LeastRows = 2;

    /// <summary>How many values have a number.</summary>
    internal abstract int Count { get; }

    /// <summary>What values are.</summary>
    internal CategoryKind Kind { get; } = kind;

    /// <summary>The values in the order of their numbers, as text.</summary>
    internal abstract IEnumerable<string> Texts { get; }

    /// <summary>What values of that type are.</summary>
    internal static CategoryKind KindOf(DataViewType type) => type is TextDataViewType ? CategoryKind.Text
        : type is KeyDataViewType ? CategoryKind.Key
        : type == NumberDataViewType.Single ? CategoryKind.Single
        : type == NumberDataViewType.Double ? CategoryKind.Double
        : CategoryKind.Whole;

    /// <summary>None yet, for a column's type.</summary>
    internal static CategoryNumbers Of(DataViewSchema.Column column) => Of(KindOf(column.Type));

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The bytes are damaged.</exception>
    internal static CategoryNumbers Load(BinaryReader reader)
    {
        var kind = (CategoryKind)reader.ReadInt32();
        var numbers = Enum.IsDefined(kind)
            ? Of(kind)
            : throw new InvalidDataException($"The saved features have categories of an unknown kind, {kind}. The file is damaged, or of a later version.");
        numbers.Read(reader, reader.ReadInt32());
        return numbers;
    }

    /// <summary>Writes the values in the order of their numbers.</summary>
    internal void Save(BinaryWriter writer)
    {
        writer.Write((int)Kind);
        writer.Write(Count);
        Write(writer);
    }

    /// <summary>Counts the value of the row that a cursor is on.</summary>
    internal abstract Action CounterOf(DataViewRow row, DataViewSchema.Column column);

    /// <summary>Ends counting: values have their numbers.</summary>
    internal abstract void Complete();

    /// <summary>Reads the number of the value in a row.</summary>
    internal abstract Func<int> ReaderOf(DataViewRow row, DataViewSchema.Column column);

    private protected abstract void Write(BinaryWriter writer);

    private protected abstract void Read(BinaryReader reader, int count);

    private static CategoryNumbers Of(CategoryKind kind) => kind == CategoryKind.Text ? new TextNumbers() : new CodeNumbers(kind);
}

/// <summary>The same for values of one type.</summary>
internal abstract class CategoryNumbers<T>(CategoryKind kind) : CategoryNumbers(kind) where T : notnull
{
    /// <summary>Rows of each value while they are counted, then its number.</summary>
    private protected Dictionary<T, int> Numbers { get; private set; } = [];

    /// <summary>The values in the order of their numbers.</summary>
    internal IReadOnlyList<T> Values { get; private set; } = [];

    internal override int Count => Values.Count;

    private protected abstract IComparer<T> Order { get; }

    internal override void Complete() => Give([.. Numbers.Where(pair => pair.Value >= LeastRows)
        .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, Order).Select(pair => pair.Key).Take(Most)]);

    private protected sealed override void Write(BinaryWriter writer)
    {
        foreach (var value in Values)
        {
            Write(writer, value);
        }
    }

    private protected sealed override void Read(BinaryReader reader, int count)
    {
        // The count may be of a damaged file: no more is kept ready than is there.
        var values = new List<T>();
        for (; count > 0; count--)
        {
            values.Add(ReadValue(reader));
        }

        Give(values);
    }

    private protected abstract void Write(BinaryWriter writer, T value);

    private protected abstract T ReadValue(BinaryReader reader);

    private void Give(IReadOnlyList<T> values)
    {
        (Values, Numbers) = (values, new(values.Count));
        for (var i = 0; i < values.Count; i++)
        {
            Numbers.Add(values[i], i + 1);
        }
    }
}
