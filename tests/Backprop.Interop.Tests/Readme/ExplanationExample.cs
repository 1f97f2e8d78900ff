// <example>
using Backprop.ML;
using Microsoft.ML;

static class ExplanationExample
{
    public static ITransformer Run(MLContext ml, ITransformer model, IDataView data)
    {
        var explain = ml.Transforms.CalculateFeatureAttribution(model, AttributionMethod.IntegratedGradients);
        return model.Append(explain.Fit(model.Transform(data)));                 // saved, loaded and asked for one row like any model
    }
}
// </example>
