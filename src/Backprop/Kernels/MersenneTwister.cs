using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>The Mersenne Twister MT19937, a whole block of 624 words at a time, in vectors of whatever width there is.</summary>
/// <remarks>Source: Matsumoto and Nishimura (1998), init_genrand and genrand_int32.</remarks>
internal static class MersenneTwister
{
    /// <summary>Words of a block.</summary>
    public const int Size = 624;

    private const int Shift = 397;

    /// <summary>The block before the first one.</summary>
    public static void Seed(Span<uint> state, uint seed)
    {
        state[0] = seed;
        for (var i = 1; i < Size; i++)
        {
            state[i] = 1812433253u * (state[i - 1] ^ (state[i - 1] >> 30)) + (uint)i;
        }
    }

    /// <summary>The next block, in place: word i is made of words i, i + 1 and i + 397, modulo 624.</summary>
    public static void Twist(Span<uint> state)
    {
        // The first words look ahead, at words still of the old block; the others back, at words already of the new one.
        Twist(state, 0, Size - Shift, Shift);
        Twist(state, Size - Shift, Size - 1, Shift - Size);
        state[Size - 1] = Twist(state[Size - 1], state[0], state[Shift - 1]);
    }

    /// <summary>The output words of a block.</summary>
    public static void Temper(ReadOnlySpan<uint> state, Span<uint> words)
    {
        for (var i = 0; i < Size; i += Vector<uint>.Count)
        {
            var y = new Vector<uint>(state[i..]);
            y ^= y >>> 11;
            y ^= (y << 7) & new Vector<uint>(0x9d2c5680u);
            y ^= (y << 15) & new Vector<uint>(0xefc60000u);
            (y ^ (y >>> 18)).CopyTo(words[i..]);
        }
    }

    /// <summary>
    /// One number from each two words, 53 bits with the first word as the higher: <paramref name="below"/> where it is less than the limit, else 0.
    /// </summary>
    /// <param name="words">Two for each number.</param>
    /// <param name="limit">From 0 to 2⁵³.</param>
    /// <param name="below">What stands for a number below the limit.</param>
    /// <param name="values">Filled.</param>
    public static void Compare<T>(ReadOnlySpan<uint> words, ulong limit, T below, Span<T> values) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (pairs, i) = (Vector<ulong>.Count, 0);
        for (; i <= values.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            var isBelow = typeof(T) == typeof(float)
                ? Vector.Narrow(IsBelow(words[(2 * i)..], limit), IsBelow(words[(2 * (i + pairs))..], limit)).As<int, T>()
                : IsBelow(words[(2 * i)..], limit).As<long, T>();
            (isBelow & new Vector<T>(below)).CopyTo(values[i..]);
        }

        for (; i < values.Length; i++)
        {
            values[i] = (((ulong)words[2 * i] << 32 | words[2 * i + 1]) & Lowest53) < limit ? below : T.Zero;
        }
    }

    /// <summary>The bits of a double's 53 digits.</summary>
    public const ulong Lowest53 = (1UL << 53) - 1;

    /// <summary>All bits set where the 53 bits of two words are less than the limit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<long> IsBelow(ReadOnlySpan<uint> words, ulong limit)
    {
        var pair = new Vector<uint>(words).As<uint, ulong>();
        // The first word lies in the lower half.
        var number = ((pair << 32) | (pair >>> 32)) & new Vector<ulong>(Lowest53);
        return Vector.LessThan(number.As<ulong, long>(), new Vector<long>((long)limit));
    }

    private static void Twist(Span<uint> state, int from, int to, int shift)
    {
        for (; from <= to - Vector<uint>.Count; from += Vector<uint>.Count)
        {
            var y = (new Vector<uint>(state[from..]) & new Vector<uint>(0x80000000u)) | (new Vector<uint>(state[(from + 1)..]) & new Vector<uint>(0x7fffffffu));
            var odd = (Vector<uint>.Zero - (y & Vector<uint>.One)) & new Vector<uint>(0x9908b0dfu);
            (new Vector<uint>(state[(from + shift)..]) ^ (y >>> 1) ^ odd).CopyTo(state[from..]);
        }

        for (; from < to; from++)
        {
            state[from] = Twist(state[from], state[from + 1], state[from + shift]);
        }
    }

    private static uint Twist(uint word, uint next, uint other)
    {
        var y = (word & 0x80000000u) | (next & 0x7fffffffu);
        return other ^ (y >> 1) ^ ((y & 1) == 0 ? 0u : 0x9908b0dfu);
    }
}
