using static TorchSharp.torch;

namespace Backprop.Interop.Tests.Audit;

/// <summary>A module of a user's own, without parameters.</summary>
internal sealed class Function(Func<Tensor, Tensor> function) : nn.Module<Tensor, Tensor>(nameof(Function))
{
    public override Tensor forward(Tensor input) => function(input);
}
