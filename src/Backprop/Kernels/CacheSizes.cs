namespace Backprop.Kernels;

/// <summary>What is taken for the sizes of a processor's caches. They decide how work is cut and never change a bit.</summary>
/// <remarks>
/// Chosen on an AMD EPYC (Zen 5: 48 KiB, 1 MiB and a share of 32 MiB) by the comparisons' products of n = 512 to 2048 and training
/// steps; other processors of the last ten years have 256 KiB to 2 MiB of second cache.
/// </remarks>
internal static class CacheSizes
{
    /// <summary>Up to this many bytes of weights, a worker can take its rows through all of them without reading them from far.</summary>
    public const int OwnBytes = 1 << 20;

    /// <summary>A right operand of so many bytes comes from far away: its next chunk is fetched while one is used.</summary>
    public const int FarBytes = 1 << 21;

    /// <summary>Rows of a left operand of so many bytes stay near while the right operand, which may not, streams past.</summary>
    public const int SharedBytes = 1 << 22;
}
