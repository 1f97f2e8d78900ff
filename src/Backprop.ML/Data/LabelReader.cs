using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.ML;

/// <summary>Reads the label of the row a cursor is on: one number, or several where the column is a vector.</summary>
internal abstract class LabelReader(int targets)
{
    /// <summary>The label that was read: 0 or 1, a class number from 0, or one real value or several; NaN where it is missing.</summary>
    internal float[] Values { get; } = new float[targets];

    /// <summary>The reader for the label column's type.</summary>
    internal static LabelReader Of(DataViewRow row, DataViewSchema.Column column) => column.Type switch
    {
        VectorDataViewType type => new Vector(row.GetGetter<VBuffer<float>>(column), type.Size),
        KeyDataViewType type => new Key(row.GetGetter<uint>(column), type.Count),
        BooleanDataViewType => new Boolean(row.GetGetter<bool>(column)),
        _ => new Scalar(row.GetGetter<float>(column)),
    };

    /// <summary>Reads the label.</summary>
    internal abstract void Read();

    private sealed class Scalar(ValueGetter<float> labelOf) : LabelReader(1)
    {
        internal override void Read() => labelOf(ref Values[0]);
    }

    private sealed class Boolean(ValueGetter<bool> labelOf) : LabelReader(1)
    {
        internal override void Read()
        {
            var label = false;
            labelOf(ref label);
            Values[0] = label ? 1 : 0;
        }
    }

    private sealed class Key(ValueGetter<uint> labelOf, ulong count) : LabelReader(1)
    {
        // Keys count from 1, and 0 is a missing one.
        internal override void Read()
        {
            uint label = 0;
            labelOf(ref label);
            Values[0] = label > 0 && label <= count ? label - 1 : float.NaN;
        }
    }

    private sealed class Vector(ValueGetter<VBuffer<float>> labelOf, int targets) : LabelReader(targets)
    {
        private VBuffer<float> label;

        internal override void Read()
        {
            labelOf(ref label);
            label.CopyTo(Values);
        }
    }
}
