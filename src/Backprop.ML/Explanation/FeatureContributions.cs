using Backprop.Models;
using Microsoft.ML.Data;
using Microsoft.ML.Numeric;
using Microsoft.ML.Trainers;

namespace Backprop.ML;

/// <content>Lets ML.NET's CalculateFeatureContribution explain predictions.</content>
/// <remarks>
/// A feature's contribution is feature · ∂logit/∂feature, of the predicted class where there are classes and of the quantile that is the
/// Score where there are quantiles; of a linear network it is feature · weight, as of ML.NET's own. A regression's is in the label's units, unless it
/// is to be normalised.
/// </remarks>
public abstract partial class MultilayerPerceptronModelParameters<TOutput> : ICalculateFeatureContribution, IFeatureContributionMapper
{
    private FeatureAttributor? contributions;

    FeatureContributionCalculator ICalculateFeatureContribution.FeatureContributionCalculator => new(this);

    ValueMapper<TSource, VBuffer<float>> IFeatureContributionMapper.GetFeatureContributionMapper<TSource, TContributions>(int top, int bottom, bool normalize)
    {
        if (!FeatureAttributor.PredictsOne(Network.Model))
        {
            throw new NotSupportedException(
                $"CalculateFeatureContribution explains one output, and this network has {Network.Model.Outputs}. "
                    + "Use CalculateFeatureAttribution, which asks for the output.");
        }

        var attributor = LazyInitializer.EnsureInitialized(
            ref contributions, () => new(Network, AttributionMethod.GradientTimesInput, ExplainedValue.Logit));
        var mapper = attributor.GetMapper();
        ValueMapper<VBuffer<float>, VBuffer<float>> map = (in VBuffer<float> features, ref VBuffer<float> largest) =>
        {
            mapper(in features, ref largest);
            VectorUtils.SparsifyNormalize(ref largest, top, bottom, normalize);
        };
        return (ValueMapper<TSource, VBuffer<float>>)(Delegate)map;
    }
}
