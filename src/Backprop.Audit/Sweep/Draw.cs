using Backprop.Models;

namespace Backprop.Audit;

/// <summary>Choices on one stream of random numbers, the same on every machine.</summary>
internal sealed class Draw(TorchRandom random)
{
    /// <summary>A whole number from 0 to below the count.</summary>
    public int Below(int count) => (int)(random.NextUInt32() % (uint)count);

    /// <summary>Yes once in so many times.</summary>
    public bool OnceIn(int times) => Below(times) == 0;

    /// <summary>One of them.</summary>
    public T Of<T>(IReadOnlyList<T> all) => all[Below(all.Count)];

    /// <summary>A number from the first to the last whose logarithm is uniform: every size as often as its tenth.</summary>
    public double LogUniform(double first, double last) => first * Math.Pow(last / first, random.NextUInt32() / (double)uint.MaxValue);

    /// <summary>A whole number from 1 to the last, small ones more often.</summary>
    public int Size(int last) => (int)Math.Min(last, LogUniform(1, last + 1));

    /// <summary>A number from the first to the last with two digits, so that it is short to write.</summary>
    public double Scale(double first, double last)
    {
        var value = LogUniform(first, last);
        var digit = Math.Pow(10, Math.Floor(Math.Log10(value)) - 1);
        // Through decimal: the nearest double to the two digits, not a product that is off by an ulp.
        return (double)((decimal)Math.Round(value / digit) * (decimal)digit);
    }

    /// <summary>A number from U(from, to), with 32 random bits.</summary>
    public double Between(double from, double to) => from + (to - from) * (random.NextUInt32() / (double)uint.MaxValue);
}
