using Backprop.Export;
using Microsoft.ML;

namespace Backprop.ML;

/// <summary>Networks of fitted or loaded ML.NET models in forms that run elsewhere.</summary>
/// <remarks>
/// <c>model.MultilayerPerceptron().Network</c> is the engine's network, with all the engine's exports; its
/// <c>CopyWeights()</c> go to safetensors, and with Backprop.Torch to TorchSharp modules.
/// </remarks>
public static class MultilayerPerceptronExport
{
    /// <summary>The trained network in a model, wherever it stands in the pipeline.</summary>
    /// <param name="model">A fitted or loaded pipeline, or a network's transformer.</param>
    /// <exception cref="ArgumentException">There is none, or more than one.</exception>
    public static IMultilayerPerceptronModel MultilayerPerceptron(this ITransformer model) => PipelineNetwork.Of(model).Perceptron.Model;

    /// <summary>
    /// Writes the network of a model as an ONNX model, which appears whole or not at all, with an affine normaliser of its features folded in.
    /// </summary>
    /// <remarks>
    /// The input is the column that the normaliser reads, or the feature column where there is none; the output is what the network scores.
    /// A slot that holds the number of a category stays one: <see cref="FeatureConcatenatingTransformer.CategoriesOf"/> tells them.
    /// For the pipeline's other transformers, use ConvertToOnnx of Microsoft.ML.OnnxConverter: it exports them with the network.
    /// </remarks>
    /// <param name="catalog"><c>mlContext.Model</c>.</param>
    /// <param name="model">A fitted or loaded pipeline, or a network's transformer.</param>
    /// <param name="inputSchema">The columns that the model is given, as in <c>mlContext.Model.Save</c>.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">Names of the input and the outputs; null for the usual ones.</param>
    /// <exception cref="ArgumentException">
    /// There is not one network in the model, its features are made by what cannot be folded in, or an option is wrong.
    /// </exception>
    /// <exception cref="NotSupportedException">An operation of the network has no counterpart in ONNX.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveOnnx(this ModelOperationsCatalog catalog, ITransformer model, DataViewSchema inputSchema, string path, OnnxOptions? options = null)
    {
        var (network, scaling) = ExportableNetwork.Of(model, inputSchema);
        options ??= new();
        network.SaveOnnx(path, options.Scaling is null ? options with { Scaling = scaling } : throw Twice(nameof(OnnxOptions)));
    }

    /// <summary>
    /// Writes the network of a model as a C# file without dependencies, which appears whole or not at all, with an affine normaliser of its features
    /// folded in.
    /// </summary>
    /// <remarks>
    /// Its <c>Score</c> takes the column that the normaliser reads, and gives the very scores of the model. A slot that holds the number of a category
    /// stays one: <see cref="FeatureConcatenatingTransformer.CategoriesOf"/> tells them.
    /// </remarks>
    /// <param name="catalog"><c>mlContext.Model</c>.</param>
    /// <param name="model">A fitted or loaded pipeline, or a network's transformer.</param>
    /// <param name="inputSchema">The columns that the model is given, as in <c>mlContext.Model.Save</c>.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">The names of class and namespace; null for the usual ones.</param>
    /// <exception cref="ArgumentException">
    /// There is not one network in the model, its features are made by what cannot be folded in, or an option is wrong.
    /// </exception>
    /// <exception cref="NotSupportedException">An operation of the network has no counterpart in C# source.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveCSharp(
        this ModelOperationsCatalog catalog, ITransformer model, DataViewSchema inputSchema, string path, CSharpOptions? options = null)
    {
        var (network, scaling) = ExportableNetwork.Of(model, inputSchema);
        options ??= new();
        network.SaveCSharp(path, options.Scaling is null ? options with { Scaling = scaling } : throw Twice(nameof(CSharpOptions)));
    }

    private static ArgumentException Twice(string options)
        => new($"{options}.{nameof(OnnxOptions.Scaling)} is the model's own: the normaliser before the network gives it. "
            + "Leave it null, or export model.MultilayerPerceptron().Network.");
}
