using Backprop.Models;

namespace Backprop.Tests.Kernels;

/// <summary>Numbers to try elementary functions at: every exponent, and where rounding or argument reduction is hard.</summary>
internal static class Samples
{
    /// <summary>As many random bit patterns, and as many near each hard place.</summary>
    public static IEnumerable<double> Doubles(int count)
    {
        var random = new TorchRandom(5);
        var uniform = new double[count];
        random.FillUniform<double>(uniform, -1, 1);
        return Patterns(random, count)
            .Concat(uniform)
            .Concat(uniform.SelectMany(x => new[] { 1 + x * 1e-3, x * 5, x * 30, x * 110, x * 750, x * (1 << 21), x * 1e-9 }))
            .Concat(uniform.SelectMany(x => HardPlaces.Select(place => place * (1 + x * 1e-6))))
            .Concat(Enumerable.Range(1, count).Select(n => n * n * (Math.PI / 2)))
            .Concat(Special);
    }

    public static IEnumerable<float> Floats(int count) => Doubles(count).Select(x => (float)x).Concat(Small(count));

    // Bounds of a method's regions, overflow, underflow, and the doubles and floats nearest to multiples of π/2 (Muller, Elementary Functions).
    private static IEnumerable<double> HardPlaces =>
        [0.25, 0.5, 1, -0.25, -0.5, -1, 0.34657359027997264, -0.34657359027997264, 1.4142135623730951, 709.78271289338397, -745.13321910194122,
            88.722839, -103.972084, -37.4, -16.6, 5.92, 26.5435, 27.226, 9.194, 10.0543, Math.PI, 1 << 20];

    private static IEnumerable<double> Special =>
        [0, -0.0, 1, -1, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, -double.Epsilon, double.MaxValue,
            double.MinValue, 2.2250738585072014e-308, float.Epsilon, float.MaxValue, 5.319372648326541e255, 16367173 * 4.7223664828696452e21];

    private static IEnumerable<double> Patterns(TorchRandom random, int count)
        => Enumerable.Range(0, count).Select(_ => BitConverter.UInt64BitsToDouble((ulong)random.NextUInt32() << 32 | random.NextUInt32())).ToArray();

    private static IEnumerable<float> Small(int count)
    {
        var random = new TorchRandom(6);
        return Enumerable.Range(0, count).Select(_ => BitConverter.UInt32BitsToSingle(random.NextUInt32())).ToArray();
    }
}
