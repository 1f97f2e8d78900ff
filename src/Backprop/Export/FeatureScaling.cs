namespace Backprop.Export;

/// <summary>What an exported network does to each feature first: x ← (x − offset) · scale, in two roundings, as ML.NET's affine normalisers do.</summary>
/// <remarks>
/// It stays two operations of its own instead of being multiplied into the first layer: so the first layer is given the very bits that
/// the network was trained on, and layers that look features up or pass them on are right too.
/// </remarks>
/// <param name="Offsets">A number for each feature; null for 0.</param>
/// <param name="Scales">A number for each feature; null for 1.</param>
public sealed record FeatureScaling(IReadOnlyList<double>? Offsets, IReadOnlyList<double>? Scales)
{
    /// <summary>Refuses numbers that do not fit a network.</summary>
    /// <exception cref="ArgumentException">They are not one for each feature, or one is not finite.</exception>
    internal void Require(int features)
    {
        foreach (var (name, numbers) in new[] { (nameof(Offsets), Offsets), (nameof(Scales), Scales) })
        {
            if (numbers is not null && numbers.Count != features)
            {
                throw new ArgumentException($"{name} has {numbers.Count} numbers for {features} features. Give one for each, or null.");
            }

            foreach (var (feature, number) in (numbers ?? []).Index())
            {
                if (!double.IsFinite(number))
                {
                    throw new ArgumentException(FormattableString.Invariant($"{name} has {number} for feature {feature}. Give finite numbers."));
                }
            }
        }
    }
}
