using System.Numerics;
using Backprop.Formulas;
using Backprop.Kernels;

namespace Backprop.Tests.Formulas;

/// <summary>An activation and its derivative at many points, as the kernels of one width compute them.</summary>
internal sealed record Curve<T>(T[] Values, T[] Slopes) where T : unmanaged, IFloatingPointIeee754<T>
{
    public static Curve<T> Of(Activation f, int bits, ReadOnlySpan<T> x)
    {
        var (kernels, length) = (Kernels<T>.Of(bits), (x.Length + 15) / 16 * 16);
        var (at, y, slope) = (Buffers.Allocate<T>(length), Buffers.Allocate<T>(length), Buffers.Allocate<T>(length));
        x.CopyTo(Numbers(at, x.Length));
        kernels.Activate(f, at, y).Run(0, length);
        Numbers(slope, length).Fill(T.One);
        kernels.ActivationGradient(f, slope, at, y, slope).Run(0, length);
        return new(Numbers(y, x.Length).ToArray(), Numbers(slope, x.Length).ToArray());
    }

    private static Span<T> Numbers(Slice<T> of, int length) => of.Buffer.AsSpan(of.Offset, length);
}
