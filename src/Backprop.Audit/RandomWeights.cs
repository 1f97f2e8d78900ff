using Backprop.Models;
using Backprop.Training;

namespace Backprop.Audit;

/// <summary>First weights for audits of networks, as training has them: drawn, and read off the batch by layers that are fitted to rows.</summary>
internal static class RandomWeights
{
    /// <summary>The same seed gives the same weights. The network is the one that fitting makes of it: see <see cref="Weights{T}.Model"/>.</summary>
    public static Weights<float> Of(Model model, Examples<float> batch, long seed)
    {
        var fits = new LayerFits<float>(model, new(batch.Features, batch.FeatureColumns, [.. Enumerable.Range(0, batch.Rows)]));
        var weights = Initializers.Default<float>(LayerFits<float>.AreNeeded(model) ? fits.Fit() : model, seed);
        fits.WriteTo(weights);
        return weights;
    }
}
