using System.Collections.Immutable;
using Backprop.Export;
using Backprop.Models;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Backprop.ML;

/// <summary>The network of a fitted pipeline, and what an affine normaliser before it does to the features.</summary>
/// <param name="Network">The network.</param>
/// <param name="Scaling">The normaliser's part, or null.</param>
internal sealed record ExportableNetwork(Network<float> Network, FeatureScaling? Scaling)
{
    /// <summary>Looks through a pipeline.</summary>
    /// <param name="model">A fitted or loaded pipeline, or a network's transformer.</param>
    /// <param name="inputSchema">The columns that the pipeline is given.</param>
    /// <exception cref="ArgumentException">There is no network in it, or the features are made by what cannot be part of it.</exception>
    public static ExportableNetwork Of(ITransformer model, DataViewSchema inputSchema)
    {
        var (steps, place, perceptron) = PipelineNetwork.Of(model);
        var schemas = SchemasAround(steps[..place], inputSchema);
        var (network, column) = (perceptron.Model.Network, perceptron.FeatureColumnName);
        FeatureScaling? scaling = null;
        for (var i = place - 1; i >= 0; i--)
        {
            if (!Makes(schemas[i], schemas[i + 1], column))
            {
                continue;
            }

            switch (steps[i])
            {
                case ColumnConcatenatingTransformer or FeatureConcatenatingTransformer:
                    return new(network, scaling);
                case ColumnCopyingTransformer copying:
                    column = copying.Columns.Last(pair => pair.outputColumnName == column).inputColumnName;
                    break;
                case NormalizingTransformer normaliser when scaling is null && ScalingOf(normaliser, column) is { } affine:
                    scaling = affine;
                    column = normaliser.Columns.Last(pair => pair.Name == column).InputColumnName;
                    break;
                default:
                    throw new ArgumentException(
                        $"The feature column '{column}' is made by {steps[i].GetType().Name}, which cannot be part of the network: "
                        + "a Concatenate or one affine normaliser can, "
                        + "such as NormalizeMeanVariance, NormalizeMinMax or NormalizeRobustScaling. Convert the whole pipeline with ConvertToOnnx, "
                        + "or export the network alone by model.MultilayerPerceptron().Network.SaveOnnx, and transform features yourself.");
            }
        }

        return new(network, scaling);
    }

    /// <summary>The columns before the first transformer, and after each.</summary>
    private static List<DataViewSchema> SchemasAround(IReadOnlyList<ITransformer> steps, DataViewSchema schema)
    {
        var schemas = new List<DataViewSchema> { schema };
        foreach (var step in steps)
        {
            schemas.Add(step.GetOutputSchema(schemas[^1]));
        }

        return schemas;
    }

    /// <summary>Whether a transformer makes a column: then its output has one more of that name, which hides those before it.</summary>
    private static bool Makes(DataViewSchema before, DataViewSchema after, string column)
        => after.Count(made => made.Name == column) > before.Count(passed => passed.Name == column);

    private static FeatureScaling? ScalingOf(NormalizingTransformer normaliser, string column)
    {
        var index = Enumerable.Range(0, normaliser.Columns.Length).Last(i => normaliser.Columns[i].Name == column);
        return normaliser.GetNormalizerModelParameters(index) is NormalizingTransformer.AffineNormalizerModelParameters<ImmutableArray<float>> affine
            ? new(Numbers(affine.Offset), Numbers(affine.Scale))
            : null;
    }

    private static double[]? Numbers(ImmutableArray<float> numbers) => numbers.IsDefaultOrEmpty ? null : [.. numbers];
}
