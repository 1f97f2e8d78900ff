namespace Backprop.Models;

/// <summary>1 or −1, as likely as each other: of a <see cref="Layers.Scale"/>, it makes members of one network different.</summary>
/// <remarks>PyTorch has no function for it; its users write <c>torch.empty_like(w).uniform_(-1, 1).sign()</c>, whose draws these are, with 1 for 0.</remarks>
public sealed record RandomSigns : Initializer
{
    /// <inheritdoc/>
    public override void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random)
    {
        random.FillUniform(values, -1, 1);
        foreach (ref var value in values)
        {
            value = value < T.Zero ? -T.One : T.One;
        }
    }
}
