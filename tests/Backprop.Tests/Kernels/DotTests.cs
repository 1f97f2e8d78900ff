using System.Numerics;
using Backprop.Kernels;
using Backprop.Models;

namespace Backprop.Tests.Kernels;

/// <summary>Inner products and multiples at every size around their vectors' edges.</summary>
public class DotTests
{
    [Fact]
    public void InnerProductsAreTheExactOnesButForDoublesRounding()
    {
        Products<float>();
        Products<double>();
    }

    [Fact]
    public void LanesAndTreeAreTheDocumentedOnes()
    {
        // Sixteen lanes, then halves added to halves: written out here.
        var (random, a, b) = (new TorchRandom(3), new float[100], new float[100]);
        random.FillUniform<float>(a, -1, 1);
        random.FillUniform<float>(b, -1, 1);
        var lanes = new double[16];
        for (var i = 0; i < a.Length; i++)
        {
            lanes[i % 16] += (double)a[i] * b[i];
        }

        for (var half = 8; half > 0; half /= 2)
        {
            lanes = [.. lanes.Take(half).Zip(lanes.Skip(half), (x, y) => x + y)];
        }

        Assert.Equal(lanes[0], Dot.Of<float>(a, b));
    }

    [Fact]
    public void MultiplesRoundTwiceAtEverySize()
    {
        var random = new TorchRandom(4);
        for (var n = 0; n < 70; n++)
        {
            var (x, y) = (new float[n], new float[n + 1]);
            random.FillUniform<float>(x, -1, 1);
            random.FillUniform<float>(y, -1, 1);
            var expected = y.ToArray();
            for (var i = 0; i < n; i++)
            {
                var product = x[i] * 0.3f;
                expected[i] += product;
            }

            Multiples.Add(y.AsSpan(0, n), 0.3, x);
            SameBits.Assert<float>(expected, y, $"{n} numbers");
        }
    }

    private static void Products<T>() where T : unmanaged, IFloatingPointIeee754<T>
    {
        var random = new TorchRandom(2);
        for (var n = 0; n < 70; n++)
        {
            var (a, b) = (new T[n], new T[n]);
            random.FillUniform<T>(a, -1, 1);
            random.FillUniform<T>(b, -1, 1);
            var (exact, size) = (0.0, 0.0);
            for (var i = 0; i < n; i++)
            {
                var product = double.CreateTruncating(a[i]) * double.CreateTruncating(b[i]);
                (exact, size) = (exact + product, size + Math.Abs(product));
            }

            // Each sum of n terms rounds n times at most.
            Assert.Equal(exact, Dot.Of<T>(a, b), 2 * n * Math.ScaleB(1, -53) * size);
        }
    }
}
