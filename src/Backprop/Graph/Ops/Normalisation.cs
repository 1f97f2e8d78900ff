using Backprop.Kernels;

namespace Backprop.Graph.Ops;

/// <summary>y = (x − mean) / √(variance + ε), mean and variance of each row or of each column; the variance is the mean of squares.</summary>
/// <param name="ofRows">Whether of each row, or else of each column.</param>
/// <param name="epsilon">ε.</param>
internal sealed class Normalisation(bool ofRows, double epsilon) : Op
{
    public bool OfRows => ofRows;

    public double Epsilon { get; } = epsilon > 0 && double.IsFinite(epsilon)
        ? epsilon
        : throw new ArgumentException($"The ε of a normalisation is {epsilon}, not a finite number above 0. Correct it.");

    internal override object Identity => (typeof(Normalisation), ofRows, Epsilon);

    internal override bool IsByRow => ofRows;

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0];

    public override Node Bprop(Node node, int input, Node gradient) => Node.Of(new NormalisationGradient(this), gradient, node.Inputs[0]);

    /// <summary>The mean of each row, or of each column.</summary>
    public Node Mean(Node node) => ofRows ? node.MeanColumns() : node.MeanRows();

    internal override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch) => ofRows
        ? new ByRowStep<T>((row, rows) => kernels.NormaliseRows(inputs[0], result, Epsilon, row, rows), result, batch)
        : new ByColumnStep<T>((panel, rows) => kernels.NormalisePanel(inputs[0], result, Epsilon, panel, rows), result, batch);
}

/// <summary>∂x = s (g − mean g − y · mean(g ⊙ y)), of g = ∂y and x, where s = 1 / √(variance + ε).</summary>
internal sealed class NormalisationGradient(Normalisation of) : Op
{
    public Normalisation Normalisation => of;

    internal override object Identity => (typeof(NormalisationGradient), of.Identity);

    internal override bool IsByRow => of.OfRows;

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0] == inputs[1] ? inputs[0] : throw Mismatch("two matrices of one shape", inputs);

    /// <remarks>
    /// ∂y/∂x is symmetric, so ∂g = G(u) for u = ∂(∂x). And ⟨u, G(g)⟩ = n s (q − p r) with the means p of g ⊙ y, r of u ⊙ y and q of u ⊙ (g − mean g).
    /// Since ∂s/∂x = −s² y / n and ∂y/∂x = G: ∂x = −s (r G(g) + p G(u) + s (q − p r) y).
    /// </remarks>
    public override Node Bprop(Node node, int input, Node gradient)
    {
        var (g, x, u) = (node.Inputs[0], node.Inputs[1], gradient);
        var backward = Node.Of(this, u, x);
        if (input == 0)
        {
            return backward;
        }

        var y = Node.Of(of, x);
        var deviation = x - of.Mean(x);
        var s = 1 / (of.Mean(deviation.Square()) + of.Epsilon).Sqrt();
        var (p, r, q) = (of.Mean(g * y), of.Mean(u * y), of.Mean(u * (g - of.Mean(g))));
        return -s * (r * node + p * backward + s * (q - p * r) * y);
    }

    internal override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch) => of.OfRows
        ? new ByRowStep<T>((row, rows) => kernels.NormaliseRowsGradient(inputs[0], inputs[1], result, of.Epsilon, row, rows), result, batch)
        : new ByColumnStep<T>((panel, rows) => kernels.NormalisePanelGradient(inputs[0], inputs[1], result, of.Epsilon, panel, rows), result, batch);
}
