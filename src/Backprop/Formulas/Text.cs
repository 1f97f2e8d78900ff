using System.Globalization;

namespace Backprop.Formulas;

/// <summary>Reads a formula as the text a document shows: the README's formula table is made of it.</summary>
/// <param name="Words">The text.</param>
/// <param name="Strength">How tightly its outermost operation binds: 1 sum, 2 product, 3 sign, 4 atom.</param>
public readonly record struct Text(string Words, int Strength = 4) : IReal<Text>
{
    /// <inheritdoc/>
    public override string ToString() => Words;

    private string Bind(int strength) => Strength >= strength ? Words : $"({Words})";

    private bool IsDifference(Text a, Text b) => Words == (b.Words == "0" ? a : a.Words == "0" ? -b : a - b).Words;

    private static Text Call(string function, Text x) => new($"{function}({x.Words})");

#pragma warning disable CS1591 // Each member writes the operation it is named after.
    public static implicit operator Text(double constant)
        => new(constant.ToString("G6", CultureInfo.InvariantCulture).Replace('-', '−'), constant < 0 ? 3 : 4);

    public static Text operator +(Text a, Text b) => new($"{a.Bind(1)} + {b.Bind(1)}", 1);

    public static Text operator -(Text a, Text b) => b.Strength == 3 ? new($"{a.Bind(1)} + {b.Words[1..]}", 1) : new($"{a.Bind(1)} − {b.Bind(2)}", 1);

    public static Text operator *(Text a, Text b) => a.Words == "1" ? b : new($"{a.Bind(2)} · {b.Bind(3)}", 2);

    public static Text operator /(Text a, Text b) => b.Words == "1" ? a : new($"{a.Bind(2)} / {b.Bind(3)}", 2);

    public static Text operator -(Text x) => new($"−{x.Bind(4)}", 3);

    public static Text MultiplyAdd(Text a, Text b, Text c) => a * b + c;

    public static Text Sqrt(Text x) => new($"√{x.Bind(4)}");

    public static Text Abs(Text x) => new($"|{x.Words}|");

    public static Text Exp(Text x) => Call("exp", x);

    public static Text Expm1(Text x) => Call("expm1", x);

    public static Text Log(Text x) => Call("log", x);

    public static Text Log1p(Text x) => Call("log1p", x);

    public static Text Tanh(Text x) => Call("tanh", x);

    public static Text Erf(Text x) => Call("erf", x);

    public static Text Sigmoid(Text x) => Call("sigmoid", x);

    public static Text Erfc(Text x) => Call("erfc", x);

    public static Text Sin(Text x) => Call("sin", x);

    public static Text Cos(Text x) => Call("cos", x);

    public static Text IfPositive(Text x, Text then, Text otherwise) => x.IsDifference(then, otherwise) ? new($"max({then.Words}, {otherwise.Words})")
        : x.IsDifference(otherwise, then) ? new($"min({then.Words}, {otherwise.Words})")
        : new($"({x.Words} > 0 ? {then.Words} : {otherwise.Words})");

    // Bounds beyond which nothing changes are left out.
    public static Text AtLeast(Text x, double bound) => x;

    public static Text AtMost(Text x, double bound) => x;
#pragma warning restore CS1591
}
