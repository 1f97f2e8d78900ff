using System.Numerics;
using Backprop.Graph;
using Backprop.Models;
using Backprop.Planning;
using Backprop.Training;

namespace Backprop.Audit;

/// <summary>The engine's pass over a network of any layers, with the audit's dropout masks at every run.</summary>
/// <typeparam name="T">float or double.</typeparam>
internal sealed class EnginePass<T> : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Func<GradientPass<T>> plan;
    private readonly bool isRandom;
    private GradientPass<T> pass;

    /// <summary>Plans the pass for a batch.</summary>
    /// <param name="model">The network.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="engine">Threads and vector width.</param>
    /// <param name="rewriting">Puts other nodes in the place of some of the graph; null for the engine as it is.</param>
    public EnginePass(Model model, Examples<float> batch, EngineOptions? engine, Func<Rewriting>? rewriting = null)
    {
        isRandom = model.HasDropout;
        plan = () => new(model, batch.Rows, engine, batch.SparseFeatures is not null,
            isRandom ? new TorchRandom(GradientAudit.MaskSeed) : null, false, rewriting?.Invoke());
        pass = plan();
    }

    /// <inheritdoc cref="GradientsOf{T}"/>
    public double Run(Weights<T> weights, Examples<T> examples, ReadOnlySpan<int> rows, Weights<T> gradients, Span<T> logits)
    {
        var loss = pass.Run(weights, examples, rows, gradients, logits);
        if (isRandom)
        {
            // Its stream went on: the next run begins anew.
            pass.Dispose();
            pass = plan();
        }

        return loss;
    }

    /// <inheritdoc/>
    public void Dispose() => pass.Dispose();
}
