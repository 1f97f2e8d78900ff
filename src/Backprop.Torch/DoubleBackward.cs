using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Backprop.Torch;

/// <summary>Products of Hessians with vectors by libtorch's autograd: the gradient of a gradient along a vector.</summary>
public static class DoubleBackward
{
    /// <summary>Hessian times vector, tensor by tensor. Results are of the caller's dispose scope.</summary>
    /// <param name="result">A scalar, of a graph that nothing has freed.</param>
    /// <param name="parameters">Leaves that require gradients, whose <c>grad</c> is none or 0.</param>
    /// <param name="vector">A tensor for each of them, of its shape.</param>
    /// <exception cref="NotSupportedException">libtorch has no second derivative of an operation.</exception>
    public static IReadOnlyList<Tensor> Run(Tensor result, IReadOnlyList<Tensor> parameters, IReadOnlyList<Tensor> vector)
    {
        // 0, and depends on all: autograd.grad of what does not depend on a tensor ends the process. Not p − p, whose gradients 1 and −1
        // would round others on the way to their sum.
        var nothing = parameters.Select(p => (p * zeros_like(p)).sum()).Aggregate((a, b) => a + b);
        // Both, or the graph is freed and the next call ends the process.
        var slopes = autograd.grad([result + nothing], [.. parameters], retain_graph: true, create_graph: true);
        var along = slopes.Zip(vector, (slope, v) => (slope * v).sum()).Aggregate(nothing, (a, b) => a + b);
        try
        {
            // Unlike autograd.grad, it throws where there is no second derivative.
            along.backward();
        }
        catch (ExternalException error)
        {
            throw new NotSupportedException($"libtorch has no second derivative of it: {error.Message.Split('\n')[0]}", error);
        }

        return [.. parameters.Select(p => p.grad!)];
    }
}
