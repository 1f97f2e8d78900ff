using System.Numerics.Tensors;
using Backprop.Export;
using Backprop.Models;
using Microsoft.ML;

namespace Backprop.Comparisons.MachineLearning;

/// <summary>The network written by hand for one row: a vectorised dot product for each unit.</summary>
internal sealed class DotProductScores(Network<float> network, IDataView view) : ViewScores
{
    // Weights are [out][in]; the layers are ReLU's but for the last one's softmax.
    private readonly (float[] Weight, float[] Bias, float[] Output)[] layers = Layers(network.CopyWeights());

    /// <inheritdoc/>
    protected override void Score(ScoreConsumer consumer)
    {
        var column = view.Schema[nameof(NetworkRow<>.Features)];
        using var cursor = view.GetRowCursor([column]);
        Consume(cursor, cursor, column, features => consumer(Score(features)));
    }

    private static (float[] Weight, float[] Bias, float[] Output)[] Layers(Weights<float> weights)
        => [.. weights.Tensors.Chunk(2).Select(pair => (weights[pair[0]].ToArray(), weights[pair[1]].ToArray(), new float[pair[0].Rows]))];

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
internal sealed class OnnxModelScores(Network<float> network, IDataView view) : TransformScores(Model(network, view), view, Names.Scores)
{
    private static readonly OnnxOptions Names = new() { Features = nameof(NetworkRow<>.Features) };

    private static ITransformer Model(Network<float> network, IDataView view)
    {
        var (ml, model) = (new MLContext(seed: 1), new MemoryStream());
        network.SaveOnnx(model, Names);
        model.Position = 0;
        return ml.Transforms.ApplyOnnxModel(Names.Scores, Names.Features, model).Fit(view);
    }
}
