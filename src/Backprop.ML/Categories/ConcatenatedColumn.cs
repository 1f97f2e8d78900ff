using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.ML;

/// <summary>A column that is put into a feature vector.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Slots">How many slots it takes.</param>
/// <param name="Categories">The numbers of its values; null where it is numbers itself.</param>
internal sealed record ConcatenatedColumn(string Name, int Slots, CategoryNumbers? Categories)
{
    /// <summary>Whether scalars of that type are taken, as numbers or as categories.</summary>
    internal static bool IsTaken(DataViewType type) => type is TextDataViewType or NumberDataViewType or BooleanDataViewType;

    /// <summary>Finds the column in a schema.</summary>
    /// <exception cref="ArgumentException">It is not there, or has another type than it was fitted to.</exception>
    internal DataViewSchema.Column In(DataViewSchema schema)
    {
        var column = schema.GetColumnOrNull(Name) ?? throw new ArgumentException(
            $"There is no column '{Name}' to concatenate. There are: {string.Join(", ", schema.Select(other => other.Name))}.", nameof(schema));
        var isScalar = column.Type is not VectorDataViewType && IsTaken(column.Type is KeyDataViewType ? NumberDataViewType.UInt32 : column.Type);
        var fits = Categories is { Kind: var kind } ? isScalar && CategoryNumbers.KindOf(column.Type) == kind
            : column.Type is VectorDataViewType vector ? vector.ItemType == NumberDataViewType.Single && vector.Size == Slots
            : column.Type is NumberDataViewType or BooleanDataViewType && Slots == 1;
        return fits
            ? column
            : throw new ArgumentException(
                $"Column '{Name}' is of {column.Type}, but was {Words} when the features were fitted. Give it as it was.", nameof(schema));
    }

    /// <summary>Puts the column's part of a row into a vector, from a slot on.</summary>
    internal Action<BufferBuilder<float>> WriterOf(DataViewRow row, DataViewSchema.Column column, int first)
    {
        if (Categories is { } categories)
        {
            var numberOf = categories.ReaderOf(row, column);
            return features => features.AddFeature(first, numberOf());
        }

        if (column.Type is VectorDataViewType)
        {
            var (vectorOf, vector) = (row.GetGetter<VBuffer<float>>(column), default(VBuffer<float>));
            return features =>
            {
                vectorOf(ref vector);
                features.AddFeatures(first, in vector);
            };
        }

        var (valueOf, value) = (RowCursorUtils.GetGetterAs<float>(NumberDataViewType.Single, row, column.Index), 0f);
        return features =>
        {
            valueOf(ref value);
            features.AddFeature(first, value);
        };
    }

    private string Words => Categories is not null ? $"categories by {Categories.Kind}" : Slots == 1 ? "a number or a Boolean" : $"a vector of {Slots} Singles";
}
