using Backprop.Formulas;
using Backprop.Graph.Ops;
using Backprop.Kernels;

namespace Backprop.Graph;

/// <summary>A graph node as the number of a formula: the formula becomes a graph, and so do its derivatives of any order.</summary>
/// <remarks>
/// What is known to be 0 or 1 is left out, and constants are computed at once, so that derivatives stay small; like every symbolic
/// derivative, 0 · x is 0 also where x is infinite. It stands here and not with the other readings because nodes come after formulas.
/// </remarks>
/// <param name="Node">The node.</param>
internal readonly record struct Symbol(Node Node) : IReal<Symbol>
{
    /// <summary>Whether it is the constant 0.</summary>
    public bool IsZero => Is(0);

    private double? Number => Node?.Op is Constant constant ? constant.Value : null;

    public static implicit operator Symbol(double constant) => new(Node.Constant(constant, Shape.Scalar));

    public static Symbol operator +(Symbol a, Symbol b) => a.IsZero ? b : b.IsZero ? a : Of(new Primitives.Addition(), a, b);

    public static Symbol operator -(Symbol a, Symbol b) => b.IsZero ? a : a.IsZero ? -b : Of(new Primitives.Subtraction(), a, b);

    public static Symbol operator *(Symbol a, Symbol b)
        => a.IsZero || b.IsZero ? 0 : a.Is(1) ? b : b.Is(1) ? a : a.Is(-1) ? -b : b.Is(-1) ? -a : Of(new Primitives.Multiplication(), a, b);

    public static Symbol operator /(Symbol a, Symbol b)
        => a.IsZero && !b.IsZero ? 0 : b.Is(1) ? a : b.Is(-1) ? -a : Of(new Primitives.Division(), a, b);

    public static Symbol operator -(Symbol x)
        => x.Node?.Op is Map<Primitives.Negation> ? new(x.Node.Inputs[0]) : Of(new Primitives.Negation(), x);

    public static Symbol MultiplyAdd(Symbol a, Symbol b, Symbol c) => a.IsZero || b.IsZero ? c : Of(new Primitives.MultiplyAdd(), a, b, c);

    public static Symbol Sqrt(Symbol x) => Of(new Primitives.Sqrt(), x);

    public static Symbol Abs(Symbol x) => Of(new Primitives.Abs(), x);

    public static Symbol Exp(Symbol x) => Of(new Primitives.Exp(), x);

    public static Symbol Expm1(Symbol x) => Of(new Primitives.Expm1(), x);

    public static Symbol Log(Symbol x) => Of(new Primitives.Log(), x);

    public static Symbol Log1p(Symbol x) => Of(new Primitives.Log1p(), x);

    public static Symbol Sigmoid(Symbol x) => Of(new Primitives.Sigmoid(), x);

    public static Symbol Tanh(Symbol x) => Of(new Primitives.Tanh(), x);

    public static Symbol Erf(Symbol x) => Of(new Primitives.Erf(), x);

    public static Symbol Erfc(Symbol x) => Of(new Primitives.Erfc(), x);

    public static Symbol Sin(Symbol x) => Of(new Primitives.Sin(), x);

    public static Symbol Cos(Symbol x) => Of(new Primitives.Cos(), x);

    public static Symbol IfPositive(Symbol x, Symbol then, Symbol otherwise)
        => then == otherwise || (then.Number is { } number && otherwise.Is(number)) ? then
            : x.Number is { } known ? (known > 0 ? then : otherwise)
            : Of(new Primitives.IfPositive(), x, then, otherwise);

    private bool Is(double value) => Number is { } number && number.Equals(value);

    private static Symbol Of<TF>(TF f, params ReadOnlySpan<Symbol> operands) where TF : struct, IFormula
    {
        var (nodes, allKnown) = (new Node[operands.Length], true);
        var numbers = new Lanes<double, double, Simd1<double>>[3];
        for (var i = 0; i < operands.Length; i++)
        {
            nodes[i] = operands[i].Node;
            allKnown &= operands[i].Number is not null;
            numbers[i] = operands[i].Number ?? 0;
        }

        return allKnown ? (Symbol)f.Of(numbers[0], numbers[1], numbers[2]).Vector : new(Map.Of(f, nodes));
    }
}
