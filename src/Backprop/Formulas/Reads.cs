namespace Backprop.Formulas;

/// <summary>Reads a formula for what it depends on: every operation unites what its operands read.</summary>
/// <param name="Mask">One bit for each argument of the formula.</param>
public readonly record struct Reads(int Mask) : IReal<Reads>
{
    /// <summary>The formula's first argument.</summary>
    public static Reads First => new(1);

    /// <summary>The formula's second argument.</summary>
    public static Reads Second => new(2);

    /// <summary>The formula's third argument.</summary>
    public static Reads Third => new(4);

    /// <summary>Whether the result depends on that argument.</summary>
    public bool Has(Reads argument) => (Mask & argument.Mask) != 0;

#pragma warning disable CS1591 // Each member unites the masks of its operands, as the type's summary says.
    public static implicit operator Reads(double constant) => default;

    public static Reads operator +(Reads a, Reads b) => new(a.Mask | b.Mask);

    public static Reads operator -(Reads a, Reads b) => a + b;

    public static Reads operator *(Reads a, Reads b) => a + b;

    public static Reads operator /(Reads a, Reads b) => a + b;

    public static Reads operator -(Reads x) => x;

    public static Reads MultiplyAdd(Reads a, Reads b, Reads c) => a + b + c;

    public static Reads Sqrt(Reads x) => x;

    public static Reads Abs(Reads x) => x;

    public static Reads Exp(Reads x) => x;

    public static Reads Expm1(Reads x) => x;

    public static Reads Log(Reads x) => x;

    public static Reads Log1p(Reads x) => x;

    public static Reads Tanh(Reads x) => x;

    public static Reads Erf(Reads x) => x;

    public static Reads Sigmoid(Reads x) => x;

    public static Reads Erfc(Reads x) => x;

    public static Reads Sin(Reads x) => x;

    public static Reads Cos(Reads x) => x;

    public static Reads IfPositive(Reads x, Reads then, Reads otherwise) => x + then + otherwise;
#pragma warning restore CS1591
}
