using Backprop.Export;
using Backprop.Models;
using Microsoft.ML;
using Microsoft.ML.Model.OnnxConverter;

namespace Backprop.ML;

/// <summary>A network's part when ML.NET's ConvertToOnnx exports a pipeline.</summary>
internal static class PipelineOnnx
{
    /// <summary>The first version whose operators a network is written with.</summary>
    private const int LeastOperatorVersion = 11;

    /// <summary>Adds the network and its columns.</summary>
    /// <param name="context">What ML.NET has converted so far.</param>
    /// <param name="network">The network.</param>
    /// <param name="featureColumn">The features' column.</param>
    /// <param name="outputs">What is made of scores.</param>
    /// <param name="schema">A view with these columns.</param>
    /// <exception cref="NotSupportedException">The network has an operation that ONNX has no counterpart of.</exception>
    /// <exception cref="InvalidOperationException">The features are not in the graph.</exception>
    public static void Save(OnnxContext context, Network<float> network, string featureColumn, OutputColumns outputs, DataViewSchema schema)
    {
        context.CheckOpSetVersion(LeastOperatorVersion, nameof(Network<float>));
        // Where ML.NET's own scorers write nothing, leaving a model without a prediction.
        if (!context.ContainsColumn(featureColumn))
        {
            throw new InvalidOperationException(
                $"The feature column '{featureColumn}' is not in the ONNX model: a transform before the network cannot be converted. "
                + "Replace it, or export the network alone with mlContext.Model.SaveOnnx.");
        }

        var graph = new PipelineOnnxGraph(context);
        var (scores, probabilities) = network.AddTo(graph, context.GetVariableName(featureColumn));
        foreach (var name in outputs.Names)
        {
            graph.AddColumn(outputs.OnnxOf(name, graph, scores, probabilities), schema[name]);
        }
    }
}
