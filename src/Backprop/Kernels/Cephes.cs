namespace Backprop.Kernels;

/// <summary>Logarithm, sine and cosine in single precision with the very roundings of PyTorch's normal random numbers; for nothing else.</summary>
/// <remarks>
/// Source: Moshier's Cephes (logf.c, sinf.c) in the form of Pommier's and Garberoglio's avx_mathfun.h, with the products and sums that a
/// C++ compiler fuses there fused here: found by comparison with libtorch.
/// </remarks>
internal static class Cephes
{
    /// <summary>The natural logarithm of a normal number above 0.</summary>
    public static float Log(float x)
    {
        // x = 2ⁿ m with m from √½ to √2.
        var bits = BitConverter.SingleToUInt32Bits(x);
        var n = (float)((int)(bits >> 23) - 126);
        var m = BitConverter.UInt32BitsToSingle((bits & 0x007FFFFF) | 0x3F000000);
        (m, n) = m < 0.707106781186547524f ? (m - 1 + m, n - 1) : (m - 1, n);
        var z = m * m;
        var y = Horner(m, 3.3333331174E-1f, -2.4999993993E-1f, 2.0000714765E-1f, -1.6668057665E-1f, 1.4249322787E-1f,
            -1.2420140846E-1f, 1.1676998740E-1f, -1.1514610310E-1f, 7.0376836292E-2f);
        y = float.FusedMultiplyAdd(y * m, z, n * -2.12194440e-4f);
        y = float.FusedMultiplyAdd(z, -0.5f, y);
        return float.FusedMultiplyAdd(n, 0.693359375f, m + y);
    }

    /// <summary>Sine and cosine of an angle from 0 to some turns.</summary>
    public static (float Sin, float Cos) SinCos(float x)
    {
        // x = n π/4 + r with even n, so that |r| ≤ π/4.
        var n = ((int)(x * 1.27323954473516f) + 1) & ~1;
        var r = float.FusedMultiplyAdd(n, -0.78515625f, x);
        r = float.FusedMultiplyAdd(n, -2.4187564849853515625e-4f, r);
        r = float.FusedMultiplyAdd(n, -3.77489497744594108e-8f, r);
        var z = r * r;
        var cos = Horner(z, 4.166664568298827E-002f, -1.388731625493765E-003f, 2.443315711809948E-005f) * z;
        cos = float.FusedMultiplyAdd(cos, z, z * -0.5f) + 1;
        var sin = Horner(z, -1.6666654611E-1f, 8.3321608736E-3f, -1.9515295891E-4f) * z;
        sin = float.FusedMultiplyAdd(sin, r, r);
        return (n & 7) switch
        {
            0 => (sin, cos),
            2 => (cos, -sin),
            4 => (-sin, -cos),
            _ => (-cos, sin),
        };
    }

    /// <summary>The polynomial with those coefficients, the constant one first.</summary>
    private static float Horner(float x, params ReadOnlySpan<float> coefficients)
    {
        var y = coefficients[^1];
        for (var i = coefficients.Length - 2; i >= 0; i--)
        {
            y = float.FusedMultiplyAdd(y, x, coefficients[i]);
        }

        return y;
    }
}
