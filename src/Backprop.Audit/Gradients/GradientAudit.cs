using Backprop.Models;
using Backprop.Planning;
using Backprop.Torch;

namespace Backprop.Audit;

/// <summary>Judges loss, logits and every gradient of the engine by three witnesses: itself in float32, libtorch in float32, and a float64 reference.</summary>
/// <remarks>
/// The reference is the network by plain loops in double. The engine in double and libtorch in double confirm it, or central
/// differences and second texts of the formulas decide who is worse. Each float32 gradient is held to the other
/// library's error and to a bound for each element, read off the network's own formulas.
/// </remarks>
public static partial class GradientAudit
{
    /// <summary>Begins the stream of dropout's masks, the same in every witness.</summary>
    public const long MaskSeed = 7;

    /// <summary>Audits the engine on a batch, which is the whole table.</summary>
    /// <param name="weights">The weights of any network.</param>
    /// <param name="batch">The batch: every row of the table.</param>
    /// <param name="engine">Threads and vector width.</param>
    /// <param name="withTorch">
    /// Whether libtorch is a witness; if it cannot be loaded, or has no counterpart of a layer, the report says so, and the others decide.
    /// </param>
    /// <returns>Loss, logits and every gradient, each with its verdict.</returns>
    /// <exception cref="ArgumentException">The batch does not fit the network, is too large for memory, or a number is not finite.</exception>
    public static GradientReport Run(Weights<float> weights, Examples<float> batch, EngineOptions? engine = null, bool withTorch = true)
    {
        using var single = new EnginePass<float>(weights.Model, batch, engine);
        using var precise = new EnginePass<double>(weights.Model, batch, engine);
        return Run(weights, batch, single.Run, precise.Run, withTorch);
    }

    /// <summary>Audits any implementation, such as a broken one to see the audit fail.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="batch">The batch: every row of the table.</param>
    /// <param name="single">The implementation in float.</param>
    /// <param name="precise">The implementation in double.</param>
    /// <param name="withTorch">Whether libtorch is a witness.</param>
    /// <returns>Loss, logits and every gradient, each with its verdict.</returns>
    /// <exception cref="ArgumentException">The batch does not fit the network, is too large for memory, or a number is not finite.</exception>
    public static GradientReport Run(
        Weights<float> weights, Examples<float> batch, GradientsOf<float> single, GradientsOf<double> precise, bool withTorch = true)
    {
        Preconditions.Require(weights, batch);
        string missing;
        try
        {
            if (withTorch)
            {
                using var torch32 = new TorchModel<float>(weights);
                using var torch64 = new TorchModel<double>(weights.To<double>());
                return Reasons.Named(Comparison.Of(weights, batch, single, precise, TorchPass.Of(torch32), TorchPass.Of(torch64)), weights, batch);
            }

            missing = "libtorch was not asked.";
        }
        catch (Exception error) when (error is DllNotFoundException or NotSupportedException)
        {
            // It cannot be loaded, or has no counterpart of a layer, a formula or an option.
            missing = error.Message;
        }

        return Comparison.Of(weights, batch, single, precise, null, null) with { TorchMissing = missing };
    }

    /// <summary>Audits two implementations side by side.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="batch">The batch: every row of the table.</param>
    /// <param name="single">Ours in float.</param>
    /// <param name="precise">Ours in double.</param>
    /// <param name="theirs">Theirs in float.</param>
    /// <param name="theirsPrecise">Theirs in double.</param>
    /// <returns>Loss, logits and every gradient, each with its verdict; theirs stand where libtorch's do elsewhere.</returns>
    /// <exception cref="ArgumentException">The batch does not fit the network, is too large for memory, or a number is not finite.</exception>
    public static GradientReport Run(
        Weights<float> weights, Examples<float> batch, GradientsOf<float> single, GradientsOf<double> precise,
        GradientsOf<float> theirs, GradientsOf<double> theirsPrecise)
    {
        Preconditions.Require(weights, batch);
        return Comparison.Of(weights, batch, single, precise, theirs, theirsPrecise);
    }
}
