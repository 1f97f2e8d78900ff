using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Audit;
using Backprop.Comparisons.Cases;
using Backprop.Formulas;
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
}

/// <summary>The engine's, by the kernel that applies an activation.</summary>
internal sealed class EngineFunction<T, TF> : ArrayFunction<T>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TF : struct, IFunction
{
    private readonly Block<T> block;
    private readonly int count;

    public EngineFunction(T[] arguments) : base(arguments.Length)
    {
        var x = Buffers.Allocate<T>(count = arguments.Length);
        arguments.CopyTo(x.Buffer, x.Offset);
        block = Kernels<T>.Of(null).Activate(Activation.Of(new AsActivation()), x, Values);
    }

    /// <inheritdoc/>
    public override void Run() => block.Run(0, count);

    /// <summary>The kernel's input; its derivative is never asked for.</summary>
    private readonly record struct AsActivation : IActivation
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TX Forward<TX>(TX x) where TX : IReal<TX> => default(TF).Engine(x);

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => y;
    }
}

/// <summary>System.Numerics.Tensors'.</summary>
internal sealed class PrimitivesFunction<T, TF>(T[] arguments) : ArrayFunction<T>(arguments.Length)
    where T : unmanaged, IFloatingPointIeee754<T>
    where TF : struct, IFunction
{
    /// <inheritdoc/>
    public override void Run() => default(TF).Primitives<T>(arguments, Values.Buffer.AsSpan(Values.Offset));
}

/// <summary>The base library's, number by number.</summary>
internal sealed class ScalarFunction<T, TF>(T[] arguments) : ArrayFunction<T>(arguments.Length)
    where T : unmanaged, IFloatingPointIeee754<T>
    where TF : struct, IFunction
{
    /// <inheritdoc/>
    public override void Run() => Apply(arguments, Values.Buffer.AsSpan(Values.Offset));

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
    where TF : struct, IFunction
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
