using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <summary>The operations of <see cref="IReal{TX}"/>, each as a formula of its own.</summary>
public static class Primitives
{
    /// <summary>a + b.</summary>
    public readonly record struct Addition : IFormula
    {
        /// <inheritdoc/>
        public static int Inputs => 2;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => a + b;
    }

    /// <summary>a − b.</summary>
    public readonly record struct Subtraction : IFormula
    {
        /// <inheritdoc/>
        public static int Inputs => 2;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => a - b;
    }

    /// <summary>a · b.</summary>
    public readonly record struct Multiplication : IFormula
    {
        /// <inheritdoc/>
        public static int Inputs => 2;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => a * b;
    }

    /// <summary>a / b.</summary>
    public readonly record struct Division : IFormula
    {
        /// <inheritdoc/>
        public static int Inputs => 2;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => a / b;
    }

    /// <summary>−a.</summary>
    public readonly record struct Negation : IFormula
    {
        /// <inheritdoc/>
        public static int Inputs => 1;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => -a;
    }

    /// <summary>a itself.</summary>
    public readonly record struct Copy : IFormula
    {
        /// <inheritdoc/>
        public static int Inputs => 1;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => a;
    }

    /// <summary>a · b + c, rounded once.</summary>
    public readonly record struct MultiplyAdd : IFormula
    {
        /// <inheritdoc/>
        public static int Inputs => 3;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => TX.MultiplyAdd(a, b, c);
    }

    /// <summary>The square root.</summary>
    public readonly record struct Sqrt : IFormula
    {
        /// <inheritdoc/>
        public static int Inputs => 1;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => TX.Sqrt(a);
    }

    /// <summary>|a|, with derivative 0 at 0 as in PyTorch.</summary>
    public readonly record struct Abs : IFormula
    {
        /// <inheritdoc/>
        public static int Inputs => 1;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => TX.Abs(a);
    }

    /// <summary>eᵃ.</summary>
    public readonly record struct Exp : IFormula
    {
        /// <inheritdoc/>
        public static int Inputs => 1;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => TX.Exp(a);
    }

    /// <summary>eᵃ − 1.</summary>
    public readonly record struct Expm1 : IFormula
    {
        /// <inheritdoc/>
        public static int Inputs => 1;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => TX.Expm1(a);
    }

    /// <summary>The natural logarithm.</summary>
    public readonly record struct Log : IFormula
    {
        /// <inheritdoc/>
        public static int Inputs => 1;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => TX.Log(a);
    }

    /// <summary>log(1 + a).</summary>
    public readonly record struct Log1p : IFormula
    {
        /// <inheritdoc/>
        public static int Inputs => 1;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => TX.Log1p(a);
    }

    /// <summary>1 / (1 + e⁻ᵃ).</summary>
    public readonly record struct Sigmoid : IFormula
    {
        /// <inheritdoc/>
        public static int Inputs => 1;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => TX.Sigmoid(a);
    }

    /// <summary>The hyperbolic tangent.</summary>
    public readonly record struct Tanh : IFormula
    {
        /// <inheritdoc/>
        public static int Inputs => 1;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => TX.Tanh(a);
    }

    /// <summary>The error function.</summary>
    public readonly record struct Erf : IFormula
    {
        /// <inheritdoc/>
        public static int Inputs => 1;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => TX.Erf(a);
    }

    /// <summary>1 − erf a.</summary>
    public readonly record struct Erfc : IFormula
    {
        /// <inheritdoc/>
        public static int Inputs => 1;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => TX.Erfc(a);
    }

    /// <summary>The sine.</summary>
    public readonly record struct Sin : IFormula
    {
        /// <inheritdoc/>
        public static int Inputs => 1;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => TX.Sin(a);
    }

    /// <summary>The cosine.</summary>
    public readonly record struct Cos : IFormula
    {
        /// <inheritdoc/>
        public static int Inputs => 1;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => TX.Cos(a);
    }

    /// <summary>b where a &gt; 0, else c.</summary>
    public readonly record struct IfPositive : IFormula
    {
        /// <inheritdoc/>
        public static int Inputs => 3;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => TX.IfPositive(a, b, c);
    }

    /// <summary>The larger of a and b, NaN if one is; equals share the gradient half and half, as in PyTorch's <c>maximum</c>.</summary>
    public readonly record struct Maximum : IFormula
    {
        /// <inheritdoc/>
        public static int Inputs => 2;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => TX.IfPositive(a - b, a, TX.IfPositive(b - a, b, 0.5 * a + 0.5 * b));
    }

    /// <summary>The smaller of a and b, NaN if one is; equals share the gradient half and half, as in PyTorch's <c>minimum</c>.</summary>
    public readonly record struct Minimum : IFormula
    {
        /// <inheritdoc/>
        public static int Inputs => 2;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => TX.IfPositive(b - a, a, TX.IfPositive(a - b, b, 0.5 * a + 0.5 * b));
    }

    /// <summary>The larger of a and b; a where b is NaN.</summary>
    public readonly record struct Larger : IFormula
    {
        /// <inheritdoc/>
        public static int Inputs => 2;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => TX.IfPositive(b - a, b, a);
    }
}
