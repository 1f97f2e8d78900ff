using System.Numerics;

namespace Backprop.Models;

/// <summary>A table of examples in memory: features, targets and, if wanted, a weight for each row.</summary>
/// <typeparam name="T">float or double.</typeparam>
public sealed class Examples<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly T[]? features;

    /// <summary>Wraps arrays, which are not copied.</summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="features">Row-major: rows × features.</param>
    /// <param name="targets">Row-major: rows × targets; a class number from 0, a 0/1 label or real values, as the head wants.</param>
    /// <param name="weights">A positive weight for each row, or null for 1 each.</param>
    /// <exception cref="ArgumentException">A length is not a multiple of the number of rows.</exception>
    public Examples(int rows, T[] features, T[] targets, T[]? weights = null)
        : this(rows, targets, weights)
    {
        if (features.Length % rows != 0)
        {
            throw Uneven(rows, $"{features.Length} features");
        }

        (this.features, FeatureColumns) = (features, features.Length / rows);
    }

    /// <summary>Wraps sparse features and arrays, which are not copied.</summary>
    /// <param name="features">rows × features.</param>
    /// <param name="targets">Row-major: rows × targets.</param>
    /// <param name="weights">A positive weight for each row, or null for 1 each.</param>
    /// <exception cref="ArgumentException">A length is not a multiple of the number of rows.</exception>
    public Examples(SparseMatrix<T> features, T[] targets, T[]? weights = null)
        : this(features.Rows, targets, weights)
        => (SparseFeatures, FeatureColumns) = (features, features.Columns);

    private Examples(int rows, T[] targets, T[]? weights)
    {
        if (rows < 1)
        {
            throw new ArgumentException($"A table of {rows} rows holds no example. Give 1 at least.");
        }

        if (targets.Length % rows != 0 || (weights is not null && weights.Length != rows))
        {
            throw Uneven(rows, $"{targets.Length} targets and {weights?.Length ?? rows} weights");
        }

        (Rows, Targets, Weights, TargetColumns) = (rows, targets, weights, targets.Length / rows);
    }

    /// <summary>The number of rows.</summary>
    public int Rows { get; }

    /// <summary>The features of a row.</summary>
    public int FeatureColumns { get; }

    /// <summary>The targets of a row.</summary>
    public int TargetColumns { get; }

    /// <summary>Row-major features.</summary>
    /// <exception cref="InvalidOperationException">The features are sparse.</exception>
    public T[] Features => features
        ?? throw new InvalidOperationException($"The features are sparse. Read {nameof(SparseFeatures)}, or {nameof(CopyFeaturesTo)} row by row.");

    /// <summary>The features where they are sparse, else null.</summary>
    public SparseMatrix<T>? SparseFeatures { get; }

    /// <summary>Row-major targets.</summary>
    public T[] Targets { get; }

    /// <summary>A weight for each row, or null for 1 each.</summary>
    public T[]? Weights { get; }

    /// <summary>
    /// The number of the group that each row belongs to, such as a patient or a day; null if every row stands for itself. A group's rows
    /// are all trained on or all held out: so validation tells how a network does on groups it has not seen.
    /// </summary>
    /// <exception cref="ArgumentException">There are not as many as rows.</exception>
    public long[]? Groups
    {
        get;
        init => field = value is null || value.Length == Rows ? value : throw Uneven(Rows, $"{value.Length} groups");
    }

    /// <summary>Writes a row's features out, zeros included.</summary>
    /// <param name="row">The row.</param>
    /// <param name="target">As long as a row has features.</param>
    public void CopyFeaturesTo(int row, Span<T> target)
    {
        if (SparseFeatures is null)
        {
            Features.AsSpan(row * FeatureColumns, FeatureColumns).CopyTo(target);
        }
        else
        {
            SparseFeatures.CopyTo(row, target);
        }
    }

    /// <summary>The same table in another precision, rounded to nearest.</summary>
    public Examples<TTo> To<TTo>() where TTo : unmanaged, IFloatingPointIeee754<TTo>
    {
        TTo[] Round(T[] values) => Array.ConvertAll(values, TTo.CreateTruncating);
        var (targets, weights) = (Round(Targets), Weights is null ? null : Round(Weights));
        return SparseFeatures is null
            ? new(Rows, Round(Features), targets, weights) { Groups = Groups }
            : new(SparseFeatures.To<TTo>(), targets, weights) { Groups = Groups };
    }

    /// <summary>The same table with other targets.</summary>
    internal Examples<T> WithTargets(T[] targets)
        => SparseFeatures is null
            ? new(Rows, Features, targets, Weights) { Groups = Groups }
            : new(SparseFeatures, targets, Weights) { Groups = Groups };

    /// <summary>The same table with the zeros of its features written out.</summary>
    internal Examples<T> Dense()
    {
        if (SparseFeatures is null)
        {
            return this;
        }

        var dense = new T[(long)Rows * FeatureColumns];
        for (var row = 0; row < Rows; row++)
        {
            CopyFeaturesTo(row, dense.AsSpan(row * FeatureColumns, FeatureColumns));
        }

        return new(Rows, dense, Targets, Weights) { Groups = Groups };
    }

    /// <summary>The first feature that is so; a sparse row's zeros are not looked at.</summary>
    /// <param name="match">Looks at the number.</param>
    /// <param name="except">Columns of dense features that are not looked at.</param>
    internal (int Row, int Column, T Value)? FindFeature(Predicate<T> match, Predicate<int> except)
    {
        if (SparseFeatures is not null)
        {
            return SparseFeatures.Find(match);
        }

        for (var at = 0; (at = Array.FindIndex(Features, at, match)) >= 0; at++)
        {
            if (!except(at % FeatureColumns))
            {
                return (at / FeatureColumns, at % FeatureColumns, Features[at]);
            }
        }

        return null;
    }

    private static ArgumentException Uneven(int rows, string what) => new($"{what} do not make {rows} whole rows. Correct the lengths.");
}
