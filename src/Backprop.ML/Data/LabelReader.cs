using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Backprop.ML;

/// <summary>Reads the label of the row a cursor is on: one number, or several where the column is a vector.</summary>
internal abstract class LabelReader(int targets)
{
    /// <summary>The label that was read; a missing one is NaN.</summary>
    internal float[] Values { get; } = new float[targets];

    /// <summary>The reader for the label column's type.</summary>
    internal static LabelReader Of(DataViewRow row, RoleMappedData data) => data.Schema.Label!.Value is { Type: VectorDataViewType vector } column
        ? new Vector(row.GetGetter<VBuffer<float>>(column), vector.Size)
        : new Scalar(row.GetLabelFloatGetter(data));

    /// <summary>Reads the label.</summary>
    internal abstract void Read();

    private sealed class Scalar(ValueGetter<float> labelOf) : LabelReader(1)
    {
        internal override void Read() => labelOf(ref Values[0]);
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
