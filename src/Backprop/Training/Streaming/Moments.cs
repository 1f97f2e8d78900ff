namespace Backprop.Training;

/// <summary>The number, mean and squared deviations of numbers that come in parts. Chan, Golub and LeVeque (1983).</summary>
/// <param name="Count">How many there were.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Squares">Their squared deviations from it, added up.</param>
internal readonly record struct Moments(long Count, double Mean, double Squares)
{
    /// <summary>The standard deviation.</summary>
    public double Deviation => Math.Sqrt(Squares / Count);

    /// <summary>Of some numbers.</summary>
    /// <param name="count">How many.</param>
    /// <param name="number">Each of them, visited twice.</param>
    public static Moments Of(int count, Func<int, double> number)
    {
        var sum = 0.0;
        for (var i = 0; i < count; i++)
        {
            sum += number(i);
        }

        var (mean, squares) = (sum / count, 0.0);
        for (var i = 0; i < count; i++)
        {
            squares += (number(i) - mean) * (number(i) - mean);
        }

        return new(count, mean, squares);
    }

    /// <summary>Of these numbers and others.</summary>
    public Moments With(Moments other)
    {
        if (Count == 0 || other.Count == 0)
        {
            return Count == 0 ? other : this;
        }

        var (count, distance) = (Count + other.Count, other.Mean - Mean);
        return new(
            count,
            Mean + distance * other.Count / count,
            Squares + other.Squares + distance * distance * Count * other.Count / count);
    }
}
