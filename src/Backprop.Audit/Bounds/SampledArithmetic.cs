using System.Numerics;

namespace Backprop.Audit.Bounds;

/// <summary>The arithmetic of one sample: it rounds to the numbers of 24 bits times a factor from 1 to 2, another one in every sample.</summary>
/// <remarks>It goes with every number that is computed in it: <see cref="FloatSample.By"/>.</remarks>
/// <param name="number">Which sample, from 1.</param>
internal sealed class SampledArithmetic(int number)
{
    // Of a number's exponent: its last place, and a number whose own last place in double is that.
    private const double LastPlace = 2 * Bounded.Float, Coarse = 1.5 / (Bounded.Double * 2) * LastPlace;

    // Below, numbers lose their digits, or become 0.
    private const double LeastExponent = Bounded.Underflow * Bounded.Float / LastPlace;

    private const ulong ExponentBits = 0x7FFUL << 52;

    // An elementary function's error, beside its rounding, is the same within so many bits.
    private const int SmoothBits = 12;

    // The golden section: the factors of any number of samples are spread evenly.
    private const double Golden = 0.61803398874989485;

    // Smooth functions bend on a scale, most of them of 1: an error of so much of it is carried on by no derivative.
    private const double MostStraight = 1.0 / 16;

    private readonly double factor = Math.Pow(2, number * Golden % 1);

    /// <summary>Whether a number of the node that is run was off by so much that its derivative does not tell what becomes of it.</summary>
    public bool IsBent { get; private set; }

    /// <summary>Begins a node.</summary>
    public void Begin() => IsBent = false;

    /// <summary>Looks at a number that a function is taken of.</summary>
    /// <param name="error">How far it is off.</param>
    /// <param name="scale">On what scale the function bends.</param>
    public void Look(double error, double scale) => IsBent |= Math.Abs(error) > MostStraight * scale;

    /// <summary>Rounds to a number of 24 bits times the factor.</summary>
    public double Rounded(double x)
    {
        var y = x * (1 / factor);
        var coarse = Coarse * Math.Max(BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(y) & ExponentBits), LeastExponent);
        return (y + coarse - coarse) * factor;
    }

    /// <inheritdoc cref="Rounded(double)"/>
    public Vector<double> Rounded(Vector<double> x)
    {
        var y = x * (1 / factor);
        var coarse = Coarse * Vector.Max(Vector.AsVectorDouble(Vector.AsVectorUInt64(y) & new Vector<ulong>(ExponentBits)), new Vector<double>(LeastExponent));
        return (y + coarse - coarse) * factor;
    }

    /// <summary>From −1 to 1, the same for numbers of the same first bits.</summary>
    public double Draw(double of)
    {
        var bits = (BitConverter.DoubleToUInt64Bits(of) >> (52 - SmoothBits)) + ((ulong)number << 32);
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return (long)(bits ^ (bits >> 31)) / -(double)long.MinValue;
    }

    /// <summary>A row's products with a matrix's, added up one after another: <see cref="FloatSample.SumOfProducts"/> of many columns at a time.</summary>
    /// <param name="a">The row: a matrix of k columns, and the row's number.</param>
    /// <param name="b">The matrix, of k rows.</param>
    /// <param name="result">Gets the row's sums, and their errors.</param>
    public void AddProducts((BoundedMatrix Matrix, int Row) a, BoundedMatrix b, BoundedMatrix result)
    {
        var (n, width) = (b.Columns, Vector<double>.Count);
        var sums = result.Values.AsSpan(a.Row * n, n);
        var actual = result.Errors.AsSpan(a.Row * n, n);
        for (var k = 0; k < b.Rows; k++)
        {
            var x = FloatSample.Load(a.Matrix, a.Row * b.Rows + k);
            if (x is { Value: 0, Actual: 0 })
            {
                continue;
            }

            var (row, j) = (k * n, 0);
            for (; j <= n - width; j += width)
            {
                var y = new Vector<double>(b.Values, row + j);
                (new Vector<double>(sums[j..]) + x.Value * y).CopyTo(sums[j..]);
                var product = Rounded(x.Actual * (y + Bounded.Float * new Vector<double>(b.Errors!, row + j)));
                Rounded(new Vector<double>(actual[j..]) + product).CopyTo(actual[j..]);
            }

            for (; j < n; j++)
            {
                var y = FloatSample.Load(b, row + j);
                sums[j] += x.Value * y.Value;
                actual[j] = Rounded(actual[j] + Rounded(x.Actual * y.Actual));
            }
        }

        for (var j = 0; j < n; j++)
        {
            new FloatSample(sums[j], actual[j], this).Store(result, a.Row * n + j);
        }
    }
}
