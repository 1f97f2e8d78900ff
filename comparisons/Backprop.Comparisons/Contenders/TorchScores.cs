using Backprop.Audit;
using Backprop.Models;
using Backprop.Torch;
using static TorchSharp.torch;

namespace Backprop.Comparisons.Contenders;

/// <summary>libtorch on that many threads: a run begins with <see cref="Begin"/>, which sets them for the whole process.</summary>
internal abstract class TorchContender(int threads) : Contender
{
    private int threadsBefore;

    /// <inheritdoc/>
    public override int Threads => threads;

    /// <inheritdoc/>
    public override void Begin() => (threadsBefore, TorchLibrary.Threads) = (TorchLibrary.Threads, threads);

    /// <inheritdoc/>
    public override void End() => TorchLibrary.Threads = threadsBefore;

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

/// <summary>libtorch's probabilities, from the rows as a ready-made tensor, without autograd.</summary>
internal sealed class TorchScores : TorchContender
{
    private readonly TorchMlp<float> network;
    private readonly Tensor rows;

    public TorchScores(Weights<float> weights, float[] features, int threads) : base(threads)
    {
        network = new(weights);
        rows = tensor(features, [features.Length / weights.Mlp.Inputs, weights.Mlp.Inputs]);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        rows.Dispose();
        network.Dispose();
    }

    /// <inheritdoc/>
    protected override Tensor Compute()
    {
        using var inference = inference_mode();
        using var logits = network.Network.call(rows);
        return logits.softmax(1);
    }
}
