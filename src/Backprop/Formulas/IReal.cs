using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <summary>The numbers a formula is written in: what <typeparamref name="TX"/> is decides what the formula does.</summary>
/// <remarks>
/// Vector lanes run it as a kernel, <see cref="Dual{TX}"/> differentiates it, <see cref="Text"/> prints it, <see cref="Reads"/>
/// tells what it reads. Constrain formulas on this interface itself, or literals such as <c>1 + x</c> do not compile.
/// </remarks>
/// <typeparam name="TX">The number type itself.</typeparam>
public interface IReal<TX> where TX : IReal<TX>
{
    /// <summary>The constant, rounded to the precision of <typeparamref name="TX"/>.</summary>
    static abstract implicit operator TX(double constant);

    /// <summary>The coefficient in the precision of <typeparamref name="TX"/>.</summary>
    static virtual implicit operator TX(Coefficient coefficient) => coefficient.Value;

    /// <summary>a + b, rounded once.</summary>
    static abstract TX operator +(TX a, TX b);

    /// <summary>a - b, rounded once.</summary>
    static abstract TX operator -(TX a, TX b);

    /// <summary>a · b, rounded once.</summary>
    static abstract TX operator *(TX a, TX b);

    /// <summary>a / b, rounded once.</summary>
    static abstract TX operator /(TX a, TX b);

    /// <summary>x with its sign flipped.</summary>
    static abstract TX operator -(TX x);

    /// <summary>a · b + c with one rounding; <c>a * b + c</c> always rounds twice.</summary>
    static abstract TX MultiplyAdd(TX a, TX b, TX c);

    /// <summary>The square root, correctly rounded.</summary>
    static abstract TX Sqrt(TX x);

    /// <summary>x without its sign.</summary>
    static abstract TX Abs(TX x);

    /// <summary>eˣ.</summary>
    static abstract TX Exp(TX x);

    /// <summary>eˣ − 1, accurate near 0.</summary>
    static abstract TX Expm1(TX x);

    /// <summary>The natural logarithm.</summary>
    static abstract TX Log(TX x);

    /// <summary>log(1 + x), accurate near 0.</summary>
    static abstract TX Log1p(TX x);

    /// <summary>The logistic function 1 / (1 + e⁻ˣ), accurate in both tails.</summary>
    static abstract TX Sigmoid(TX x);

    /// <summary>The hyperbolic tangent.</summary>
    static abstract TX Tanh(TX x);

    /// <summary>The error function: 2/√π times the integral of e^−t² from 0 to x.</summary>
    static abstract TX Erf(TX x);

    /// <summary>1 − erf x, accurate where erf x is near 1.</summary>
    static abstract TX Erfc(TX x);

    /// <summary>The sine of x radians.</summary>
    static abstract TX Sin(TX x);

    /// <summary>The cosine of x radians.</summary>
    static abstract TX Cos(TX x);

    /// <summary><paramref name="then"/> where x &gt; 0, else <paramref name="otherwise"/>; NaN is not positive.</summary>
    static abstract TX IfPositive(TX x, TX then, TX otherwise);

    /// <summary>The larger of x and a bound below which the formula no longer changes, so that ∞ · 0 and ∞ / ∞ do not make its limit NaN.</summary>
    [MethodImpl(AggressiveInlining)] static virtual TX AtLeast(TX x, double bound) => TX.IfPositive(bound - x, bound, x);

    /// <summary>The smaller of x and a bound above which the formula no longer changes.</summary>
    [MethodImpl(AggressiveInlining)] static virtual TX AtMost(TX x, double bound) => TX.IfPositive(x - bound, bound, x);
}
