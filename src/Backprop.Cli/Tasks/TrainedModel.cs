using Backprop.Cli.Data;
using Backprop.ML;
using Microsoft.ML;

namespace Backprop.Cli.Tasks;

/// <summary>What training on files gives.</summary>
/// <param name="Context">Where it was trained.</param>
/// <param name="Data">What it was trained on.</param>
/// <param name="Chain">From a file's columns to predictions; needs no label.</param>
/// <param name="Model">The network in it, and how it was trained.</param>
/// <param name="Seconds">Featurising and training together.</param>
internal sealed record TrainedModel(
    MLContext Context, TrainingData Data, ITransformer Chain, IMultilayerPerceptronModel Model, double Seconds)
{
    /// <summary>Scores and evaluates the test rows; null without any.</summary>
    public Evaluation? Evaluate() => Data.TestView is { } test ? Data.Task.Evaluate(Context, Chain.Transform(test)) : null;

    /// <summary>Writes the model as ML.NET does; the stream is left open.</summary>
    public void Save(Stream stream) => Context.Model.Save(Chain, Data.InputSchema, stream);

    /// <summary>Writes all of it, from columns to predictions, as an ONNX model; the stream is left open.</summary>
    public void SaveOnnx(Stream stream)
    {
        var made = Chain.GetOutputSchema(Data.InputSchema).Select(column => column.Name);
        Context.Model.ConvertToOnnx(Chain, Data.InputView, stream, [.. ColumnNames.Outputs.Intersect(made)]);
    }
}
