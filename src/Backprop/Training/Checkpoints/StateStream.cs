using System.Numerics;
using System.Runtime.InteropServices;
using Backprop.Kernels;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Training;

/// <summary>Carries state to or from a checkpoint: what is to be saved is listed once, and saving and loading read the same list.</summary>
internal abstract class StateStream
{
    /// <summary>Whether state is loaded; else it is saved.</summary>
    public abstract bool Loads { get; }

    /// <summary>Writes the bytes, or overwrites them.</summary>
    public abstract void Exchange(Span<byte> bytes);

    /// <summary>Numbers, of which there are as many when loading.</summary>
    public void Exchange<TValue>(Span<TValue> values) where TValue : unmanaged => Exchange(MemoryMarshal.AsBytes(values));

    /// <summary>A number.</summary>
    public void Exchange<TValue>(ref TValue value) where TValue : unmanaged => Exchange(new Span<TValue>(ref value));

    /// <summary>A count, which bounds what is read next.</summary>
    /// <exception cref="InvalidDataException">It is out of bounds.</exception>
    public int Count(int count, int most)
    {
        Exchange(ref count);
        return count >= 0 && count <= most ? count
            : throw new InvalidDataException($"The checkpoint counts {count} of what there are at most {most}. Delete it and train anew.");
    }

    /// <summary>A random generator.</summary>
    public void Exchange(TorchRandom random)
    {
        var bytes = random.SaveState();
        Exchange(bytes.AsSpan());
        random.Restore(bytes);
    }

    /// <summary>Parameters with their states, and whatever else lasts from run to run.</summary>
    public void Exchange<T>(ParameterStore<T> store) where T : unmanaged, IFloatingPointIeee754<T>
    {
        foreach (var panels in store.Matrices)
        {
            Exchange(panels);
        }

        if (Loads)
        {
            store.RefreshAll();
        }
    }

    private void Exchange<T>(Panels<T> panels) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var row = new T[panels.Columns];
        for (var r = 0; r < panels.Rows; r++)
        {
            panels.GetRow(r, row);
            Exchange(row.AsSpan());
            panels.SetRow(r, row);
        }
    }
}

/// <summary>Saves.</summary>
internal sealed class StateWriter(Stream stream) : StateStream
{
    public override bool Loads => false;

    public override void Exchange(Span<byte> bytes) => stream.Write(bytes);
}

/// <summary>Loads.</summary>
internal sealed class StateReader(Stream stream) : StateStream
{
    public override bool Loads => true;

    public override void Exchange(Span<byte> bytes) => stream.ReadExactly(bytes);
}
