using System.Numerics;
using Backprop.Models;
using static TorchSharp.torch;

namespace Backprop.Torch;

/// <summary>Weights from a TorchSharp module and back, by the names of its state dict.</summary>
/// <remarks>The module must have the network's tensors, each of its shape and precision, and no others; otherwise nothing is copied.</remarks>
public static class TorchWeights
{
    /// <summary>Takes over a module's weights.</summary>
    /// <exception cref="ArgumentException">It is not a module of that network; the message says what differs.</exception>
    public static void CopyFrom<T>(this Weights<T> weights, nn.Module module) where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var scope = NewDisposeScope();
        var state = StateOf(weights, module);
        foreach (var tensor in weights.Tensors)
        {
            state[tensor.Name].detach().cpu().to_type(Precision.Of<T>()).Get(weights[tensor]);
        }
    }

    /// <summary>Gives a module the weights.</summary>
    /// <exception cref="ArgumentException">It is not a module of that network; the message says what differs.</exception>
    public static void CopyTo<T>(this Weights<T> weights, nn.Module module) where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var scope = NewDisposeScope();
        using var withoutGradient = no_grad();
        var state = StateOf(weights, module);
        foreach (var tensor in weights.Tensors)
        {
            var values = empty([.. tensor.Shape.Select(size => (long)size)], Precision.Of<T>());
            values.Set<T>(weights[tensor]);
            state[tensor.Name].copy_(values);
        }
    }

    private static Dictionary<string, Tensor> StateOf<T>(Weights<T> weights, nn.Module module) where T : unmanaged, IFloatingPointIeee754<T>
    {
        TorchLibrary.EnsureLoaded();
        var state = module.state_dict();
        if (weights.Mismatch(state.Select(t => (t.Key, (IReadOnlyList<long>)t.Value.shape)), "module") is { } mismatch)
        {
            throw new ArgumentException(mismatch);
        }

        foreach (var tensor in weights.Tensors)
        {
            if (!tensor.IsCount && state[tensor.Name].dtype != Precision.Of<T>())
            {
                throw new ArgumentException(
                    $"The tensor '{tensor.Name}' of the module is of type {state[tensor.Name].dtype}, not {Precision.Of<T>()}. "
                        + "Convert the module by its method to, or the weights by To.");
            }
        }

        return state;
    }
}
