using Backprop.Audit.Bounds;

namespace Backprop.Audit;

/// <summary>What one implementation gives in one precision: loss, logits and gradients.</summary>
/// <param name="Tensors">Its numbers, in the order of the report.</param>
/// <param name="Unit">The precision's roundoff.</param>
internal sealed record Witness(IReadOnlyList<NamedTensor> Tensors, double Unit)
{
    /// <summary>Judges every tensor.</summary>
    /// <param name="bounds">The reference.</param>
    /// <param name="other">The other library's numbers judged, or null.</param>
    /// <param name="samples">Sampled errors, for what independent roundings do not explain; or null.</param>
    public Judgement[] Judge(IReadOnlyList<BoundedTensor> bounds, IReadOnlyList<Judgement>? other = null, IReadOnlyList<ErrorSamples>? samples = null)
        => [.. Tensors.Zip(bounds).Select((pair, i) =>
        {
            var usual = Criteria.Judge(pair.First.Values, pair.Second, Unit, other?[i]);
            return usual.Holds || samples is null ? usual : Criteria.Judge(pair.First.Values, pair.Second, Unit, other?[i], samples[i]);
        })];
}
