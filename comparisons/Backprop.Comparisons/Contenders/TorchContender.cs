using Backprop.Audit;
using Backprop.Torch;
using static TorchSharp.torch;

namespace Backprop.Comparisons.Contenders;

/// <summary>libtorch on that many threads: a run begins with <see cref="Begin"/>, which sets them for the whole process.</summary>
internal abstract class TorchContender(int threads) : Contender
{
    private TorchThreads? set;

    /// <inheritdoc/>
    public override int Threads => threads;

    /// <inheritdoc/>
    public override void Begin() => set = new(threads);

    /// <inheritdoc/>
    public override void End() => set!.Dispose();

    /// <inheritdoc/>
    public override void Run() => Compute().Dispose();

    /// <inheritdoc/>
    public override double[] Results()
    {
        using var result = Compute();
        using var numbers = result.to(ScalarType.Float64).contiguous();
        return [.. numbers.data<double>()];
    }

    /// <summary>Does the work; the result is the caller's.</summary>
    protected abstract Tensor Compute();
}
