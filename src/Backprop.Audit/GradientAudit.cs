using Backprop.Models;
using Backprop.Planning;
using Backprop.Torch;
using Backprop.Training;

namespace Backprop.Audit;

/// <summary>Compares loss, logits and every gradient of the engine with the same network in PyTorch.</summary>
/// <remarks>
/// The reference is libtorch in float64. The engine in float32 is held to libtorch's own float32 error, tensor by tensor, and
/// to a bound for each element; the engine in double to that bound in double.
/// </remarks>
public static partial class GradientAudit
{
    /// <summary>Audits the engine on a batch, which is the whole table.</summary>
    public static GradientReport Run(Weights<float> weights, Examples<float> batch, EngineOptions? engine = null)
    {
        var sparse = batch.SparseFeatures is not null;
        using var single = new GradientPass<float>(weights.Model, batch.Rows, engine, sparse);
        using var precise = new GradientPass<double>(weights.Model, batch.Rows, engine, sparse);
        return Run(weights, batch, single.Run, precise.Run);
    }

    /// <summary>Audits any implementation, such as a broken one to see the audit fail.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="batch">The batch: every row of the table.</param>
    /// <param name="single">The implementation in float.</param>
    /// <param name="precise">The implementation in double.</param>
    public static GradientReport Run(Weights<float> weights, Examples<float> batch, GradientsOf<float> single, GradientsOf<double> precise)
    {
        var (weights64, batch64) = (weights.To<double>(), batch.To<double>());
        using var torch32 = new TorchModel<float>(weights);
        using var torch64 = new TorchModel<double>(weights64);
        var ours = Tensors.Run(single, weights, batch);
        var ours64 = Tensors.Run(precise, weights64, batch64);
        var theirs = Tensors.Run((_, examples, rows, gradients, logits) => torch32.Gradients(examples, rows, gradients, logits), weights, batch);
        var reference = Tensors.Run((_, examples, rows, gradients, logits) => torch64.Gradients(examples, rows, gradients, logits), weights64, batch64);
        var worst = new ErrorScales(weights64, batch64, Accumulation.Worst);
        var typical = new ErrorScales(weights64, batch64, Accumulation.Independent);
        var judged = reference.Select((tensor, i) =>
        {
            var (scale, kink) = typical.ByName[tensor.Name];
            return Criteria.Judge(ours[i], theirs[i], ours64[i], tensor, worst.ByName[tensor.Name].Scale, scale, kink);
        });
        return new(
            weights.Model.ToString(), batch.Rows, ours[0].Values[0], theirs[0].Values[0], reference[0].Values[0], [.. judged], typical.Kinks);
    }
}
