using System.Numerics;
using Backprop.Formulas;
using Backprop.Kernels;

namespace Backprop.Export;

/// <summary>A value of an ONNX graph as the number of a formula: the formula becomes operators.</summary>
/// <remarks>
/// What ONNX has no operator for is written with those it has: expm1, log1p and erfc. Like PyTorch's own export, erfc is 1 − erf,
/// which is exact to a rounding of 1, not of itself: a GELU far below 0 is 0.
/// </remarks>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="Nodes">The graph; null for a number that is known.</param>
/// <param name="Name">The value's name, if it is in the graph.</param>
/// <param name="Number">The number, if it is known.</param>
internal readonly record struct Onnx<T>(OnnxNodes<T>? Nodes, string Name, T Number) : IReal<Onnx<T>> where T : unmanaged, IFloatingPointIeee754<T>
{
    // Beyond it, log(1 + x) is log x in double too.
    private const double LogAlone = 1e18;

    /// <summary>A value in a graph.</summary>
    public Onnx(OnnxNodes<T> nodes, string name) : this(nodes, name, default)
    {
    }

    private static T Zero => T.Zero;

    /// <summary>The value's name in a graph, to which a known number is added.</summary>
    public string In(OnnxNodes<T> nodes) => Nodes is null ? nodes.Number(Number) : Name;

    public static implicit operator Onnx<T>(double constant) => new(null, "", T.CreateTruncating(constant));

    public static Onnx<T> operator +(Onnx<T> a, Onnx<T> b) => Of(new Primitives.Addition(), "Add", a, b);

    public static Onnx<T> operator -(Onnx<T> a, Onnx<T> b) => Of(new Primitives.Subtraction(), "Sub", a, b);

    public static Onnx<T> operator *(Onnx<T> a, Onnx<T> b) => Of(new Primitives.Multiplication(), "Mul", a, b);

    public static Onnx<T> operator /(Onnx<T> a, Onnx<T> b) => Of(new Primitives.Division(), "Div", a, b);

    public static Onnx<T> operator -(Onnx<T> x) => Of(new Primitives.Negation(), "Neg", x);

    public static Onnx<T> MultiplyAdd(Onnx<T> a, Onnx<T> b, Onnx<T> c) => a * b + c;

    public static Onnx<T> Sqrt(Onnx<T> x) => Of(new Primitives.Sqrt(), "Sqrt", x);

    public static Onnx<T> Abs(Onnx<T> x) => Of(new Primitives.Abs(), "Abs", x);

    public static Onnx<T> Exp(Onnx<T> x) => Of(new Primitives.Exp(), "Exp", x);

    /// <summary>tanh(x / 2) (eˣ + 1): nothing cancels near 0.</summary>
    public static Onnx<T> Expm1(Onnx<T> x) => Tanh(0.5 * x) * (Exp(x) + 1);

    public static Onnx<T> Log(Onnx<T> x) => Of(new Primitives.Log(), "Log", x);

    /// <summary>log u · x / (u − 1) with the rounded u = 1 + x, and x where u is 1. Source: Kahan, in HP's Advanced Functions Handbook (1982).</summary>
    public static Onnx<T> Log1p(Onnx<T> x)
    {
        var u = 1 + x;
        var rounded = u - 1;
        var corrected = IfPositive(Abs(rounded), Log(u) * (x / rounded), x);
        return IfPositive(x - LogAlone, Log(x), corrected);
    }

    public static Onnx<T> Sigmoid(Onnx<T> x) => Of(new Primitives.Sigmoid(), "Sigmoid", x);

    public static Onnx<T> Tanh(Onnx<T> x) => Of(new Primitives.Tanh(), "Tanh", x);

    public static Onnx<T> Erf(Onnx<T> x) => Of(new Primitives.Erf(), "Erf", x);

    public static Onnx<T> Erfc(Onnx<T> x) => 1 - Erf(x);

    public static Onnx<T> Sin(Onnx<T> x) => Of(new Primitives.Sin(), "Sin", x);

    public static Onnx<T> Cos(Onnx<T> x) => Of(new Primitives.Cos(), "Cos", x);

    /// <summary>Where(x &gt; 0); Relu where it is that.</summary>
    public static Onnx<T> IfPositive(Onnx<T> x, Onnx<T> then, Onnx<T> otherwise)
    {
        if ((x.Nodes ?? then.Nodes ?? otherwise.Nodes) is not { } nodes)
        {
            return x.Number > Zero ? then : otherwise;
        }

        if (then.Nodes is null && then.Number == Zero && otherwise.Nodes is not null && x.Nodes is not null && nodes.IsNegative(x.Name, otherwise.Name))
        {
            return new(nodes, nodes.Apply("Relu", [otherwise.Name]));
        }

        var positive = nodes.Apply("Greater", [x.In(nodes), nodes.Number(Zero)]);
        return new(nodes, nodes.Apply("Where", [positive, then.In(nodes), otherwise.In(nodes)]));
    }

    public static Onnx<T> AtLeast(Onnx<T> x, double bound) => Of(new Primitives.Maximum(), "Max", x, bound);

    public static Onnx<T> AtMost(Onnx<T> x, double bound) => Of(new Primitives.Minimum(), "Min", x, bound);

    private static Onnx<T> Of<TF>(TF f, string type, Onnx<T> a, Onnx<T> b) where TF : struct, IFormula
        => (a.Nodes ?? b.Nodes) is { } nodes ? new(nodes, nodes.Apply(type, [a.In(nodes), b.In(nodes)])) : Known(f, a.Number, b.Number);

    private static Onnx<T> Of<TF>(TF f, string type, Onnx<T> x) where TF : struct, IFormula
        => x.Nodes is { } nodes ? new(nodes, nodes.Apply(type, [x.Name])) : Known(f, x.Number, x.Number);

    private static Onnx<T> Known<TF>(TF f, T a, T b) where TF : struct, IFormula
    {
        Lanes<T, T, Simd1<T>> first = new(a), second = new(b);
        return new(null, "", f.Of(first, second, second).Vector);
    }
}
