using Backprop.Graph;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Audit;

/// <summary>Guards the door of the audit: what, the value, the bound, the next step. Audits ask it themselves.</summary>
public static class Preconditions
{
    // Of each number of the graph, gradients included: value, error and variance, once more transposed for products of gradients; its value
    // without errors; the engine's and libtorch's in float and in double; and a quarter of all that once more, not yet collected.
    private const double BytesOfANumber = 1.25 * ((4 + 1) * sizeof(double) + 2 * (sizeof(float) + sizeof(double)));

    // Of each weight besides: the witnesses' gradients in double and the shares of their bounds, three times for sides of kinks; copies in
    // float and in double, of the engine and of libtorch.
    private const double BytesOfAWeight = 3 * 2 * 4 * sizeof(double) + 2 * (sizeof(float) + sizeof(double));

    // Of each weight in a training beside the audit of gradients: the engine and four followers, a double in the middle, with gradient, two
    // numbers of the optimizer's and a temporary one.
    private const double BytesOfATrainedWeight = 5 * 5 * (sizeof(float) + sizeof(double)) / 2.0 + 5 * 2 * sizeof(double);

    private const double BytesOfAGigabyte = 1e9;

    /// <summary>Refuses what cannot be audited.</summary>
    /// <exception cref="ArgumentException">
    /// Weights or batch have a number that is not finite, do not fit each other, or would take more memory than there is.
    /// </exception>
    public static void Require(Weights<float> weights, Examples<float> batch)
    {
        Memory(weights.Model, batch.Rows);
        Checks.Table(batch, weights.Model, "audited");
        foreach (var tensor in weights.Tensors)
        {
            var numbers = weights[tensor];
            for (var i = 0; i < numbers.Length; i++)
            {
                if (!float.IsFinite(numbers[i]))
                {
                    throw new ArgumentException(FormattableString.Invariant(
                        $"{tensor.Name} [{i / tensor.Columns}, {i % tensor.Columns}] is {numbers[i]}, not finite: nothing can be said of gradients. ")
                        + "Give finite weights.");
                }
            }
        }
    }

    /// <summary>Refuses a network and a number of rows whose audit does not fit into memory, before there are any of its weights.</summary>
    /// <param name="model">The network.</param>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="available">Bytes; null for the memory that this process may use.</param>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    public static void Memory(Model model, int rows, double? available = null)
    {
        var (needed, there) = (BytesOf(model, rows), available ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        if (needed > there)
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"Auditing the network {model} on {rows} rows takes about {needed / BytesOfAGigabyte:0.0} GB, and there are {there / BytesOfAGigabyte:0.0}. ")
                + "Give fewer rows, or a smaller network.");
        }
    }

    /// <summary>About how much memory an audit of gradients, and beside it of a training, takes at its largest.</summary>
    /// <param name="model">The network.</param>
    /// <param name="rows">Rows of the batch.</param>
    public static double BytesOf(Model model, int rows)
    {
        var graph = model.ToGraph(training: true);
        var numbers = new Topology([graph.Loss, .. Gradient.Build(graph.Loss, graph.Parameters, zeros: true)]).Order
            .Sum(node => (double)(node.Shape.IsBatch ? rows : node.Shape.Rows) * node.Shape.Columns);
        return BytesOfANumber * numbers + (BytesOfAWeight + BytesOfATrainedWeight) * model.Parameters;
    }
}
