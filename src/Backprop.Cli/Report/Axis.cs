namespace Backprop.Cli.Report;

/// <summary>A scale from values to a share of a chart's side, with its marks.</summary>
internal sealed class Axis
{
    private readonly double from;
    private readonly double to;
    private readonly bool logarithmic;

    private Axis(double from, double to, bool logarithmic, IReadOnlyList<(double Value, string Label)> marks)
        => (this.from, this.to, this.logarithmic, Marks) = (from, to, logarithmic, marks);

    /// <summary>Values that get a line and a label.</summary>
    public IReadOnlyList<(double Value, string Label)> Marks { get; }

    /// <summary>Whole numbers from first to last, about <paramref name="wanted"/> of them marked.</summary>
    public static Axis Counting(int first, int last, int wanted)
    {
        int[] steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
        var step = steps.FirstOrDefault(s => (last - first) / s < wanted, Math.Max(1, (last - first) / wanted));

        // The first is always marked; another mark right beside it would overlap it.
        var marks = Enumerable.Range(first, last - first + 1).Where(i => i == first || (i % step == 0 && i - first > step / 2));
        return new(first, Math.Max(last, first + 1), false, [.. marks.Select(i => ((double)i, Readable.Count(i)))]);
    }

    /// <summary>A linear scale from the first value to the last, about <paramref name="wanted"/> round numbers between marked.</summary>
    public static Axis Linear(double first, double last, int wanted)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10((last - first) / wanted)));
        var step = new[] { 1, 2, 5, 10 }.Select(factor => factor * power).First(s => (last - first) / s < wanted);
        var from = (int)Math.Ceiling(first / step);
        var marks = Enumerable.Range(from, (int)Math.Floor(last / step) - from + 1);
        return new(first, last, false, [.. marks.Select(i => (i * step, Readable.Number(i * step, 3)))]);
    }

    /// <summary>Powers of two by their exponents, about <paramref name="wanted"/> of them marked, 1 among them.</summary>
    public static Axis Doublings(int first, int last, int wanted)
    {
        var step = new[] { 1, 2, 4, 8 }.First(s => (last - first) / s < wanted || s == 8);
        var marks = Enumerable.Range(first, last - first + 1).Where(i => i % step == 0 && i <= 0);
        return new(first, last, false, [.. marks.Select(i => ((double)i, Readable.PowerOfTwo(i)))]);
    }

    /// <summary>A logarithmic scale around positive values.</summary>
    public static Axis Logarithmic(IEnumerable<double> values)
    {
        var positive = values.Where(v => v > 0 && double.IsFinite(v)).DefaultIfEmpty(1).ToList();
        var (low, high) = (Math.Log10(positive.Min()), Math.Log10(positive.Max()));
        var margin = Math.Max(0.08 * (high - low), 0.1);
        (low, high) = (low - margin, high + margin);

        // Powers of ten; with fewer than two of them in sight, 2 and 5 times powers too.
        var decades = Enumerable.Range((int)Math.Ceiling(low), Math.Max(0, (int)Math.Floor(high) - (int)Math.Ceiling(low) + 1)).ToList();
        var every = Math.Max(1, (decades.Count + 5) / 6);
        var factors = decades.Count < 3 ? new[] { 1, 2, 5 } : [1];
        var marks = from decade in Enumerable.Range((int)Math.Floor(low), (int)Math.Ceiling(high) - (int)Math.Floor(low) + 1)
                    where decade % every == 0
                    from factor in factors
                    let value = factor * Math.Pow(10, decade)
                    where Math.Log10(value) >= low && Math.Log10(value) <= high
                    select (value, factor == 1 && (decade < -2 || factors.Length == 1) ? Readable.PowerOfTen(decade) : Readable.Number(value, 1));
        return new(low, high, true, [.. marks]);
    }

    /// <summary>Where a value lies: 0 at the axis's start, 1 at its end.</summary>
    public double Share(double value) => ((logarithmic ? Math.Log10(value) : value) - from) / (to - from);

    /// <summary>Whether a value can be drawn.</summary>
    public bool Shows(double value) => double.IsFinite(value) && (!logarithmic || value > 0);
}
