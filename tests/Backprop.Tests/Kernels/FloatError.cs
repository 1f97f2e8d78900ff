namespace Backprop.Tests.Kernels;

/// <summary>How far results in float are from the same function in double, in units of the exact result's last place.</summary>
internal readonly record struct FloatError(double Ulps, float X, float Ours, double Exact)
{
    public static FloatError Worst(ReadOnlySpan<float> x, ReadOnlySpan<float> ours, ReadOnlySpan<double> exact)
    {
        var worst = new FloatError(0, 0, 0, 0);
        for (var i = 0; i < x.Length; i++)
        {
            var ulps = Of(ours[i], exact[i]);
            worst = ulps > worst.Ulps ? new(ulps, x[i], ours[i], exact[i]) : worst;
        }

        return worst;
    }

    private static double Of(float ours, double exact)
    {
        var rounded = (float)exact;
        // Infinities, NaN and zeros, the sign of zero included, have no ulp: they must be the rounded result, but for a result below the smallest number.
        if (!float.IsFinite(rounded) || float.IsNaN(ours) || exact == 0)
        {
            var same = float.IsNaN(ours) ? float.IsNaN(rounded) : BitConverter.SingleToInt32Bits(ours) == BitConverter.SingleToInt32Bits(rounded);
            // The largest number stands in for an infinity that only just is one.
            return same || Math.Abs(ours) == float.MaxValue && Math.Abs(exact) < 3.4028236e38 && ours > 0 == exact > 0 ? 0 : double.PositiveInfinity;
        }

        var biased = Math.Max((int)(BitConverter.DoubleToUInt64Bits(Math.Abs(exact)) >> 52), 1023 - 126);
        var ulp = BitConverter.UInt64BitsToDouble((ulong)(biased - 23) << 52);
        return float.IsInfinity(ours) ? Math.Abs(exact) >= float.MaxValue ? 0 : double.PositiveInfinity : Math.Abs(ours - exact) / ulp;
    }
}
