using System.Numerics;
using Backprop.Kernels;
using Real = Backprop.Kernels.Lanes<double, double, Backprop.Kernels.Simd1<double>>;

namespace Backprop.Models;

/// <content>Numbers of a distribution: each method fills a span as PyTorch's of that name fills a contiguous tensor.</content>
public sealed partial class TorchRandom
{
    private const int NormalBlock = 16;

    /// <summary>Fills with numbers from U(from, to): 24 random bits for a float, 53 for a double, scaled by one fused multiply-add.</summary>
    /// <exception cref="ArgumentException">The bounds are not in order.</exception>
    public void FillUniform<T>(Span<T> values, double from, double to) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (!(from <= to))
        {
            throw new ArgumentException(FormattableString.Invariant($"There are no numbers from {from} to {to}. Give the lower bound first."));
        }

        var (low, range) = (T.CreateTruncating(from), T.CreateTruncating(to) - T.CreateTruncating(from));
        foreach (ref var value in values)
        {
            value = T.FusedMultiplyAdd(NextUnit<T>(), range, low);
        }
    }

    /// <summary>Fills with numbers from N(mean, deviation²), as <c>torch.Tensor.normal_</c> does.</summary>
    /// <remarks>Box and Muller (1958): fewer than 16 numbers one after the other in double precision, more in blocks of 16.</remarks>
    /// <exception cref="ArgumentException">The deviation is negative or not a number.</exception>
    public void FillNormal<T>(Span<T> values, double mean = 0, double deviation = 1) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (!(deviation >= 0))
        {
            throw new ArgumentException($"The standard deviation is {deviation}, not a number from 0 on. Correct it.");
        }

        if (values.Length < NormalBlock)
        {
            foreach (ref var value in values)
            {
                value = T.CreateTruncating(double.FusedMultiplyAdd(NextNormal(), deviation, mean));
            }

            return;
        }

        FillUniform(values, 0, 1);
        var i = 0;
        for (; i <= values.Length - NormalBlock; i += NormalBlock)
        {
            ToNormal(values.Slice(i, NormalBlock), mean, deviation);
        }

        if (i < values.Length)
        {
            // A rest is not what the numbers drawn for it give: the last 16 are drawn anew.
            var last = values[^NormalBlock..];
            FillUniform(last, 0, 1);
            ToNormal(last, mean, deviation);
        }
    }

    /// <summary>Fills with numbers from the exponential distribution, as <c>torch.Tensor.exponential_</c> does.</summary>
    /// <exception cref="ArgumentException">The rate is not above 0.</exception>
    public void FillExponential<T>(Span<T> values, double rate = 1) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (!(rate > 0))
        {
            throw new ArgumentException($"The rate of an exponential distribution is {rate}, not above 0. Correct it.");
        }

        foreach (ref var value in values)
        {
            value = T.CreateTruncating(-1 / rate * Real.Log1p(new(-NextDouble())).Vector);
        }
    }

    /// <summary>Fills with 1 with that probability, else 0, as <c>torch.Tensor.bernoulli_(p)</c> does: two words for each number.</summary>
    /// <exception cref="ArgumentException">The probability is outside 0 to 1.</exception>
    public void FillBernoulli<T>(Span<T> values, double probability) where T : unmanaged, IFloatingPointIeee754<T>
        => FillBernoulli(values, RequireProbability(probability), T.One);

    /// <summary>Fills with 1 with the probability given for each place, else 0, as <c>torch.bernoulli(probabilities)</c> does.</summary>
    /// <exception cref="ArgumentException">There are not as many probabilities as places, or one is outside 0 to 1.</exception>
    public void FillBernoulli<T>(Span<T> values, ReadOnlySpan<T> probabilities) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (values.Length != probabilities.Length)
        {
            throw new ArgumentException($"{probabilities.Length} probabilities do not fit {values.Length} numbers. Give one for each.");
        }

        for (var i = 0; i < values.Length; i++)
        {
            RequireProbability(double.CreateTruncating(probabilities[i]));
            values[i] = NextUnit<T>() < probabilities[i] ? T.One : T.Zero;
        }
    }

    /// <summary>Fills with dropout's factors: 0 with that probability, else 1 / (1 − p), rounded as PyTorch rounds it.</summary>
    /// <remarks>
    /// A row-major mask is that of <c>torch.nn.functional.dropout</c> on a tensor of its shape. Nothing is drawn for p = 0, whose
    /// factors are 1, and for p = 1, whose factors are 0.
    /// </remarks>
    /// <exception cref="ArgumentException">The probability is outside 0 to 1.</exception>
    public void FillDropoutMask<T>(Span<T> mask, double probability) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (RequireProbability(probability) is 0 or 1)
        {
            mask.Fill(T.CreateTruncating(1 - probability));
            return;
        }

        FillBernoulli(mask, 1 - probability, T.One / T.CreateTruncating(1 - probability));
    }

    private static double RequireProbability(double probability) => probability is >= 0 and <= 1
        ? probability
        : throw new ArgumentException($"The probability {probability} is outside 0 to 1. Correct it.");

    private void FillBernoulli<T>(Span<T> values, double probability, T one) where T : unmanaged, IFloatingPointIeee754<T>
    {
        // u · 2⁻⁵³ < p for a whole number u, exactly: p · 2⁵³ is not rounded.
        var limit = (ulong)Math.Ceiling(probability * (1UL << 53));
        while (!values.IsEmpty)
        {
            var count = Math.Min((MersenneTwister.Size - next) / 2, values.Length);
            MersenneTwister.Compare(words.AsSpan(next, 2 * count), limit, one, values[..count]);
            next += 2 * count;
            values = values[count..];
            if (!values.IsEmpty)
            {
                // At the block's end; its last word may be the first of two.
                values[0] = (NextUInt64() & MersenneTwister.Lowest53) < limit ? one : T.Zero;
                values = values[1..];
            }
        }
    }

    private T NextUnit<T>() where T : unmanaged, IFloatingPointIeee754<T>
        => T.CreateTruncating(typeof(T) == typeof(float) ? (NextUInt32() & 0xFFFFFF) * (1.0 / (1 << 24)) : NextDouble());

    /// <summary>One of two independent normal numbers, the other being kept for the next call.</summary>
    private double NextNormal()
    {
        if (spareNormal is { } spare)
        {
            spareNormal = null;
            return spare;
        }

        var angle = 2 * Math.PI * NextDouble();
        var radius = Math.Sqrt(-2 * Real.Log1p(new(-NextDouble())).Vector);
        spareNormal = radius * Real.Sin(new(angle)).Vector;
        return radius * Real.Cos(new(angle)).Vector;
    }

    /// <summary>Turns 16 uniform numbers into normal ones: number j and number j + 8 make a pair.</summary>
    private static void ToNormal<T>(Span<T> block, double mean, double deviation) where T : unmanaged, IFloatingPointIeee754<T>
    {
        const int Half = NormalBlock / 2;
        for (var j = 0; j < Half; j++)
        {
            var (x, y) = PolarToPlane(T.One - block[j], block[j + Half]);
            block[j] = T.FusedMultiplyAdd(x, T.CreateTruncating(deviation), T.CreateTruncating(mean));
            block[j + Half] = T.FusedMultiplyAdd(y, T.CreateTruncating(deviation), T.CreateTruncating(mean));
        }
    }

    /// <summary>√(−2 log u) times the cosine and the sine of 2π v.</summary>
    private static (T X, T Y) PolarToPlane<T>(T u, T v) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(float))
        {
            var (sin, cos) = Cephes.SinCos((float)(2 * Math.PI) * float.CreateTruncating(v));
            var length = MathF.Sqrt(-2 * Cephes.Log(float.CreateTruncating(u)));
            return (T.CreateTruncating(length * cos), T.CreateTruncating(length * sin));
        }

        var (angle, radius) = (2 * Math.PI * double.CreateTruncating(v), Math.Sqrt(-2 * Real.Log(new(double.CreateTruncating(u))).Vector));
        return (T.CreateTruncating(radius * Real.Cos(new(angle)).Vector), T.CreateTruncating(radius * Real.Sin(new(angle)).Vector));
    }
}
