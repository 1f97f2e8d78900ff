using Backprop.Graph;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Audit;

/// <summary>Guards the door of the audit: what, the value, the bound, the next step.</summary>
internal static class Preconditions
{
    // Value, error and variance, once more transposed for products of gradients.
    private const double NumbersOfAnElement = 4;

    private const double BytesOfAGigabyte = 1e9;

    /// <summary>Refuses what cannot be audited.</summary>
    /// <exception cref="ArgumentException">Weights or batch have a number that is not finite, do not fit each other, or would take more memory than there is.</exception>
    public static void Require(Weights<float> weights, Examples<float> batch)
    {
        Memory(weights.Model, batch.Rows, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        Checks.Table(batch, weights.Model, "audited");
        foreach (var tensor in weights.Tensors)
        {
            var numbers = weights[tensor];
            for (var i = 0; i < numbers.Length; i++)
            {
                if (!float.IsFinite(numbers[i]))
                {
                    throw new ArgumentException(FormattableString.Invariant(
                        $"{tensor.Name} [{i / tensor.Columns}, {i % tensor.Columns}] is {numbers[i]}, not finite: nothing can be said of gradients. Give finite weights."));
                }
            }
        }
    }

    /// <summary>Refuses a batch whose audit does not fit into memory.</summary>
    /// <param name="model">The network.</param>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="available">Bytes.</param>
    /// <exception cref="ArgumentException">It does not.</exception>
    public static void Memory(Model model, int rows, long available)
    {
        var graph = model.ToGraph(training: true);
        var elements = new Topology([graph.Loss, .. Gradient.Build(graph.Loss, graph.Parameters, zeros: true)]).Order
            .Sum(node => (double)(node.Shape.IsBatch ? rows : node.Shape.Rows) * node.Shape.Columns);
        var needed = NumbersOfAnElement * sizeof(double) * elements;
        if (needed > available)
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"Auditing the network {model} on {rows} rows takes about {needed / BytesOfAGigabyte:0.0} GB, and there are {available / BytesOfAGigabyte:0.0}. Give fewer rows, or a smaller network."));
        }
    }
}
