using Backprop.Torch;
using static TorchSharp.torch;

namespace Backprop.Interop.Tests.Properties;

/// <summary>What PyTorch's autograd makes of a random graph.</summary>
internal static class GraphTwin
{
    /// <summary>The result, its gradients, and, if asked for, the Hessian's product with the directions: each row-major.</summary>
    public static List<double[]> Run(GraphBuilder graph, bool second)
    {
        TorchLibrary.EnsureLoaded();
        using var scope = NewDisposeScope();
        var known = new Dictionary<GraphValue, Torched>();
        Torched Compute(GraphValue value)
        {
            if (!known.TryGetValue(value, out var result))
            {
                result = value.Theirs([.. value.Inputs.Select(Compute)]);
                known.Add(value, result);
            }

            return result;
        }

        var leaves = graph.Differentiated.Select(leaf => Compute(leaf.Value).Tensor).ToArray();
        // Plus nothing: autograd.grad ends the process where a leaf has no part in the result.
        var loss = leaves.Select(leaf => 0 * new Torched(leaf.sum())).Aggregate(Compute(graph.Result), (sum, nothing) => sum + nothing).Tensor.reshape(1, 1);
        List<double[]> numbers = [Numbers(loss)];
        if (!second)
        {
            loss.backward();
            numbers.AddRange(Gradients(leaves).Select(Numbers));
            return numbers;
        }

        var gradients = autograd.grad([loss], leaves, retain_graph: true, create_graph: true);
        numbers.AddRange(gradients.Select(Numbers));

        var product = gradients.Zip(graph.Directions, (gradient, v) => new Torched(gradient) * Compute(v)).Select(p => new Torched(p.Tensor.sum()))
            .Aggregate((a, b) => a + b).Tensor;
        if (product.requires_grad)
        {
            // Not by autograd.grad, which ends it too where a function has no second derivative.
            product.backward();
        }

        numbers.AddRange(Gradients(leaves).Select(Numbers));
        return numbers;
    }

    private static IEnumerable<Tensor> Gradients(Tensor[] leaves) => leaves.Select(leaf => leaf.grad ?? zeros(leaf.shape, ScalarType.Float64));

    // PyTorch's zero tensors have no memory to read; a sum of them has.
    private static double[] Numbers(Tensor tensor)
        => (new Torched(zeros(tensor.shape, ScalarType.Float64)) + new Torched(tensor.detach())).Tensor.contiguous().data<double>().ToArray();
}
