using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Comparisons;

/// <summary>A network and a batch to train it with.</summary>
/// <param name="Network">Sizes, ReLU between them.</param>
/// <param name="Batch">Rows of the batch.</param>
public sealed record Workload(Mlp Network, int Batch)
{
    /// <summary>From pure overhead to pure arithmetic.</summary>
    public static IReadOnlyList<Workload> All { get; } =
    [
        Of("4-16-3", 16, Head.Multiclass),
        Of("10-64-64-1", 32, Head.Regression),
        Of("64-128-64-10", 64, Head.Multiclass),
        Of("784-256-128-10", 64, Head.Multiclass),
        Of("784-256-128-10", 256, Head.Multiclass),
        Of("784-1024-1024-10", 128, Head.Multiclass),
    ];

    /// <summary>
    /// Operations of a training step, 2 for a multiply-add: three products with each layer's weights, but none for the gradient
    /// of the network's input. Biases, activations, loss and optimizer do not count.
    /// </summary>
    public double Operations
    {
        get
        {
            var weights = Enumerable.Range(0, Network.Layers).Sum(l => (double)Network.Sizes[l] * Network.Sizes[l + 1]);
            return Batch * (6 * weights - 2.0 * Network.Sizes[0] * Network.Sizes[1]);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Network}, {Batch}";

    private static Workload Of(string sizes, int batch, Head head) => new(Mlp.Parse(sizes, Activation.Of(new Relu()), head), batch);
}
