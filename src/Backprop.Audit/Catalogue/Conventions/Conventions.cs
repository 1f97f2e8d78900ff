using Backprop.Torch;

namespace Backprop.Audit;

/// <summary>PyTorch's conventions where several would do, each computed here and now, by libtorch and by the engine's kernels.</summary>
/// <remarks>
/// Kinks, zeros of either sign, infinities, NaN, saturation, ties, rows that do not count, and where weight decay and ε stand. What is
/// not PyTorch's on purpose is named, with its reason, in <see cref="Deviations"/>; a name that no longer deviates fails like a deviation without one.
/// </remarks>
public static class Conventions
{
    private static readonly Lazy<IReadOnlyList<Convention>> Computed = new(() =>
    {
        TorchLibrary.EnsureLoaded();
        return
        [
            .. FormulaConventions.All, .. HeadConventions.All, .. OperationConventions.All, .. LayerConventions.All,
            .. OptimizerConventions.All,
        ];
    });

    /// <summary>Every convention.</summary>
    /// <exception cref="DllNotFoundException">libtorch cannot be loaded.</exception>
    public static IReadOnlyList<Convention> All => Computed.Value;
}
