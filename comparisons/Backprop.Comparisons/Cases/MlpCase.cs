using Backprop.Audit;
using Backprop.Comparisons.Measuring;
using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Comparisons.Cases;

/// <summary>Work of a network with ReLU between its layers on a batch of random rows; a single output is a regression.</summary>
/// <param name="Bench">The table.</param>
/// <param name="Network">Sizes joined by hyphens.</param>
/// <param name="Batch">Rows.</param>
internal abstract record MlpCase(string Bench, string Network, int Batch) : Case(Bench)
{
    /// <summary>Both libraries round, in different orders: after three steps the losses still agree to this.</summary>
    protected const double LossAgreement = 1e-4;

    /// <summary>The network.</summary>
    public Mlp Mlp => Mlp.Parse(Network, Activation.Of(new Relu()), Network.EndsWith("-1", StringComparison.Ordinal) ? Head.Regression : Head.Multiclass);

    /// <inheritdoc/>
    public override string Name => $"{Network} × {Batch}";

    /// <inheritdoc/>
    public override int Rows => Batch;

    /// <summary>Multiplications and additions of each layer's product with a batch.</summary>
    protected IReadOnlyList<double> Products => [.. Mlp.Sizes.Zip(Mlp.Sizes.Skip(1), (inputs, units) => 2.0 * Batch * inputs * units)];

    /// <summary>Seeded weights.</summary>
    protected Weights<float> Weights() => Initializers.Default<float>(Mlp, 1);

    /// <summary>A seeded batch.</summary>
    protected Examples<float> Examples() => RandomBatch.Of(Mlp, Batch, 1);
}
