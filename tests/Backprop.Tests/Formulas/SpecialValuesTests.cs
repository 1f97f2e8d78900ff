using System.Numerics;
using Backprop.Formulas;

namespace Backprop.Tests.Formulas;

/// <summary>Values and derivatives at kinks, zeros of either sign, infinities, NaN, far out and next to 0, at every width and in both precisions.</summary>
public class SpecialValuesTests
{
    private const double Infinity = double.PositiveInfinity, NaN = double.NaN;
    private const double Tiny = 1 / 1267650600228229401496703205376.0; // 2⁻¹⁰⁰
    private const double Log2 = 0.6931471805599453, Lambda = 1.0507009873554805, LambdaAlpha = 1.7580993408473769;

    private static readonly double[] Everywhere = [-Infinity, -1e4, -0.0, 0, Tiny, 1e4, Infinity, NaN];

    /// <summary>y and dy/dx at each of <see cref="Everywhere"/>, then x, y and dy/dx at the kinks and other places of the formula's own.</summary>
    private static readonly Dictionary<string, (double[] Y, double[] Slope, (double X, double Y, double Slope)[] Own)> Table = new()
    {
        ["identity"] = ([-Infinity, -1e4, -0.0, 0, Tiny, 1e4, Infinity, NaN], [1, 1, 1, 1, 1, 1, 1, 1], []),
        ["relu"] = ([0, 0, -0.0, 0, Tiny, 1e4, Infinity, NaN], [0, 0, 0, 0, 1, 1, 1, 0], []),
        ["leakyrelu"] = ([-Infinity, -100, -0.0, 0, Tiny, 1e4, Infinity, NaN], [0.01, 0.01, 0.01, 0.01, 1, 1, 1, 0.01], []),
        ["leakyrelu(0.25)"] = ([-Infinity, -2500, -0.0, 0, Tiny, 1e4, Infinity, NaN], [0.25, 0.25, 0.25, 0.25, 1, 1, 1, 0.25], []),
        ["absolute"] = ([Infinity, 1e4, 0, 0, Tiny, 1e4, Infinity, NaN], [-1, -1, 0, 0, 1, 1, 1, 0], []),
        ["relu6"] = ([0, 0, -0.0, 0, Tiny, 6, 6, NaN], [0, 0, 0, 0, 1, 0, 0, 0], [(6, 6, 0), (5.75, 5.75, 1)]),
        ["hardtanh"] = ([-1, -1, -0.0, 0, Tiny, 1, 1, NaN], [0, 0, 1, 1, 1, 0, 0, 0], [(-1, -1, 0), (1, 1, 0), (0.75, 0.75, 1)]),
        ["hardtanh(-2, 0.5)"] = ([-2, -2, -0.0, 0, Tiny, 0.5, 0.5, NaN], [0, 0, 1, 1, 1, 0, 0, 0], [(-2, -2, 0), (0.5, 0.5, 0), (-1.5, -1.5, 1)]),
        ["hardsigmoid"] = ([0, 0, 0.5, 0.5, 0.5, 1, 1, NaN], [0, 0, 1 / 6.0, 1 / 6.0, 1 / 6.0, 0, 0, 0],
            [(-3, 0, 0), (3, 1, 0), (2.9999997615814209, 0.9999999602635702, 1 / 6.0)]),
        ["sigmoid"] = ([0, 0, 0.5, 0.5, 0.5, 1, 1, NaN], [0, 0, 0.25, 0.25, 0.25, 0, 0, NaN], []),
        ["tanh"] = ([-1, -1, -0.0, 0, Tiny, 1, 1, NaN], [0, 0, 1, 1, 1, 0, 0, NaN], []),
        ["softsign"] = ([-1, -1e4 / 10001, -0.0, 0, Tiny, 1e4 / 10001, 1, NaN], [0, 1 / 100020001.0, 1, 1, 1, 1 / 100020001.0, 0, NaN],
            [(-1e31, -1, 1e-62), (1e31, 1, 1e-62), (1, 0.5, 0.25)]),
        ["smoothclip"] =
            ([-3, -2.9999998650000091, -0.0, 0, Tiny, 2.9999998650000091, 3, NaN], [0, 2.6999996355000410e-11, 1, 1, 1, 2.6999996355000410e-11, 0, NaN],
            [(-3e38, -3, 1e-114), (3e38, 3, 1e-114), (1e30, 3, 2.7e-89), (4, 2.4, 0.216)]),
        ["smoothclip(0.5)"] = ([-0.5, -0.49999999937500000, -0.0, 0, Tiny, 0.49999999937500000, 0.5, NaN],
            [0, 1.2499999953125000e-13, 1, 1, 1, 1.2499999953125000e-13, 0, NaN], []),
        ["logsigmoid"] = ([-Infinity, -1e4, -Log2, -Log2, -Log2, 0, 0, NaN], [1, 1, 0.5, 0.5, 0.5, 0, 0, NaN], []),
        ["softplus"] = ([0, 0, Log2, Log2, Log2, 1e4, Infinity, NaN], [0, 0, 0.5, 0.5, 0.5, 1, 1, NaN],
            [(20, 20.000000002061153, 0.99999999793884631), (20.0625, 20.0625, 1)]),
        ["softplus(2, 20)"] = ([0, 0, Log2 / 2, Log2 / 2, Log2 / 2, 1e4, Infinity, NaN], [0, 0, 0.5, 0.5, 0.5, 1, 1, NaN], [(10.0625, 10.0625, 1)]),
        ["softplus(1, Infinity)"] =
            ([0, 0, Log2, Log2, Log2, 1e4, Infinity, NaN], [0, 0, 0.5, 0.5, 0.5, 1, 1, NaN], [(30, 30.000000000000092, 0.99999999999990641)]),
        ["silu"] = ([-0.0, -0.0, -0.0, 0, Tiny / 2, 1e4, Infinity, NaN], [0, 0, 0.5, 0.5, 0.5, 1, 1, NaN], [(-3e38, -0.0, 0), (3e38, 3e38, 1)]),
        ["gelu"] = ([-0.0, -0.0, -0.0, 0, Tiny / 2, 1e4, Infinity, NaN], [0, 0, 0.5, 0.5, 0.5, 1, 1, NaN], [(-3e38, -0.0, 0), (3e38, 3e38, 1)]),
        ["gelutanh"] = ([-0.0, -0.0, -0.0, 0, Tiny / 2, 1e4, Infinity, NaN], [0, 0, 0.5, 0.5, 0.5, 1, 1, NaN], [(-3e38, -0.0, 0), (3e38, 3e38, 1)]),
        ["mish"] = ([-0.0, -0.0, -0.0, 0, 0.6 * Tiny, 1e4, Infinity, NaN], [0, 0, 0.6, 0.6, 0.6, 1, 1, NaN], [(-3e38, -0.0, 0), (3e38, 3e38, 1)]),
        ["hardswish"] = ([-0.0, -0.0, -0.0, 0, Tiny / 2, 1e4, Infinity, NaN], [0, 0, 0.5, 0.5, 0.5, 1, 1, NaN],
            [(-3, -0.0, 0), (3, 3, 1), (2.75, 2.75 * 5.75 / 6, 2.75 / 3 + 0.5), (3e38, 3e38, 1)]),
        ["elu"] = ([-1, -1, -0.0, 0, Tiny, 1e4, Infinity, NaN], [0, 0, 1, 1, 1, 1, 1, NaN], []),
        ["elu(0.5)"] = ([-0.5, -0.5, -0.0, 0, Tiny, 1e4, Infinity, NaN], [0, 0, 0.5, 0.5, 1, 1, 1, NaN], []),
        ["selu"] = ([-LambdaAlpha, -LambdaAlpha, -0.0, 0, Lambda * Tiny, Lambda * 1e4, Infinity, NaN],
            [0, 0, LambdaAlpha, LambdaAlpha, Lambda, Lambda, Lambda, NaN], []),
        ["celu"] = ([-1, -1, -0.0, 0, Tiny, 1e4, Infinity, NaN], [0, 0, 1, 1, 1, 1, 1, NaN], []),
        ["celu(0.5)"] = ([-0.5, -0.5, -0.0, 0, Tiny, 1e4, Infinity, NaN], [0, 0, 1, 1, 1, 1, 1, NaN], []),
        ["softshrink"] = ([-Infinity, -9999.5, 0, 0, 0, 9999.5, Infinity, NaN], [1, 1, 0, 0, 0, 1, 1, 0], [(-0.5, 0, 0), (0.5, 0, 0), (-0.75, -0.25, 1)]),
        ["tanhshrink"] = ([-Infinity, -9999, 0, 0, Tiny * Tiny * Tiny / 3, 9999, Infinity, NaN], [1, 1, 0, 0, Tiny * Tiny, 1, 1, NaN], []),
        ["sine"] = ([NaN, 0.30561438888825215, -0.0, 0, Tiny, -0.30561438888825215, NaN, NaN],
            [NaN, -0.95215536825901481, 1, 1, 1, -0.95215536825901481, NaN, NaN], []),
        ["cosine"] = ([NaN, -0.95215536825901481, 1, 1, 1, -0.95215536825901481, NaN, NaN],
            [NaN, -0.30561438888825215, 0, 0, -Tiny, 0.30561438888825215, NaN, NaN], []),
    };

    public static TheoryData<string> Names => [.. Activation.All.Select(a => a.Name).Union(Table.Keys)];

    [Theory, MemberData(nameof(Names))]
    public void AreAsTheTableSays(string name)
    {
        Assert.True(Table.TryGetValue(name, out var row), $"Add {name} to the table.");
        (double X, double Y, double Slope)[] points = [.. Everywhere.Select((x, i) => (x, row.Y[i], row.Slope[i])), .. row.Own];
        foreach (var bits in new[] { 0, 128, 256, 512 })
        {
            Check<float>(Activation.Parse(name), bits, points);
            Check<double>(Activation.Parse(name), bits, points);
        }
    }

    private static void Check<T>(Activation f, int bits, (double X, double Y, double Slope)[] points) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var curve = Curve<T>.Of(f, bits, Array.ConvertAll(points, p => T.CreateTruncating(p.X)));
        for (var i = 0; i < points.Length; i++)
        {
            var (where, y, slope) =
                ($"{f}({points[i].X:R}) in {typeof(T).Name} at {bits} bits", T.CreateTruncating(points[i].Y), T.CreateTruncating(points[i].Slope));
            Assert.True(
                Same(y, curve.Values[i]) && T.IsNegative(y) == T.IsNegative(curve.Values[i]) | T.IsNaN(y), $"{where} is {curve.Values[i]:R}, not {y:R}");
            Assert.True(Same(slope, curve.Slopes[i]), $"the derivative of {where} is {curve.Slopes[i]:R}, not {slope:R}");
        }
    }

    /// <summary>Exactly where there is nothing to round, otherwise within 4 units of the last place: a handful of roundings.</summary>
    private static bool Same<T>(T expected, T actual) where T : unmanaged, IFloatingPointIeee754<T>
        => expected.Equals(actual) || T.Abs(expected - actual) <= T.CreateTruncating(4) * (T.BitIncrement(T.Abs(expected)) - T.Abs(expected)) && expected != T.Zero;
}
