using Backprop.Models;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.ML;

/// <summary>Explanations of multilayer perceptrons' predictions in ML.NET's catalog of transforms.</summary>
public static class FeatureAttributionCatalog
{
    /// <summary>
    /// Adds a vector with what each feature gives to a row's prediction, from exact gradients, in slots named as the features' are.
    /// ML.NET's own CalculateFeatureContribution works too, for gradient · input.
    /// </summary>
    /// <param name="catalog">The transforms of the MLContext.</param>
    /// <param name="model">A trained or loaded multilayer perceptron, or a chain with one.</param>
    /// <param name="method">How features are given their part.</param>
    /// <param name="outputColumnName">The vector's column.</param>
    /// <param name="output">
    /// The output to explain, from 0: a class by its place in Score, a quantile, or one of several numbers. null for the one that is the prediction:
    /// the predicted class, the quantile that is the Score, or the only output.
    /// </param>
    /// <param name="explainedValue">The logit, or the score; they are the same for binary classification and regression, in the label's units.</param>
    /// <param name="baseline">What integrated gradients compare with, a number for each feature; null for zeros, the means of normalised features.</param>
    /// <param name="numberOfPoints">Points of the path from the baseline to a row, as in <see cref="InputGradients{T}.IntegratedGradients"/>.</param>
    /// <remarks>
    /// A feature that an embedding looks up gets 0 (<see cref="InputGradients{T}"/>). Fit it on data that has the features column,
    /// and append what that gives to the model: <c>model.Append(context.Transforms.CalculateFeatureAttribution(model).Fit(model.Transform(data)))</c>.
    /// </remarks>
    /// <exception cref="ArgumentException">The model has no multilayer perceptron or several, or another argument does not fit it.</exception>
    public static FeatureAttributionEstimator CalculateFeatureAttribution(
        this TransformsCatalog catalog,
        ITransformer model,
        AttributionMethod method = AttributionMethod.IntegratedGradients,
        string outputColumnName = "FeatureAttributions",
        int? output = null,
        ExplainedValue explainedValue = ExplainedValue.Logit,
        IReadOnlyList<float>? baseline = null,
        int numberOfPoints = InputGradients<float>.DefaultPoints)
    {
        var perceptron = PipelineNetwork.Of(model).Perceptron;
        return new(
            CatalogUtils.GetEnvironment(catalog),
            new(perceptron.Model.Network, perceptron.FeatureColumnName, outputColumnName, method, explainedValue, output, [.. baseline ?? []], numberOfPoints));
    }
}
