using System.Numerics;

namespace Backprop.Training;

/// <summary>The features of one row: every number, or the columns that are not zero and the numbers there.</summary>
internal readonly ref struct FeatureRow<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>A row of every number.</summary>
    public FeatureRow(ReadOnlySpan<T> values)
    {
        Values = values;
        IsDense = true;
    }

    /// <summary>A row of some numbers.</summary>
    /// <param name="columns">Ascending, each once.</param>
    /// <param name="values">The number for each.</param>
    public FeatureRow(ReadOnlySpan<int> columns, ReadOnlySpan<T> values)
    {
        Columns = columns;
        Values = values;
    }

    /// <summary>Whether every number is given.</summary>
    public bool IsDense { get; }

    /// <summary>The column of each number, unless every one is given.</summary>
    public ReadOnlySpan<int> Columns { get; }

    /// <summary>The numbers.</summary>
    public ReadOnlySpan<T> Values { get; }

    /// <summary>Writes every number.</summary>
    /// <param name="target">As long as a row.</param>
    public void CopyTo(Span<T> target)
    {
        if (IsDense)
        {
            Values.CopyTo(target);
            return;
        }

        target.Clear();
        for (var i = 0; i < Columns.Length; i++)
        {
            target[Columns[i]] = Values[i];
        }
    }

    /// <summary>Writes the numbers that are not zero.</summary>
    /// <returns>How many they are.</returns>
    public int CopyNonZerosTo(Span<int> columns, Span<T> values)
    {
        if (!IsDense && !Values.Contains(T.Zero))
        {
            Columns.CopyTo(columns);
            Values.CopyTo(values);
            return Values.Length;
        }

        var count = 0;
        for (var i = 0; i < Values.Length; i++)
        {
            if (Values[i] != T.Zero)
            {
                (columns[count], values[count]) = (IsDense ? i : Columns[i], Values[i]);
                count++;
            }
        }

        return count;
    }
}
