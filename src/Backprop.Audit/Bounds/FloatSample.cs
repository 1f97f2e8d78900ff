using Backprop.Formulas;

namespace Backprop.Audit.Bounds;

/// <summary>Reads a formula for one of the results that float arithmetic may give.</summary>
/// <remarks>
/// What <see cref="Bounded.Variance"/> is the variance of, if roundings are independent. Here nothing is assumed of them: an error goes with its
/// sign wherever its number goes, behind a layer of one unit as in a mean of a batch; and it is a function of what is rounded, so that
/// equal numbers err alike, as those of copied rows, constant columns and a loss with a kink do, and numbers nearer than a last place
/// nearly so; where the same is added again and again, so it does until the sum's exponent changes. The arithmetic's factor makes a random
/// draw of where numbers lie between two that float has: in the manner of Parker (1997), Monte Carlo arithmetic.
/// Branches are those of the reference, but where an error turns a condition at which both branches meet (<see cref="IfPositive"/>).
/// </remarks>
/// <param name="Value">The reference.</param>
/// <param name="Actual">What it has become.</param>
/// <param name="By">The arithmetic it is computed in; null for a constant, which is rounded where it meets a number that has one.</param>
internal readonly record struct FloatSample(double Value, double Actual, SampledArithmetic? By) : IReal<FloatSample>, IElement<FloatSample>
{
#pragma warning disable CS1591 // Each member carries the error through the operation it is named after.
    public double Doubt => 0;

    public bool IsExact => Actual == Value;

    public ulong Path => 0;

    public static FloatSample Load(BoundedMatrix matrix, int index)
        => new(matrix.Values[index], matrix.Values[index] + Bounded.Float * matrix.Errors![index], matrix.By);

    public void Store(BoundedMatrix matrix, int index)
    {
        var actual = In(matrix.By);
        (matrix.Values[index], matrix.Errors![index]) = (Value, actual == Value ? 0 : (actual - Value) / Bounded.Float);
    }

    public static FloatSample Off(FloatSample x, double error, double variance) => variance == 0 || x.By is not { } by
        ? x : x with { Actual = x.Actual + Bounded.Float * Math.Sqrt(variance / Bounded.Uniform) * by.Draw(x.Value) };

    public static FloatSample Alone(FloatSample x) => x;

    public static FloatSample Following(FloatSample result, FloatSample[] of, Func<int, double> slope, Func<double, double> curvature) => result;

    public static FloatSample Common(FloatSample x, int times) => x;

    /// <summary>Of the products of pairs, added up one after another.</summary>
    public static FloatSample SumOfProducts(ReadOnlySpan<FloatSample> a, ReadOnlySpan<FloatSample> b)
    {
        var sum = new FloatSample(0, 0, null);
        for (var i = 0; i < a.Length; i++)
        {
            var by = sum.By ?? a[i].By ?? b[i].By;
            var product = a[i].In(by) * b[i].In(by);
            sum = new(
                sum.Value + a[i].Value * b[i].Value, by is null ? sum.Actual + product : by.Rounded(sum.Actual + by.Rounded(product)), by);
        }

        return sum;
    }

    public static implicit operator FloatSample(double constant) => new(constant, constant, null);

    public static FloatSample operator +(FloatSample a, FloatSample b)
        => (a.By ?? b.By) is var by ? Of(a.Value + b.Value, a.In(by) + b.In(by), by) : default;

    public static FloatSample operator -(FloatSample a, FloatSample b) => a + -b;

    public static FloatSample operator *(FloatSample a, FloatSample b)
        => (a.By ?? b.By) is var by ? Of(a.Value * b.Value, a.In(by) * b.In(by), by) : default;

    public static FloatSample operator /(FloatSample a, FloatSample b)
        => (a.By ?? b.By) is var by ? Of(a.Value / b.Value, a.In(by) / b.In(by), by) : default;

    public static FloatSample operator -(FloatSample x) => x with { Value = -x.Value, Actual = -x.Actual };

    public static FloatSample MultiplyAdd(FloatSample a, FloatSample b, FloatSample c) => a * b + c;

    public static FloatSample Sqrt(FloatSample x) => Of(Math.Sqrt(x.Value), Math.Sqrt(Math.Max(0, x.Actual)), x.By, 2);

    public static FloatSample Abs(FloatSample x) => x with { Value = Math.Abs(x.Value), Actual = Math.Abs(x.Actual) };

    public static FloatSample Exp(FloatSample x) => Function(x, Math.Exp);

    public static FloatSample Expm1(FloatSample x) => Function(x, PlainFunctions.Expm1);

    public static FloatSample Log(FloatSample x) => Function(x.Actual > 0 ? x : x with { Actual = x.Value }, Math.Log, x.Value);

    public static FloatSample Log1p(FloatSample x) => Function(x.Actual > -1 ? x : x with { Actual = x.Value }, PlainFunctions.Log1p, 1 + x.Value);

    public static FloatSample Sigmoid(FloatSample x) => Function(x, PlainFunctions.Sigmoid);

    public static FloatSample Tanh(FloatSample x) => Function(x, Math.Tanh);

    public static FloatSample Erf(FloatSample x) => Function(x, PlainFunctions.Erf);

    public static FloatSample Erfc(FloatSample x) => Function(x, PlainFunctions.Erfc);

    public static FloatSample Sin(FloatSample x) => Function(x, Math.Sin);

    public static FloatSample Cos(FloatSample x) => Function(x, Math.Cos);

    /// <summary>Where the error turns the condition, and both branches meet there, the result is the other branch's.</summary>
    public static FloatSample IfPositive(FloatSample x, FloatSample then, FloatSample otherwise)
    {
        var (taken, other) = x.Value > 0 ? (then, otherwise) : (otherwise, then);
        var near = Math.Abs(x.Actual - x.Value) + Math.Abs(then.Actual - then.Value) + Math.Abs(otherwise.Actual - otherwise.Value);
        return x.Actual > 0 != x.Value > 0 && Math.Abs(other.Value - taken.Value) <= 2 * near ? taken with { Actual = other.Actual } : taken;
    }
#pragma warning restore CS1591

    /// <summary>What it has become in an arithmetic. Some constants are rounded before they get there, as 1 / σ²: not those that even float holds.</summary>
    private double In(SampledArithmetic? by) => By is null && by is not null && Actual != (float)Actual ? by.Rounded(Actual) : Actual;

    /// <summary>A result, rounded; one without error that float holds is what it is. Of more units than its rounding's one, the others are smooth.</summary>
    private static FloatSample Of(double value, double actual, SampledArithmetic? by, double units = 1)
        => by is null || (actual == value && value == (float)value) ? new(value, actual, by)
        : new(value, by.Rounded(actual) + (units - 1) * Bounded.Float * Math.Abs(value) * (units > 1 ? by.Draw(value) : 0), by);

    private static FloatSample Function(FloatSample x, Func<double, double> f, double scale = 1)
    {
        x.By?.Look(x.Actual - x.Value, scale);
        return Of(f(x.Value), f(x.Actual), x.By, Bounded.Function);
    }
}
