using System.Numerics;
using System.Numerics.Tensors;
using Backprop.Comparisons.Measuring;
using Backprop.Kernels;
using Tensor = TorchSharp.torch.Tensor;

namespace Backprop.Comparisons.Cases;

/// <summary>A function of the engine's catalogue as other libraries spell it; its type has the catalogue's name.</summary>
internal interface ISpelling
{
    /// <summary>Where it is measured: where networks use it.</summary>
    (double Low, double High) Range { get; }

    /// <summary>Whether the base library has it.</summary>
    bool InDotNet => true;

    /// <summary>System.Numerics.Tensors'.</summary>
    void Primitives<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T>
        => throw new NotSupportedException($"System.Numerics.Tensors has no '{GetType().Name}'. Ask {nameof(InDotNet)} first.");

    /// <summary>MathF's, or Math's of doubles.</summary>
    T Scalar<T>(T x) where T : IFloatingPointIeee754<T>
        => throw new NotSupportedException($"The base library has no '{GetType().Name}'. Ask {nameof(InDotNet)} first.");

    /// <summary>libtorch's.</summary>
    Tensor Torch(Tensor x);
}

/// <summary>The functions there are.</summary>
internal static class Functions
{
    /// <summary>System.Numerics.Tensors.</summary>
    public static Library Primitives { get; } = new("primitives", "TensorPrimitives");

    /// <summary>The base library's functions of one number.</summary>
    public static Library Scalar { get; } = new("math", "Math, MathF");

    /// <summary>Every function of the catalogue in both precisions.</summary>
    /// <exception cref="InvalidOperationException">One is not spelled here.</exception>
    public static IEnumerable<Case> All => ElementaryFunction.All.SelectMany(function => Spelled.GetValueOrDefault(function.Name)
        ?? throw new InvalidOperationException($"The function '{function.Name}' is not compared. Add a struct of that name here, and Of<...>() to Spelled."));

    private static Dictionary<string, Case[]> Spelled => new[]
    {
        Of<Exp>(), Of<Expm1>(), Of<Log>(), Of<Log1p>(), Of<Sigmoid>(), Of<Tanh>(), Of<Erf>(), Of<Erfc>(), Of<Sin>(), Of<Cos>(),
    }.ToDictionary(spelled => spelled.Name, spelled => spelled.Cases);

    private static (string Name, Case[] Cases) Of<TF>() where TF : struct, ISpelling
        => (FunctionCase<float, TF>.FunctionName, [new FunctionCase<float, TF>(), new FunctionCase<double, TF>()]);

    private readonly record struct Exp : ISpelling
    {
        public (double Low, double High) Range => (-10, 10);

        public void Primitives<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T> => TensorPrimitives.Exp(x, y);

        public T Scalar<T>(T x) where T : IFloatingPointIeee754<T> => T.Exp(x);

        public Tensor Torch(Tensor x) => x.exp();
    }

    private readonly record struct Expm1 : ISpelling
    {
        public (double Low, double High) Range => (-2, 2);

        public void Primitives<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T> => TensorPrimitives.ExpM1(x, y);

        public T Scalar<T>(T x) where T : IFloatingPointIeee754<T> => T.ExpM1(x);

        public Tensor Torch(Tensor x) => x.expm1();
    }

    private readonly record struct Log : ISpelling
    {
        public (double Low, double High) Range => (0.01, 100);

        public void Primitives<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T> => TensorPrimitives.Log(x, y);

        public T Scalar<T>(T x) where T : IFloatingPointIeee754<T> => T.Log(x);

        public Tensor Torch(Tensor x) => x.log();
    }

    private readonly record struct Log1p : ISpelling
    {
        public (double Low, double High) Range => (0.001, 1);

        public void Primitives<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T> => TensorPrimitives.LogP1(x, y);

        public T Scalar<T>(T x) where T : IFloatingPointIeee754<T> => T.LogP1(x);

        public Tensor Torch(Tensor x) => x.log1p();
    }

    private readonly record struct Sigmoid : ISpelling
    {
        public (double Low, double High) Range => (-10, 10);

        public void Primitives<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T> => TensorPrimitives.Sigmoid(x, y);

        public T Scalar<T>(T x) where T : IFloatingPointIeee754<T> => T.One / (T.One + T.Exp(-x));

        public Tensor Torch(Tensor x) => x.sigmoid();
    }

    private readonly record struct Tanh : ISpelling
    {
        public (double Low, double High) Range => (-4, 4);

        public void Primitives<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T> => TensorPrimitives.Tanh(x, y);

        public T Scalar<T>(T x) where T : IFloatingPointIeee754<T> => T.Tanh(x);

        public Tensor Torch(Tensor x) => x.tanh();
    }

    private readonly record struct Erf : ISpelling
    {
        public (double Low, double High) Range => (-4, 4);

        public bool InDotNet => false;

        public Tensor Torch(Tensor x) => x.erf();
    }

    private readonly record struct Erfc : ISpelling
    {
        public (double Low, double High) Range => (-4, 4);

        public bool InDotNet => false;

        public Tensor Torch(Tensor x) => x.erfc();
    }

    private readonly record struct Sin : ISpelling
    {
        public (double Low, double High) Range => (-10, 10);

        public void Primitives<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T> => TensorPrimitives.Sin(x, y);

        public T Scalar<T>(T x) where T : IFloatingPointIeee754<T> => T.Sin(x);

        public Tensor Torch(Tensor x) => x.sin();
    }

    private readonly record struct Cos : ISpelling
    {
        public (double Low, double High) Range => (-10, 10);

        public void Primitives<T>(ReadOnlySpan<T> x, Span<T> y) where T : IFloatingPointIeee754<T> => TensorPrimitives.Cos(x, y);

        public T Scalar<T>(T x) where T : IFloatingPointIeee754<T> => T.Cos(x);

        public Tensor Torch(Tensor x) => x.cos();
    }
}
