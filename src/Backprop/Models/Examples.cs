using System.Numerics;

namespace Backprop.Models;

/// <summary>A table of examples in memory: features, targets and, if wanted, a weight for each row.</summary>
/// <typeparam name="T">float or double.</typeparam>
public sealed class Examples<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Wraps arrays, which are not copied.</summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="features">Row-major: rows × features.</param>
    /// <param name="targets">Row-major: rows × targets; a class number from 0, a 0/1 label or real values, as the head wants.</param>
    /// <param name="weights">A positive weight for each row, or null for 1 each.</param>
    /// <exception cref="ArgumentException">A length is not a multiple of the number of rows.</exception>
    public Examples(int rows, T[] features, T[] targets, T[]? weights = null)
    {
        if (rows < 1)
        {
            throw new ArgumentException($"A table of {rows} rows holds no example. Give 1 at least.");
        }

        if (features.Length % rows != 0 || targets.Length % rows != 0 || (weights is not null && weights.Length != rows))
        {
            throw new ArgumentException(
                $"{features.Length} features, {targets.Length} targets and {weights?.Length ?? rows} weights do not make {rows} whole rows.");
        }

        (Rows, Features, Targets, Weights) = (rows, features, targets, weights);
        (FeatureColumns, TargetColumns) = (features.Length / rows, targets.Length / rows);
    }

    /// <summary>The number of rows.</summary>
    public int Rows { get; }

    /// <summary>The features of a row.</summary>
    public int FeatureColumns { get; }

    /// <summary>The targets of a row.</summary>
    public int TargetColumns { get; }

    /// <summary>Row-major features.</summary>
    public T[] Features { get; }

    /// <summary>Row-major targets.</summary>
    public T[] Targets { get; }

    /// <summary>A weight for each row, or null for 1 each.</summary>
    public T[]? Weights { get; }

    /// <summary>The same table in another precision, rounded to nearest.</summary>
    public Examples<TTo> To<TTo>() where TTo : unmanaged, IFloatingPointIeee754<TTo>
        => new(Rows, Round<TTo>(Features), Round<TTo>(Targets), Weights is null ? null : Round<TTo>(Weights));

    private static TTo[] Round<TTo>(T[] values) where TTo : unmanaged, IFloatingPointIeee754<TTo>
        => Array.ConvertAll(values, TTo.CreateTruncating);
}
