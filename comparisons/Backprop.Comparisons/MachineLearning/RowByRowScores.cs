using System.Numerics.Tensors;
using Backprop.Comparisons.Onnx;
using Backprop.Models;
using Microsoft.ML;

namespace Backprop.Comparisons.MachineLearning;

/// <summary>The network written by hand for one row: a vectorised dot product for each unit.</summary>
internal sealed class DotProductScores(Weights<float> weights, IDataView view) : ViewScores
{
    // Weights are [out][in]; the layers are ReLU's but for the last one's softmax.
    private readonly (float[] Weight, float[] Bias, float[] Output)[] layers =
        [.. weights.Tensors.Chunk(2).Select(pair => (weights[pair[0]].ToArray(), weights[pair[1]].ToArray(), new float[pair[0].Rows]))];

    /// <inheritdoc/>
    protected override void Score(ScoreConsumer consumer)
    {
        var column = view.Schema[nameof(NetworkRow<>.Features)];
        using var cursor = view.GetRowCursor([column]);
        Consume(cursor, cursor, column, features => consumer(Score(features)));
    }

    private ReadOnlySpan<float> Score(ReadOnlySpan<float> inputs)
    {
        foreach (var (weight, bias, output) in layers)
        {
            for (var unit = 0; unit < output.Length; unit++)
            {
                output[unit] = TensorPrimitives.Dot(inputs, weight.AsSpan(unit * inputs.Length, inputs.Length)) + bias[unit];
            }

            if (output == layers[^1].Output)
            {
                TensorPrimitives.SoftMax(output, output);
            }
            else
            {
                TensorPrimitives.Max(output, 0, output);
            }

            inputs = output;
        }

        return inputs;
    }
}

/// <summary>ML.NET's own way to score a neural network: ONNX Runtime, given one row at a time by ApplyOnnxModel.</summary>
internal sealed class OnnxModelScores(Weights<float> weights, IDataView view) : TransformScores(Model(weights, view), view, MlpModel.Output)
{
    private static ITransformer Model(Weights<float> weights, IDataView view)
    {
        var ml = new MLContext(seed: 1);
        return ml.Transforms.CopyColumns(MlpModel.Input, nameof(NetworkRow<>.Features))
            .Append(ml.Transforms.ApplyOnnxModel(MlpModel.Output, MlpModel.Input, new MemoryStream(MlpModel.Of(weights))))
            .Fit(view);
    }
}
