using Backprop.Formulas;
using Backprop.Tests.Kernels;

namespace Backprop.Tests.Formulas;

/// <summary>How far values and derivatives in float may be from those of the same formula in double, at some 300,000 numbers each.</summary>
public class ActivationAccuracyTests
{
    private const double Unit = 1.0 / (1 << 24);

    private static readonly float[] Points =
    [
        .. Samples.Floats(5000).Where(float.IsFinite),
        .. Enumerable.Range(-130_000, 260_001).Select(i => i * 1e-4f),
        .. Enumerable.Range(-1500, 3001).Select(i => i * 0.1f),
    ];

    private static readonly Dictionary<string, (Allowance Value, Allowance Slope)> Allowances = new()
    {
        ["identity"] = (Ulps(0), Ulps(0)),
        ["relu"] = (Ulps(0), Ulps(0)),
        ["leakyrelu"] = (Ulps(1), Ulps(0.5)),
        ["absolute"] = (Ulps(0), Ulps(0)),
        ["relu6"] = (Ulps(0), Ulps(0)),
        ["hardtanh"] = (Ulps(0), Ulps(0)),
        ["hardsigmoid"] = (Ulps(1.5), Ulps(0.5)),
        ["sigmoid"] = (Ulps(1), Scaled(1)),
        ["tanh"] = (Ulps(1), Scaled(2)),
        ["softsign"] = (Ulps(2), Ulps(4)),
        ["smoothclip"] = (Ulps(3), Ulps(8)),
        ["logsigmoid"] = (Ulps(2), Ulps(1)),
        ["softplus"] = (Ulps(2), Ulps(1)),
        ["silu"] = (Ulps(2), Scaled(2)),
        ["gelu"] = (Tail(1.5), (x, exact) => x < -1.5 ? Tail(1.5)(x, exact) : Scaled(3)(x, exact)),
        ["gelutanh"] = (Tail(3), Scaled(4)),
        ["mish"] = (Ulps(4), Scaled(3)),
        ["hardswish"] = (Ulps(2), Scaled(2)),
        ["elu"] = (Ulps(1), Ulps(1)),
        ["selu"] = (Ulps(2), Ulps(2)),
        ["celu"] = (Ulps(1), Ulps(1)),
        ["softshrink"] = (Ulps(0.5), Ulps(0)),
        ["tanhshrink"] = ((x, exact) => Ulps(Math.Abs(x) <= 0.25 ? 4 : 64)(x, exact), Ulps(3)),
        ["sine"] = (Ulps(1), Ulps(1)),
        ["cosine"] = (Ulps(1), Ulps(1)),
    };

    /// <summary>The error allowed at x, where the exact result is the other number.</summary>
    private delegate double Allowance(double x, double exact);

    [Theory, MemberData(nameof(Catalogue.Activations), MemberType = typeof(Catalogue))]
    public void FloatIsNearDouble(string name)
    {
        Assert.True(Allowances.TryGetValue(name, out var allowed), $"Add {name} to the table.");
        var f = Activation.Parse(name);
        var (single, wide) = (Curve<float>.Of(f, 512, Points), Curve<double>.Of(f, 512, Array.ConvertAll(Points, x => (double)x)));
        Check(name, single.Values, wide.Values, allowed.Value);
        Check($"the derivative of {name}", single.Slopes, wide.Slopes, allowed.Slope);
    }

    private static void Check(string what, float[] ours, double[] exact, Allowance allowed)
    {
        for (var i = 0; i < ours.Length; i++)
        {
            var (x, error) = (Points[i], Math.Abs(ours[i] - exact[i]));
            var near = error <= allowed(x, exact[i]) || !float.IsFinite(ours[i]) && ours[i].Equals((float)exact[i]);
            Assert.True(near, $"{what} at {x:R} is {ours[i]:R}, not {exact[i]:R}: off by {error / Ulp(exact[i]):G3} ulp, {error / Unit:G3} · 2⁻²⁴");
        }
    }

    /// <summary>So many units of the result's last place.</summary>
    private static Allowance Ulps(double count) => (x, exact) => count * Ulp(exact) + Denormal(x);

    /// <summary>So many times 2⁻²⁴ max(1, |x|): where terms of that size cancel.</summary>
    private static Allowance Scaled(double count) => (x, _) => count * Unit * Math.Max(1, Math.Abs(x));

    /// <summary>
    /// So many times 2⁻²⁴ (4 + x²), relatively: the logarithm of the normal distribution's tail is −x²/2, and what x² rounds is an exponent's error.
    /// </summary>
    private static Allowance Tail(double count) => (x, exact) => count * Unit * (4 + x * x) * Math.Abs(exact) + Denormal(x);

    /// <summary>What comes of a factor that is below the smallest normal number and so rounded to a multiple of 2⁻¹⁴⁹.</summary>
    private static double Denormal(double x) => Math.ScaleB(1 + Math.Min(Math.Abs(x), 200), -149);

    private static double Ulp(double exact) => Math.ScaleB(1, exact == 0 ? -149 : Math.Max(Math.ILogB(exact) - 23, -149));
}
