using System.Runtime.CompilerServices;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Audit.Bounds;

/// <summary>Reads a formula for how far rounding may carry its value: every operation adds its share.</summary>
/// <remarks>
/// Running error analysis: Higham (2002), Accuracy and Stability of Numerical Algorithms, section 3.3. It is done in double, and its
/// figures serve a computation in float and one in double alike: only the unit differs. An operation rounds by at most one unit of its
/// result. If it does so uniformly, and independently of the others, that is a variance of ⅓: these add up to <paramref name="Variance"/>.
/// An error E is carried on by the largest slope within E of the number, not by that at the number itself, so that terms of second order
/// are in: E is taken for float's, which is the larger one. Where that is too large to bound a slope by, a divisor's above half of it or an
/// exponent's above 1, E is double's: in double it is a bound everywhere, and in float samples of errors (<see cref="FloatSample"/>) decide.
/// The variances are of first order.
/// </remarks>
/// <param name="Value">The value.</param>
/// <param name="Error">How far it may be off, in units of roundoff: 2⁻²⁴ for float, 2⁻⁵³ for double.</param>
/// <param name="Variance">The variance of its error, in squares of these units, if roundings are independent of each other.</param>
/// <param name="Doubt">The error of a branch's condition relative to its distance from 0, in 1 / units: that of the most doubtful branch.</param>
internal readonly record struct Bounded(double Value, double Error, double Variance = 0, double Doubt = 0) : IReal<Bounded>, IElement<Bounded>
{
    /// <summary>float's roundoff, 2⁻²⁴.</summary>
    public const double Float = 1.0 / (1 << 24);

    /// <summary>double's roundoff, 2⁻⁵³.</summary>
    public const double Double = 1.0 / (1L << 53);

    /// <summary>The variance of a rounding that is uniform within one unit.</summary>
    public const double Uniform = 1.0 / 3;

    /// <summary>The units that an elementary function may be off by: two in the last place, each of up to two roundoffs.</summary>
    public const double Function = 4;

    /// <summary>float's smallest normal number, 2⁻¹²⁶, in its units: results below it lose their digits, or become 0.</summary>
    public const double Underflow = 1.1754943508222875e-38 / Float;

    /// <summary>What rounding by so many units of a size amounts to, where it is uniform within them.</summary>
    /// <param name="size">What is rounded, or is as large.</param>
    /// <param name="units">How many: those of an elementary function, or 1 of an operation.</param>
    [MethodImpl(AggressiveInlining)]
    public static (double Error, double Variance) Rounding(double size, double units = Function)
        => (units * size, Uniform * (units * size) * (units * size));

    /// <summary>The roundoff of a precision, of float or double.</summary>
    public static double Unit<T>() => typeof(T) == typeof(float) ? Float : Double;

    /// <summary>A number without an error.</summary>
    public static Bounded Exact(double value) => new(value, 0);

    /// <summary>How far it may be off in a precision; infinite where a branch could be either.</summary>
    /// <param name="unit">The precision's roundoff.</param>
    public double ErrorIn(double unit) => Doubt * unit >= 1 ? double.PositiveInfinity : unit * Error;

    private const double TwoOverRootPi = 1.1283791670955126;

    [MethodImpl(AggressiveInlining)]
    private static Bounded Of(double value, double error, double variance, double doubt, double own = 1)
    {
        // What is 0 without error stays so; 0 · ∞ of a slope beyond the range is no error. It is the number as it is that is rounded.
        var (rounding, spread) = Rounding(Math.Abs(value), own);
        return value == 0 && error == 0
            ? new(value, 0, 0, doubt)
            : new(value, (double.IsNaN(error) ? 0 : error + own * Float * error) + rounding + Underflow,
                (double.IsNaN(variance) ? 0 : variance) + spread + Underflow * Underflow, doubt);
    }

    /// <summary>A function's value.</summary>
    /// <param name="value">It.</param>
    /// <param name="slope">Its slope at the number.</param>
    /// <param name="steepest">The size of its largest slope within the number's error.</param>
    /// <param name="x">The number.</param>
    /// <param name="own">The units that it rounds by.</param>
    [MethodImpl(AggressiveInlining)]
    private static Bounded Along(double value, double slope, double steepest, in Bounded x, double own = Function)
        => Of(value, steepest * x.Error, slope * slope * x.Variance, x.Doubt, own);

    /// <summary>What an error leaves of a number's distance from 0: float's, if that is half of it at least, else double's.</summary>
    [MethodImpl(AggressiveInlining)]
    private static double Left(double number, double error)
    {
        var left = number - Float * error;
        return left >= number / 2 ? left : Math.Max(0, number - Double * error);
    }

    /// <summary>
    /// (eᵏᴱ − 1) / kE, by which a slope that grows at most as eᵏˣ does is larger on the average of an error E: up to kE = 1, where it is below
    /// its chord 1 + (e − 2) kE, of float's error; beyond, of double's.
    /// </summary>
    [MethodImpl(AggressiveInlining)]
    private static double Growth(double error, double rate = 1)
    {
        var exponent = rate * Float * error;
        exponent = exponent <= 1 ? exponent : rate * Double * error;
        return exponent <= 1 ? 1 + (Math.E - 2) * exponent : Math.Exp(exponent);
    }

    /// <summary>A slope, or the most that it is where that is less, or it is no number.</summary>
    private static double AtMost(double slope, double most) => slope < most ? slope : most;

#pragma warning disable CS1591 // Each member carries the error through the operation it is named after.
    public static Bounded Load(BoundedMatrix matrix, int index) => new(matrix.Values[index], matrix.Errors![index], matrix.Variances![index]);

    public void Store(BoundedMatrix matrix, int index)
        => (matrix.Values[index], matrix.Errors![index], matrix.Variances![index]) = (Value, Error, Variance);

    public ulong Path => 0;

    public bool IsExact => Error == 0;

    public static Bounded Off(Bounded x, double error, double variance) => x with { Error = x.Error + error, Variance = x.Variance + variance };

    public static Bounded Alone(Bounded x) => new(x.Value, 0);

    public static Bounded Following(Bounded result, Bounded[] of, Func<int, double> slope, Func<double, double> curvature)
    {
        var (error, variance, largest) = (result.Error, result.Variance, 0.0);
        for (var i = 0; i < of.Length; i++)
        {
            var along = slope(i);
            error += Math.Abs(along) * of[i].Error;
            variance += along * along * of[i].Variance;
            largest = Math.Max(largest, of[i].Error);
        }

        return result with { Error = error + curvature(Float * largest) / 2 * Float * largest * largest, Variance = variance };
    }

    public static Bounded Common(Bounded x, int times) => x with { Variance = times * x.Variance };

    /// <summary>Of the products of pairs, added up in any order: each passes through as many roundings as there are terms, at most.</summary>
    public static Bounded SumOfProducts(ReadOnlySpan<Bounded> a, ReadOnlySpan<Bounded> b)
    {
        var (sum, size, squares, error, variance, doubt) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            ref readonly var x = ref a[i];
            ref readonly var y = ref b[i];
            var term = x.Value * y.Value;
            sum += term;
            size += Math.Abs(term);
            squares += term * term;
            var off = Math.Abs(x.Value) * y.Error + Math.Abs(y.Value) * x.Error + Float * x.Error * y.Error;
            (error, size) = (error + off, size + Float * off);
            variance += x.Value * x.Value * y.Variance + y.Value * y.Value * x.Variance;
            doubt = Math.Max(doubt, Math.Max(x.Doubt, y.Doubt));
        }

        var roundings = new SumRoundings(a.Length);
        error += roundings.Worst * size;
        variance += roundings.OfSquares * squares;
        roundings.Finish(sum, ref error, ref variance);
        return new(sum, error, variance, doubt);
    }

    // Some constants are rounded before they get here, as 1 / σ²: not those that even float holds.
    public static implicit operator Bounded(double constant)
        => constant == (float)constant ? new(constant, 0) : new(constant, Math.Abs(constant), Uniform * constant * constant);

    public static Bounded operator +(Bounded a, Bounded b) => Of(a.Value + b.Value, a.Error + b.Error, a.Variance + b.Variance, Math.Max(a.Doubt, b.Doubt));

    public static Bounded operator -(Bounded a, Bounded b) => a + -b;

    // The product of both errors is of second order, but all there is where both numbers are 0 but for rounding.
    public static Bounded operator *(Bounded a, Bounded b) => Of(
        a.Value * b.Value,
        Math.Abs(a.Value) * b.Error + Math.Abs(b.Value) * a.Error + Float * a.Error * b.Error,
        a.Value * a.Value * b.Variance + b.Value * b.Value * a.Variance,
        Math.Max(a.Doubt, b.Doubt));

    public static Bounded operator /(Bounded a, Bounded b)
    {
        // (a + Ea) / (b + Eb) − q = (Ea − q Eb) / (b + Eb).
        var quotient = a.Value / b.Value;
        return Of(
            quotient,
            (a.Error + Math.Abs(quotient) * b.Error) / Left(Math.Abs(b.Value), b.Error),
            (a.Variance + quotient * quotient * b.Variance) / (b.Value * b.Value),
            Math.Max(a.Doubt, b.Doubt));
    }

    public static Bounded operator -(Bounded x) => x with { Value = -x.Value };

    public static Bounded MultiplyAdd(Bounded a, Bounded b, Bounded c) => a * b + c;

    public static Bounded Sqrt(Bounded x)
    {
        // √x − √(x − E) = E / (√x + √(x − E)), more than √(x + E) − √x; at 0 √E itself, relative to which double's is the larger one.
        var (root, left) = (Math.Sqrt(x.Value), Left(x.Value, x.Error));
        if (left > 0 || x.Error == 0)
        {
            return Along(root, root > 0 ? 1 / (2 * root) : 0, x.Error == 0 ? 0 : 1 / (root + Math.Sqrt(left)), x, 2);
        }

        var deviation = Math.Sqrt(x.Value + Float * Math.Sqrt(x.Variance)) / Float;
        return Of(root, Math.Sqrt(x.Value + Double * x.Error) / Double, deviation * deviation, x.Doubt, 2);
    }

    public static Bounded Abs(Bounded x) => x with { Value = Math.Abs(x.Value), Doubt = Math.Max(x.Doubt, DoubtOf(x)) };

    public static Bounded Exp(Bounded x)
    {
        var power = Math.Exp(x.Value);
        return Along(power, power, power * Growth(x.Error), x);
    }

    public static Bounded Expm1(Bounded x)
    {
        var power = Math.Exp(x.Value);
        return Along(PlainFunctions.Expm1(x.Value), power, power * Growth(x.Error), x);
    }

    public static Bounded Log(Bounded x) => Along(Math.Log(x.Value), 1 / x.Value, 1 / Left(x.Value, x.Error), x);

    public static Bounded Log1p(Bounded x) => Along(PlainFunctions.Log1p(x.Value), 1 / (1 + x.Value), 1 / Left(1 + x.Value, x.Error), x);

    public static Bounded Sigmoid(Bounded x)
    {
        // Its slope s = y (1 − y) is ¼ at most, and |ds/dx| = s |1 − 2y| ≤ s.
        var y = PlainFunctions.Sigmoid(x.Value);
        var slope = y * PlainFunctions.Sigmoid(-x.Value);
        return Along(y, slope, AtMost(slope * Growth(x.Error), 0.25), x);
    }

    public static Bounded Tanh(Bounded x)
    {
        // Its slope s = 1 − y² is 1 at most, and |ds/dx| = 2 |y| s ≤ 2 s.
        var y = Math.Tanh(x.Value);
        var slope = (1 - y) * (1 + y);
        return Along(y, slope, AtMost(slope * Growth(x.Error, 2), 1), x);
    }

    public static Bounded Erf(Bounded x) => Along(PlainFunctions.Erf(x.Value), Bell(x.Value), HighestBell(x), x);

    public static Bounded Erfc(Bounded x) => Along(PlainFunctions.Erfc(x.Value), Bell(x.Value), HighestBell(x), x);

    // |sin (x + E) − sin x| ≤ |cos x| E + E² / 2, and E at most.
    public static Bounded Sin(Bounded x) => Math.Cos(x.Value) is var slope
        ? Along(Math.Sin(x.Value), slope, AtMost(Math.Abs(slope) + Float * x.Error / 2, 1), x) : default;

    public static Bounded Cos(Bounded x) => Math.Sin(x.Value) is var slope
        ? Along(Math.Cos(x.Value), slope, AtMost(Math.Abs(slope) + Float * x.Error / 2, 1), x) : default;

    /// <summary>
    /// Near the condition either branch may be taken. Where they meet there, as those of a continuous formula do, the result is as far off
    /// as the other branch is, with its error. Where they do not, it is the branch's own, and the condition's doubt tells that it may be the other.
    /// </summary>
    public static Bounded IfPositive(Bounded x, Bounded then, Bounded otherwise)
    {
        var (taken, other) = x.Value > 0 ? (then, otherwise) : (otherwise, then);
        var doubt = DoubtOf(x);
        var near = doubt * Float >= 1;
        if (near)
        {
            var apart = Math.Abs(then.Value - otherwise.Value) / Float;
            if (apart <= 2 * (then.Error + otherwise.Error + x.Error))
            {
                return new(
                    taken.Value, Math.Max(taken.Error, apart + other.Error), Math.Max(taken.Variance, other.Variance), Most(x.Doubt, taken.Doubt, doubt));
            }
        }

        return taken with { Doubt = Most(x.Doubt, taken.Doubt, doubt) };
    }
#pragma warning restore CS1591

    /// <summary>A condition that is without error, as that of a unit at rest, is decided: every implementation takes the same side.</summary>
    [MethodImpl(AggressiveInlining)]
    private static double DoubtOf(in Bounded x) => x.Error == 0 ? 0 : x.Error / Math.Abs(x.Value);

    private static double Most(double a, double b, double c) => Math.Max(a, Math.Max(b, c));

    /// <summary>The bell's height at the number nearest to 0 within an error.</summary>
    private static double HighestBell(in Bounded x) => Bell(Math.Max(0, Math.Abs(x.Value) - Float * x.Error));

    internal static double Bell(double x) => TwoOverRootPi * Math.Exp(-x * x);
}
