using Backprop.Models;

namespace Backprop.ML;

/// <summary>The vector of a row's attributions.</summary>
internal sealed class AttributionColumns(FeatureAttributor attributor, string column) : OutputColumns
{
    internal override IReadOnlyList<string> Names { get; } = [column];

    internal override ScoreBatch NewBatch(Network<float> network, int rows) => new AttributionBatch(attributor, rows);

    internal override Delegate GetterOf(string column, ScoreBatch batch, Func<int> row) => ((AttributionBatch)batch).AttributionsGetter(row);

    internal override string OnnxOf(string column, PipelineOnnxGraph graph, string scores, string? probabilities) => throw new NotSupportedException(
        $"ConvertToOnnx cannot export the explanations of column '{column}'. "
            + $"Convert the model without {nameof(FeatureAttributionCatalog.CalculateFeatureAttribution)}.");
}
