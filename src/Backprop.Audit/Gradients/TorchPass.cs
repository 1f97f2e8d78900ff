using System.Numerics;
using Backprop.Torch;

namespace Backprop.Audit;

/// <summary>libtorch as a witness.</summary>
internal static class TorchPass
{
    /// <summary>Its pass, with the audit's dropout masks at every run.</summary>
    public static GradientsOf<T> Of<T>(TorchModel<T> network) where T : unmanaged, IFloatingPointIeee754<T> => (_, examples, rows, gradients, logits) =>
    {
        TorchSharp.torch.manual_seed(GradientAudit.MaskSeed);
        return network.Gradients(examples, rows, gradients, logits);
    };
}
