namespace Backprop.Formulas;

/// <summary>Adam with decoupled weight decay: w ← (1 − η λ) w, then Adam's step. Loshchilov and Hutter (2019), algorithm 2, as in PyTorch.</summary>
/// <remarks>Biases do not decay unless <see cref="Optimizer.DecayBiases"/> says so, as PyTorch's do.</remarks>
public sealed record AdamW : Adam
{
    /// <summary>Sets Adam's defaults and PyTorch's weight decay of 0.01.</summary>
    public AdamW() => (WeightDecay, DecoupledWeightDecay) = (0.01, true);
}
