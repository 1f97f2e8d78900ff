using System.Numerics;

namespace Backprop.Models;

/// <summary>PyTorch's CPU random numbers: the Mersenne Twister MT19937 and the ways PyTorch draws from it.</summary>
/// <remarks>Source of the generator: Matsumoto and Nishimura (1998), init_genrand and genrand_int32.</remarks>
public sealed class TorchRandom
{
    private const int Size = 624;
    private const int Shift = 397;
    private readonly uint[] state = new uint[Size];
    private int next = Size;

    /// <summary>Seeds as <c>torch.manual_seed</c> does: the low 32 bits count.</summary>
    public TorchRandom(long seed)
    {
        state[0] = (uint)seed;
        for (var i = 1; i < Size; i++)
        {
            state[i] = 1812433253u * (state[i - 1] ^ (state[i - 1] >> 30)) + (uint)i;
        }
    }

    /// <summary>32 random bits.</summary>
    public uint NextUInt32()
    {
        if (next == Size)
        {
            Refill();
        }

        var y = state[next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c5680u;
        y ^= (y << 15) & 0xefc60000u;
        return y ^ (y >> 18);
    }

    /// <summary>64 random bits, the high half drawn first.</summary>
    public ulong NextUInt64() => ((ulong)NextUInt32() << 32) | NextUInt32();

    /// <summary>Fills with numbers from U(from, to): 24 random bits for a float, 53 for a double, scaled by one fused multiply-add.</summary>
    public void FillUniform<T>(Span<T> values, double from, double to) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (low, range) = (T.CreateTruncating(from), T.CreateTruncating(to) - T.CreateTruncating(from));
        for (var i = 0; i < values.Length; i++)
        {
            var unit = typeof(T) == typeof(float)
                ? (NextUInt32() & 0xFFFFFF) * (1.0 / (1 << 24))
                : (NextUInt64() & ((1UL << 53) - 1)) * (1.0 / (1UL << 53));
            values[i] = T.FusedMultiplyAdd(T.CreateTruncating(unit), range, low);
        }
    }

    /// <summary>A random order of the numbers from 0, as <c>torch.randperm</c> gives it.</summary>
    public void FillPermutation(Span<int> order)
    {
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        for (var i = 0; i < order.Length - 1; i++)
        {
            var other = i + (int)(NextUInt32() % (uint)(order.Length - i));
            (order[i], order[other]) = (order[other], order[i]);
        }
    }

    private void Refill()
    {
        for (var i = 0; i < Size; i++)
        {
            var y = (state[i] & 0x80000000u) | (state[(i + 1) % Size] & 0x7fffffffu);
            state[i] = state[(i + Shift) % Size] ^ (y >> 1) ^ ((y & 1) == 0 ? 0u : 0x9908b0dfu);
        }

        next = 0;
    }
}
