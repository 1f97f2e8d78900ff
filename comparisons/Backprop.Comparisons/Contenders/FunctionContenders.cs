using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Audit;
using Backprop.Comparisons.Cases;
using Backprop.Kernels;
using Backprop.Torch;
using static TorchSharp.torch;

namespace Backprop.Comparisons.Contenders;

/// <summary>A function applied to numbers in arrays.</summary>
internal abstract class ArrayFunction<T>(int count) : Contender where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Where results go.</summary>
    protected Slice<T> Values { get; } = Buffers.Allocate<T>(count);

    /// <inheritdoc/>
    public sealed override double[] Results()
    {
        Run();
        return [.. Enumerable.Range(0, count).Select(i => double.CreateTruncating(Values.At(i)))];
    }

    /// <summary>The numbers at the alignment that all of them get.</summary>
    protected static Slice<T> Aligned(T[] numbers)
    {
        var slice = Buffers.Allocate<T>(numbers.Length);
        numbers.CopyTo(slice.Buffer, slice.Offset);
        return slice;
    }

    /// <summary>All of a slice's numbers.</summary>
    protected Span<T> Span(Slice<T> slice) => slice.Buffer.AsSpan(slice.Offset, count);
}

/// <summary>The engine's, by its catalogue.</summary>
internal sealed class EngineFunction<T>(string name, T[] arguments) : ArrayFunction<T>(arguments.Length) where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly ElementaryFunction function = ElementaryFunction.All.Single(f => f.Name == name);
    private readonly Kernels<T> kernels = Kernels<T>.Of(null);
    private readonly Slice<T> x = Aligned(arguments);

    /// <inheritdoc/>
    public override void Run() => function.Apply<T>(kernels, Span(x), Span(Values));
}

/// <summary>System.Numerics.Tensors'.</summary>
internal sealed class PrimitivesFunction<T, TF>(T[] arguments) : ArrayFunction<T>(arguments.Length)
    where T : unmanaged, IFloatingPointIeee754<T>
    where TF : struct, ISpelling
{
    private readonly Slice<T> x = Aligned(arguments);

    /// <inheritdoc/>
    public override void Run() => default(TF).Primitives<T>(Span(x), Span(Values));
}

/// <summary>The base library's, number by number.</summary>
internal sealed class ScalarFunction<T, TF>(T[] arguments) : ArrayFunction<T>(arguments.Length)
    where T : unmanaged, IFloatingPointIeee754<T>
    where TF : struct, ISpelling
{
    private readonly Slice<T> x = Aligned(arguments);

    /// <inheritdoc/>
    public override void Run() => Apply(Span(x), Span(Values));

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Apply(ReadOnlySpan<T> x, Span<T> y)
    {
        for (var i = 0; i < x.Length; i++)
        {
            y[i] = default(TF).Scalar(x[i]);
        }
    }
}

/// <summary>libtorch's; the result is a new tensor, as its interface has it.</summary>
internal sealed class TorchFunction<T, TF> : TorchContender
    where T : unmanaged, IFloatingPointIeee754<T>
    where TF : struct, ISpelling
{
    private readonly Tensor x;

    public TorchFunction(T[] arguments) : base(1)
    {
        TorchLibrary.EnsureLoaded();
        x = tensor([.. arguments.Select(double.CreateTruncating)], typeof(T) == typeof(double) ? ScalarType.Float64 : ScalarType.Float32);
    }

    /// <inheritdoc/>
    public override void Dispose() => x.Dispose();

    /// <inheritdoc/>
    protected override Tensor Compute() => default(TF).Torch(x);
}
