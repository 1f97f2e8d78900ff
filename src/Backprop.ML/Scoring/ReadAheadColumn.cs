using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.ML;

/// <summary>Keeps a column's values of the rows read ahead.</summary>
internal abstract class ReadAheadColumn
{
    /// <summary>Makes the buffer for a column's type.</summary>
    internal static ReadAheadColumn Of(DataViewRow input, DataViewSchema.Column column, int rows)
    {
        var type = column.Type is VectorDataViewType vector
            ? typeof(Vectors<>).MakeGenericType(vector.ItemType.RawType)
            : typeof(Values<>).MakeGenericType(column.Type.RawType);
        return (ReadAheadColumn)Activator.CreateInstance(type, input, column, rows)!;
    }

    /// <summary>Keeps the value of the row the input is on.</summary>
    internal abstract void Read(int slot);

    /// <summary>A <c>ValueGetter</c> of the column's type, over the slot that <paramref name="slot"/> tells.</summary>
    internal abstract Delegate GetterAt(Func<int> slot);

    private sealed class Values<T>(DataViewRow input, DataViewSchema.Column column, int rows) : ReadAheadColumn
    {
        private readonly ValueGetter<T> valueOf = input.GetGetter<T>(column);
        private readonly T[] values = new T[rows];

        internal override void Read(int slot)
        {
            // Never hand back a value that was served: a getter may dispose of what it is given, such as an image.
            values[slot] = default!;
            valueOf(ref values[slot]);
        }

        internal override Delegate GetterAt(Func<int> slot) => (ValueGetter<T>)((ref T value) => value = values[slot()]);
    }

    private sealed class Vectors<T>(DataViewRow input, DataViewSchema.Column column, int rows) : ReadAheadColumn
    {
        private readonly ValueGetter<VBuffer<T>> valueOf = input.GetGetter<VBuffer<T>>(column);
        private readonly VBuffer<T>[] values = new VBuffer<T>[rows];

        internal override void Read(int slot) => valueOf(ref values[slot]);

        // A VBuffer owns arrays: copied, or the caller's would change under it.
        internal override Delegate GetterAt(Func<int> slot)
            => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => values[slot()].CopyTo(ref value));
    }
}
