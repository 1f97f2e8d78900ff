using Backprop.Kernels;

namespace Backprop.Models;

/// <summary>PyTorch's CPU random numbers: the Mersenne Twister MT19937 and the ways PyTorch draws from it.</summary>
/// <remarks>
/// Drawn in PyTorch's order, whatever the number of threads. Numbers of single precision are libtorch's bit for bit. In double precision
/// uniform numbers are too; normal and exponential ones go through log, sin and cos, for which libtorch takes the C library's, and may
/// differ in their last bits.
/// </remarks>
public sealed partial class TorchRandom
{
    private const double UnitOf53Bits = 1.0 / (1UL << 53);
    private readonly uint[] state = new uint[MersenneTwister.Size];
    private readonly uint[] words = new uint[MersenneTwister.Size];
    private long seed;
    private int next = MersenneTwister.Size;
    private double? spareNormal;

    /// <summary>Seeds as <c>torch.manual_seed</c> does: the low 32 bits count.</summary>
    public TorchRandom(long seed)
    {
        this.seed = seed;
        MersenneTwister.Seed(state, (uint)seed);
    }

    /// <summary>32 random bits.</summary>
    public uint NextUInt32()
    {
        if (next == MersenneTwister.Size)
        {
            Refill();
        }

        return words[next++];
    }

    /// <summary>64 random bits, the high half drawn first.</summary>
    public ulong NextUInt64() => ((ulong)NextUInt32() << 32) | NextUInt32();

    /// <summary>Fills with whole numbers from <paramref name="from"/> to below <paramref name="to"/>, as <c>torch.randint</c> gives them.</summary>
    /// <remarks>By the remainder of 32 random bits, or of 64 for ranges from 2²⁸ on, as PyTorch does: small numbers are very slightly more frequent.</remarks>
    /// <exception cref="ArgumentException">The range is empty.</exception>
    public void FillIntegers(Span<long> values, long from, long to)
    {
        if (from >= to)
        {
            throw new ArgumentException($"There is no whole number from {from} to below {to}. Give a larger upper bound.");
        }

        var range = (ulong)to - (ulong)from;
        foreach (ref var value in values)
        {
            value = (long)((ulong)from + (range < 1 << 28 ? NextUInt32() : NextUInt64()) % range);
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

    /// <summary>A number from 0 to below 1 with 53 random bits.</summary>
    private double NextDouble() => (NextUInt64() & MersenneTwister.Lowest53) * UnitOf53Bits;

    private void Refill()
    {
        MersenneTwister.Twist(state);
        MersenneTwister.Temper(state, words);
        next = 0;
    }
}
