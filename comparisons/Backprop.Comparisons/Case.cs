using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Comparisons;

/// <summary>A network and a batch to measure.</summary>
/// <param name="Network">Sizes joined by hyphens; a single output is a regression.</param>
/// <param name="Batch">Rows.</param>
public sealed record Case(string Network, int Batch)
{
    /// <summary>From call overhead alone to arithmetic alone.</summary>
    public static IReadOnlyList<Case> All { get; } =
    [
        new("4-16-3", 16),
        new("10-64-64-1", 32),
        new("64-128-64-10", 64),
        new("784-256-128-10", 64),
        new("784-256-128-10", 256),
        new("784-1024-1024-10", 128),
    ];

    /// <summary>The network, with ReLU between its layers.</summary>
    public Mlp Mlp => Mlp.Parse(Network, Activation.Of(new Relu()), Network.EndsWith("-1", StringComparison.Ordinal) ? Head.Regression : Head.Multiclass);

    /// <summary>
    /// Multiplications and additions of a training step: 2 for each weight and row in each of three products, less the first layer's
    /// input gradient, which nobody needs.
    /// </summary>
    public double Operations
    {
        get
        {
            var sizes = Mlp.Sizes;
            var products = sizes.Zip(sizes.Skip(1), (inputs, units) => (double)inputs * units).ToList();
            return Batch * (6 * products.Sum() - 2 * products[0]);
        }
    }

    /// <summary>A seeded batch.</summary>
    public Examples<float> Examples() => RandomBatch.Of(Mlp, Batch, 1);

    /// <inheritdoc/>
    public override string ToString() => $"{Network} × {Batch}";
}
