using Backprop.Audit;
using Backprop.Comparisons.Contenders;
using Backprop.Comparisons.MachineLearning;
using Backprop.ML;
using Backprop.Models;
using Backprop.Torch;
using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Backprop.Comparisons.Fitting;

/// <summary>The trainer's Fit; its result is the mean loss in the last epoch.</summary>
internal sealed class EngineFit(TorchFitCase fit, IDataView view, int threads) : Contender
{
    private readonly IEstimator<ITransformer> trainer = NetworkData.Trainer(new(seed: 1), fit.Mlp, new()
    {
        NumberOfIterations = fit.Epochs,
        BatchSize = fit.Batch,
        NumberOfThreads = threads,
        ValidationFraction = 0,
    });

    /// <inheritdoc/>
    public override int Threads => threads;

    /// <inheritdoc/>
    public override void Run() => trainer.Fit(view);

    /// <inheritdoc/>
    public override double[] Results()
    {
        var model = ((ISingleFeaturePredictionTransformer<IMultilayerPerceptronModel>)trainer.Fit(view)).Model;
        return [model.History[^1].TrainingLoss];
    }
}

/// <summary>
/// Reads the view into a tensor, then goes over it in mini-batches drawn by randperm: each is gathered, run through an nn.Sequential, and
/// stepped by Adam.
/// </summary>
internal sealed class TorchFit(TorchFitCase fit, IDataView view, int threads) : TorchContender(threads)
{
    private static readonly TrainingOptions Defaults = new();

    /// <inheritdoc/>
    protected override Tensor Compute()
    {
        TorchLibrary.EnsureLoaded();
        var mlp = fit.Mlp;
        var (features, labels) = Read(mlp);
        using var scope = NewDisposeScope();
        var (x, y) = (tensor(features, [fit.Count, mlp.Inputs]), tensor(labels));
        y = mlp.Head.ClassLabels ? y.to(ScalarType.Int64) : y.unsqueeze(1);
        using var model = new TorchModel<float>(Initializers.Default<float>(mlp, Defaults.Seed));
        using var optimizer = Twins.Of(Defaults.Optimizer, model.Network.parameters());
        using var shuffles = new Generator((ulong)Streams.Of(Defaults.Seed, Streams.Shuffles), CPU);
        var sum = 0.0;
        for (var epoch = 0; epoch < fit.Epochs; epoch++)
        {
            sum = 0;
            using var order = randperm(fit.Count, generator: shuffles);
            foreach (var batch in order.split(fit.Batch))
            {
                using var step = NewDisposeScope();
                optimizer.zero_grad();
                var z = model.Network.call(x[batch]);
                var loss = mlp.Head.ClassLabels
                    ? nn.functional.cross_entropy(z, y[batch])
                    : nn.functional.binary_cross_entropy_with_logits(z, y[batch]);
                loss.backward();
                optimizer.step();
                sum += batch.shape[0] * loss.item<float>();
            }
        }

        return tensor(sum / fit.Count).MoveToOuterDisposeScope();
    }

    private (float[] Features, float[] Labels) Read(Mlp mlp)
    {
        var (features, labels) = (new float[fit.Count * mlp.Inputs], new float[fit.Count]);
        var (column, label) = (view.Schema[nameof(NetworkRow<>.Features)], view.Schema[nameof(NetworkRow<>.Label)]);
        using var cursor = view.GetRowCursor([column, label]);
        var featuresOf = cursor.GetGetter<VBuffer<float>>(column);
        var keyOf = mlp.Head.ClassLabels ? cursor.GetGetter<uint>(label) : null;
        var classOf = mlp.Head.ClassLabels ? null : cursor.GetGetter<bool>(label);
        var (row, key, isTrue) = (default(VBuffer<float>), 0u, false);
        for (var i = 0; cursor.MoveNext(); i++)
        {
            featuresOf(ref row);
            row.CopyTo(features.AsSpan(i * mlp.Inputs, mlp.Inputs));
            keyOf?.Invoke(ref key);
            classOf?.Invoke(ref isTrue);
            labels[i] = keyOf is not null ? key - 1 : isTrue ? 1 : 0;
        }

        return (features, labels);
    }
}
