// <example>
using Backprop.Export;
using Backprop.ML;
using Microsoft.ML;

static class ExportExample
{
    public static void Run(MLContext ml, ITransformer model, DataViewSchema inputSchema, string folder)
    {
        // The network with the affine normaliser before it, such as NormalizeMeanVariance.
        ml.Model.SaveOnnx(model, inputSchema, Path.Combine(folder, "model.onnx"));
        ml.Model.SaveCSharp(model, inputSchema, Path.Combine(folder, "Demand.cs"), new() { Namespace = "Company.Models", ClassName = "Demand" });

        var network = model.MultilayerPerceptron().Network;                      // of a fitted or a loaded pipeline
        network.SaveOnnx(Path.Combine(folder, "network.onnx"), new() { Features = "normalised", Scores = "demand" });
        network.CopyWeights().SaveSafetensors(Path.Combine(folder, "network.safetensors"));
    }
}
// </example>
