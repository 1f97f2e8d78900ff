using System.Numerics;
using System.Numerics.Tensors;
using Backprop.Comparisons.Measuring;
using Backprop.Formulas;
using Tensor = TorchSharp.torch.Tensor;

namespace Backprop.Comparisons.Cases;

/// <summary>A function as each library spells it.</summary>
internal interface IFunction
{
    /// <summary>Where it is timed: where networks use it.</summary>
    (double Low, double High) Range { get; }

    /// <summary>The engine's.</summary>
    TX Engine<TX>(TX x) where TX : IReal<TX>;

    /// <summary>System.Numerics.Tensors'.</summary>
    void Primitives<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T>;

    /// <summary>MathF's, or Math's of doubles.</summary>
    T Scalar<T>(T x) where T : IFloatingPointIeee754<T>;

    /// <summary>libtorch's.</summary>
    Tensor Torch(Tensor x);
}

/// <summary>The functions there are; one entry and one struct each.</summary>
internal static class Functions
{
    /// <summary>System.Numerics.Tensors.</summary>
    public static Library Primitives { get; } = new("primitives", "TensorPrimitives");

    /// <summary>The base library's functions of one number.</summary>
    public static Library Scalar { get; } = new("math", "Math, MathF");

    /// <summary>Every function in both precisions.</summary>
    public static IEnumerable<Case> All => [.. Of<Exp>(), .. Of<Log>(), .. Of<Log1p>(), .. Of<Tanh>()];

    private static Case[] Of<TF>() where TF : struct, IFunction => [new FunctionCase<float, TF>(), new FunctionCase<double, TF>()];

    private readonly record struct Exp : IFunction
    {
        public (double Low, double High) Range => (-10, 10);

        public TX Engine<TX>(TX x) where TX : IReal<TX> => TX.Exp(x);

        public void Primitives<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T> => TensorPrimitives.Exp(x, y);

        public T Scalar<T>(T x) where T : IFloatingPointIeee754<T> => T.Exp(x);

        public Tensor Torch(Tensor x) => x.exp();
    }

    private readonly record struct Log : IFunction
    {
        public (double Low, double High) Range => (0.01, 100);

        public TX Engine<TX>(TX x) where TX : IReal<TX> => TX.Log(x);

        public void Primitives<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T> => TensorPrimitives.Log(x, y);

        public T Scalar<T>(T x) where T : IFloatingPointIeee754<T> => T.Log(x);

        public Tensor Torch(Tensor x) => x.log();
    }

    private readonly record struct Log1p : IFunction
    {
        public (double Low, double High) Range => (0.001, 1);

        public TX Engine<TX>(TX x) where TX : IReal<TX> => TX.Log1p(x);

        public void Primitives<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T> => TensorPrimitives.LogP1(x, y);

        public T Scalar<T>(T x) where T : IFloatingPointIeee754<T> => T.LogP1(x);

        public Tensor Torch(Tensor x) => x.log1p();
    }

    private readonly record struct Tanh : IFunction
    {
        public (double Low, double High) Range => (-4, 4);

        public TX Engine<TX>(TX x) where TX : IReal<TX> => TX.Tanh(x);

        public void Primitives<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T> => TensorPrimitives.Tanh(x, y);

        public T Scalar<T>(T x) where T : IFloatingPointIeee754<T> => T.Tanh(x);

        public Tensor Torch(Tensor x) => x.tanh();
    }
}
