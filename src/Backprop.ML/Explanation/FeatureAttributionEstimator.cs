using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Backprop.ML;

/// <summary>Explains the predictions of a trained network. Nothing is learned: Fit checks that the features are there.</summary>
public sealed class FeatureAttributionEstimator : IEstimator<FeatureAttributionTransformer>
{
    private readonly IHost host;
    private readonly FeatureAttributionSettings settings;
    private readonly FeatureAttributionTransformer transformer;

    internal FeatureAttributionEstimator(IHostEnvironment environment, FeatureAttributionSettings settings)
    {
        (host, this.settings) = (environment.Register(nameof(FeatureAttributionEstimator)), settings);
        host.CheckNonWhiteSpace(settings.OutputColumn, "outputColumnName");
        transformer = new(host, settings);
    }

    /// <summary>The transformer, for data that has the features.</summary>
    /// <param name="input">Data with the column the network was trained on.</param>
    public FeatureAttributionTransformer Fit(IDataView input)
    {
        transformer.GetOutputSchema(input.Schema);
        return transformer;
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        if (!inputSchema.TryFindColumn(settings.FeatureColumn, out var features))
        {
            throw host.ExceptSchemaMismatch(nameof(inputSchema), "feature", settings.FeatureColumn);
        }

        if (features.Kind != SchemaShape.Column.VectorKind.Vector || features.ItemType != NumberDataViewType.Single)
        {
            throw host.ExceptSchemaMismatch(nameof(inputSchema), "feature", settings.FeatureColumn, "Vector<Single>", features.GetTypeString());
        }

        var slotNames = features.Annotations.Where(annotation => annotation.Name == AnnotationUtils.Kinds.SlotNames);
        var column = new SchemaShape.Column(settings.OutputColumn, features.Kind, features.ItemType, isKey: false, new SchemaShape(slotNames));
        return new([.. inputSchema.Where(other => other.Name != column.Name), column]);
    }
}
