using Backprop.Audit.Bounds;
using Backprop.Models;

namespace Backprop.Audit;

/// <summary>All witnesses of one batch, and what comes of comparing them.</summary>
internal static class Comparison
{
    /// <summary>Runs the witnesses.</summary>
    public static GradientReport Of(
        Weights<float> start, Examples<float> batch, GradientsOf<float> single, GradientsOf<double> precise,
        GradientsOf<float>? torch, GradientsOf<double>? torchPrecise)
    {
        var (weights, wide) = (start.To<double>(), batch.To<double>());
        Witnesses Of(GradientsOf<float> inFloat, GradientsOf<double> inDouble)
            => new(new(Tensors.Run(inFloat, start, batch), Bounded.Float), new(Tensors.Run(inDouble, weights, wide), Hearing.BothRound));
        var (ours, theirs) = (Of(single, precise), torch is null || torchPrecise is null ? null : Of(torch, torchPrecise));
        var bounds = new NetworkBounds(weights, wide, start.Model.HasDropout ? new TorchRandom(GradientAudit.MaskSeed) : null);
        var doubt = new Lazy<FormulaDoubt?>(() => Definitions.Contradiction(bounds.Model));
        var (hearing, differences) = (new Hearing(bounds, bounds, bounds, ours, theirs, () => doubt.Value), new Differences(bounds, weights));
        var learned = weights.Tensors.Where(tensor => tensor.Learned).ToArray();
        // Before the gradients are loss and logits.
        var first = bounds.Tensors.Count - learned.Length;
        TensorAgreement[] tensors =
        [
            .. bounds.Tensors.Select((_, i) => hearing.Of(i, i < first ? null : differences.Along(learned[i - first])) with { Spread = hearing.SpreadOf(i) }),
        ];
        return new(
            start.Model.ToString(), batch.Rows, ours.Single.Tensors[0].Values[0], theirs?.Single.Tensors[0].Values[0], bounds.Tensors[0].Values[0],
            tensors, [.. hearing.Kinks])
        {
            OursBits = BitsOf(ours.Single) * 31 + BitsOf(ours.Precise),
            Overflows = Hearing.Overflows(bounds),
        };
    }

    /// <summary>Tells apart, but for chance, witnesses of which any bit differs.</summary>
    private static ulong BitsOf(Witness witness) => witness.Tensors.SelectMany(tensor => tensor.Values)
        .Aggregate(17UL, (bits, value) => (bits ^ BitConverter.DoubleToUInt64Bits(value)) * 0x100000001B3 + 1);
}
