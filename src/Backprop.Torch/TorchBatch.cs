using System.Numerics;
using Backprop.Models;
using static TorchSharp.torch;

namespace Backprop.Torch;

/// <summary>Some rows of a table as tensors.</summary>
/// <typeparam name="T">float or double.</typeparam>
public sealed class TorchBatch<T> : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Copies the rows; sparse features are written out.</summary>
    public TorchBatch(Head head, Examples<T> examples, ReadOnlySpan<int> rows)
        : this(head, examples, rows, 0, examples.TargetColumns)
    {
    }

    /// <summary>The same, with some of the table's target columns: those of one of several heads.</summary>
    internal TorchBatch(Head head, Examples<T> examples, ReadOnlySpan<int> rows, int firstTarget, int targetColumns)
    {
        TorchLibrary.EnsureLoaded();
        Features = Gather(examples.CopyFeaturesTo, examples.FeatureColumns, rows);
        var targets = Gather(RowsOf(examples.Targets, examples.TargetColumns, firstTarget), targetColumns, rows);
        Targets = head.ClassLabels ? ToClassNumbers(targets) : targets;
        Weights = examples.Weights is null ? null : Gather(RowsOf(examples.Weights, 1, 0), 1, rows);
    }

    /// <summary>rows × features.</summary>
    public Tensor Features { get; }

    /// <summary>rows × targets, or class numbers: rows, int64.</summary>
    public Tensor Targets { get; }

    /// <summary>rows × 1, or null for 1 each.</summary>
    public Tensor? Weights { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Features.Dispose();
        Targets.Dispose();
        Weights?.Dispose();
    }

    private static Action<int, Span<T>> RowsOf(T[] values, int columns, int first)
        => (row, target) => values.AsSpan(row * columns + first, target.Length).CopyTo(target);

    private static Tensor Gather(Action<int, Span<T>> copyRow, int columns, ReadOnlySpan<int> rows)
    {
        var gathered = new T[rows.Length * columns];
        for (var i = 0; i < rows.Length; i++)
        {
            copyRow(rows[i], gathered.AsSpan(i * columns, columns));
        }

        var result = empty([rows.Length, columns], Precision.Of<T>()).DetachFromDisposeScope();
        result.Set(gathered);
        return result;
    }

    private static Tensor ToClassNumbers(Tensor targets)
    {
        using (targets)
        {
            using var column = targets.select(1, 0);
            return column.to(ScalarType.Int64).DetachFromDisposeScope();
        }
    }
}
