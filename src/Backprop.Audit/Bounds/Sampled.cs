using System.Numerics;
using Backprop.Formulas;

namespace Backprop.Audit.Bounds;

/// <summary>Reads a formula for one of the results that float arithmetic may give: it rounds to the numbers of 24 bits times a factor from 1 to 2.</summary>
/// <remarks>
/// What <see cref="Bounded.Spread"/> is the variance of, if roundings are independent. Here nothing is assumed of them: an error goes with its
/// sign wherever its number goes, behind a layer of one unit as in a mean of a batch; and it is a function of what is rounded, so that
/// equal numbers err alike, as those of copied rows, constant columns and a loss with a kink do, and numbers nearer than a last place
/// nearly so; where the same is added again and again, so it does until the sum's exponent changes. The factor, another one in every sample,
/// makes a random draw of where numbers lie between two that float has: in the manner of Parker (1997), Monte Carlo arithmetic.
/// Branches are those of the reference, but where an error turns a condition at which both branches meet (<see cref="IfPositive"/>).
/// </remarks>
/// <param name="Value">The reference.</param>
/// <param name="Actual">What it has become.</param>
internal readonly record struct Sampled(double Value, double Actual) : IReal<Sampled>, IElement<Sampled>
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

    [ThreadStatic]
    private static int sample;

    // What float's numbers are multiplied by.
    [ThreadStatic]
    private static double factor;

    // Smooth functions bend on the scale of 1: an error of so much of it is carried on by no derivative.
    private const double MostStraight = 1.0 / 16;

    /// <summary>Whether a number was off by so much, since the sample began, that its derivative does not tell what becomes of it.</summary>
    [field: ThreadStatic]
    public static bool IsBent { get; private set; }

    /// <summary>Which sample this thread draws, from 1.</summary>
    public static int Sample
    {
        get => sample;
        set => (sample, factor) = (value, value == sample ? factor : Math.Pow(2, value * Golden % 1));
    }

#pragma warning disable CS1591 // Each member carries the error through the operation it is named after.
    public double Doubt => 0;

    public bool IsExact => Actual == Value;

    public ulong Path => 0;

    public static Sampled Load(BoundedMatrix matrix, int index) => new(matrix.Values[index], matrix.Values[index] + Bounded.Float * matrix.Errors![index]);

    public void Store(BoundedMatrix matrix, int index) => (matrix.Values[index], matrix.Errors![index]) = (Value, IsExact ? 0 : (Actual - Value) / Bounded.Float);

    public static Sampled Off(Sampled x, double error, double spread)
        => spread == 0 ? x : x with { Actual = x.Actual + Bounded.Float * Math.Sqrt(spread / Bounded.Uniform) * Draw(x.Value) };

    public static Sampled Alone(Sampled x) => x;

    public static Sampled Following(Sampled result, Sampled[] of, Func<int, double> slope, Func<double, double> curvature) => result;

    public static Sampled Common(Sampled x, int times) => x;

    /// <summary>Of the products of pairs, added up one after another.</summary>
    public static Sampled SumOfProducts(ReadOnlySpan<Sampled> a, ReadOnlySpan<Sampled> b)
    {
        var (sum, actual) = (0.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            sum += a[i].Value * b[i].Value;
            actual = Rounded(actual + Rounded(a[i].Actual * b[i].Actual));
        }

        return new(sum, actual);
    }

    // Some constants are rounded before they get here, as 1 / σ²: not those that even float holds.
    public static implicit operator Sampled(double constant) => Of(constant, constant);

    public static Sampled operator +(Sampled a, Sampled b) => Of(a.Value + b.Value, a.Actual + b.Actual);

    public static Sampled operator -(Sampled a, Sampled b) => Of(a.Value - b.Value, a.Actual - b.Actual);

    public static Sampled operator *(Sampled a, Sampled b) => Of(a.Value * b.Value, a.Actual * b.Actual);

    public static Sampled operator /(Sampled a, Sampled b) => Of(a.Value / b.Value, a.Actual / b.Actual);

    public static Sampled operator -(Sampled x) => new(-x.Value, -x.Actual);

    public static Sampled MultiplyAdd(Sampled a, Sampled b, Sampled c) => a * b + c;

    public static Sampled Sqrt(Sampled x) => Of(Math.Sqrt(x.Value), Math.Sqrt(Math.Max(0, x.Actual)), 2);

    public static Sampled Abs(Sampled x) => new(Math.Abs(x.Value), Math.Abs(x.Actual));

    public static Sampled Exp(Sampled x) => Function(x, Math.Exp);

    public static Sampled Expm1(Sampled x) => Function(x, PlainFunctions.Expm1);

    public static Sampled Log(Sampled x) => x.Actual > 0 ? Function(x, Math.Log) : Function(x with { Actual = x.Value }, Math.Log);

    public static Sampled Log1p(Sampled x) => x.Actual > -1 ? Function(x, PlainFunctions.Log1p) : Function(x with { Actual = x.Value }, PlainFunctions.Log1p);

    public static Sampled Sigmoid(Sampled x) => Function(x, PlainFunctions.Sigmoid);

    public static Sampled Tanh(Sampled x) => Function(x, Math.Tanh);

    public static Sampled Erf(Sampled x) => Function(x, PlainFunctions.Erf);

    public static Sampled Erfc(Sampled x) => Function(x, PlainFunctions.Erfc);

    public static Sampled Sin(Sampled x) => Function(x, Math.Sin);

    public static Sampled Cos(Sampled x) => Function(x, Math.Cos);

    /// <summary>Where the error turns the condition, and both branches meet there, the result is the other branch's.</summary>
    public static Sampled IfPositive(Sampled x, Sampled then, Sampled otherwise)
    {
        var (taken, other) = x.Value > 0 ? (then, otherwise) : (otherwise, then);
        var near = Math.Abs(x.Actual - x.Value) + Math.Abs(then.Actual - then.Value) + Math.Abs(otherwise.Actual - otherwise.Value);
        return x.Actual > 0 != x.Value > 0 && Math.Abs(other.Value - taken.Value) <= 2 * near ? taken with { Actual = other.Actual } : taken;
    }
#pragma warning restore CS1591

    /// <summary>Begins a sample on this thread.</summary>
    public static void Begin(int number) => (Sample, IsBent) = (number, false);

    /// <summary>A row's products with a matrix's, added up one after another: <see cref="SumOfProducts"/> of many columns at a time.</summary>
    /// <param name="a">The row: a matrix of k columns, and the row's number.</param>
    /// <param name="b">The matrix, of k rows.</param>
    /// <param name="result">Gets the row's sums, and their errors.</param>
    /// <param name="of"><see cref="Sample"/> of the thread that asks.</param>
    public static void AddProducts((BoundedMatrix Matrix, int Row) a, BoundedMatrix b, BoundedMatrix result, int of)
    {
        Sample = of;
        var (n, width) = (b.Columns, Vector<double>.Count);
        var sums = result.Values.AsSpan(a.Row * n, n);
        var actual = result.Errors.AsSpan(a.Row * n, n);
        for (var k = 0; k < b.Rows; k++)
        {
            var x = Load(a.Matrix, a.Row * b.Rows + k);
            if (x is { Value: 0, Actual: 0 })
            {
                continue;
            }

            var (row, errors, j) = (k * n, (k + 1) * n, 0);
            for (; j <= n - width; j += width)
            {
                var y = new Vector<double>(b.Values, row + j);
                (new Vector<double>(sums[j..]) + x.Value * y).CopyTo(sums[j..]);
                var product = Rounded(x.Actual * (y + Bounded.Float * new Vector<double>(b.Errors!, row + j)));
                Rounded(new Vector<double>(actual[j..]) + product).CopyTo(actual[j..]);
            }

            for (; j < n; j++)
            {
                var y = Load(b, row + j);
                sums[j] += x.Value * y.Value;
                actual[j] = Rounded(actual[j] + Rounded(x.Actual * y.Actual));
            }
        }

        for (var j = 0; j < n; j++)
        {
            new Sampled(sums[j], actual[j]).Store(result, a.Row * n + j);
        }
    }

    /// <summary>Rounds to a number of 24 bits times a factor.</summary>
    private static double Rounded(double x)
    {
        var y = x * (1 / factor);
        var coarse = Coarse * Math.Max(BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(y) & ExponentBits), LeastExponent);
        return (y + coarse - coarse) * factor;
    }

    private static Vector<double> Rounded(Vector<double> x)
    {
        var y = x * (1 / factor);
        var coarse = Coarse * Vector.Max(Vector.AsVectorDouble(Vector.AsVectorUInt64(y) & new Vector<ulong>(ExponentBits)), new Vector<double>(LeastExponent));
        return (y + coarse - coarse) * factor;
    }

    /// <summary>A result, rounded; one without error that float holds is what it is. Of more units than its rounding's one, the others are smooth.</summary>
    private static Sampled Of(double value, double actual, double units = 1)
        => actual == value && value == (float)value ? new(value, value)
        : new(value, Rounded(actual) + (units - 1) * Bounded.Float * Math.Abs(value) * (units > 1 ? Draw(value) : 0));

    private static Sampled Function(Sampled x, Func<double, double> f)
    {
        IsBent |= Math.Abs(x.Actual - x.Value) > MostStraight;
        return Of(f(x.Value), f(x.Actual), Bounded.Function);
    }

    /// <summary>From −1 to 1, the same for numbers of the same first bits.</summary>
    private static double Draw(double number)
    {
        var bits = (BitConverter.DoubleToUInt64Bits(number) >> (52 - SmoothBits)) + ((ulong)sample << 32);
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return (long)(bits ^ (bits >> 31)) / -(double)long.MinValue;
    }
}
