namespace Backprop.Training;

/// <summary>
/// The streams of random numbers that one seed gives: initial weights, the order of rows, the split, the rows that layers are fitted to, each
/// network of several.
/// </summary>
/// <remarks>Initial weights use the seed itself, as PyTorch would; the others are far from it, and from those of neighbouring seeds.</remarks>
internal static class Streams
{
    public const uint Shuffles = 1;

    public const uint Splits = 2;

    public const uint Fits = 3;

    /// <summary>The seed of each network of several but the first, which has the run's: this stream and those after it.</summary>
    private const uint Members = 4;

    /// <summary>The seed of one network of several.</summary>
    /// <param name="seed">The run's.</param>
    /// <param name="member">Its number, from 0.</param>
    public static long OfMember(long seed, int member) => member == 0 ? seed : Of(seed, Members + (uint)member);

    /// <summary>A stream's own seed: the finalizer of MurmurHash3 (Appleby) over both numbers.</summary>
    public static long Of(long seed, uint stream)
    {
        var h = (uint)seed + stream * 0x9E3779B9u;
        h = (h ^ (h >> 16)) * 0x85EBCA6Bu;
        h = (h ^ (h >> 13)) * 0xC2B2AE35u;
        return h ^ (h >> 16);
    }
}
