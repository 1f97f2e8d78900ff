using System.Numerics;

namespace Backprop.Training;

/// <summary>Takes rows one after another.</summary>
/// <typeparam name="T">float or double.</typeparam>
public sealed class RowWriter<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly TrainingData<T> data;

    internal RowWriter(TrainingData<T> data, string purpose) => (this.data, Purpose) = (data, purpose);

    /// <summary>Rows given so far.</summary>
    public long Rows { get; internal set; }

    /// <summary>What the rows are called in messages.</summary>
    internal string Purpose { get; }

    /// <summary>Adds a row with all its features.</summary>
    /// <param name="features">As many as the network takes.</param>
    /// <param name="targets">As many as the network takes: a class number from 0, a 0/1 label or real values.</param>
    /// <param name="weight">Above 0; other than 1 only where weights were announced.</param>
    /// <param name="group">The group it belongs to; other than 0 only where groups were announced.</param>
    /// <exception cref="ArgumentException">The row does not fit, or holds what cannot be learned from; it is left out.</exception>
    /// <exception cref="InvalidOperationException">Training rows come after validation rows, or after training.</exception>
    /// <exception cref="IOException">The disk is full or fails.</exception>
    public void Add(ReadOnlySpan<T> features, ReadOnlySpan<T> targets, T? weight = null, long group = 0)
        => data.Add(this, new(features), targets, weight ?? T.One, group);

    /// <summary>Adds a row of which only the features that are not zero are given.</summary>
    /// <param name="columns">Their numbers, from 0, ascending.</param>
    /// <param name="values">The feature for each.</param>
    /// <param name="targets">As many as the network takes.</param>
    /// <param name="weight">Above 0; other than 1 only where weights were announced.</param>
    /// <param name="group">The group it belongs to; other than 0 only where groups were announced.</param>
    /// <exception cref="ArgumentException">The row does not fit, or holds what cannot be learned from; it is left out.</exception>
    /// <exception cref="InvalidOperationException">Training rows come after validation rows, or after training.</exception>
    /// <exception cref="IOException">The disk is full or fails.</exception>
    public void Add(ReadOnlySpan<int> columns, ReadOnlySpan<T> values, ReadOnlySpan<T> targets, T? weight = null, long group = 0)
        => data.Add(this, new(columns, values), targets, weight ?? T.One, group);

    /// <summary>Says how many rows are about to come, so that there is room for them at once; they may still be more or fewer.</summary>
    public void Expect(long rows) => data.Expect(this, rows);
}
