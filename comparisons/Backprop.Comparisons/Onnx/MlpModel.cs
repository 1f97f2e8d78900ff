using System.Numerics;
using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Comparisons.Onnx;

/// <summary>A network as an ONNX model: Gemm and an activation for each layer, Softmax after the last of a multiclass network.</summary>
internal static class MlpModel
{
    /// <summary>rows × inputs.</summary>
    public const string Input = "features";

    /// <summary>rows × outputs.</summary>
    public const string Output = "scores";

    /// <summary>The name of the number of rows.</summary>
    public const string RowsDimension = "rows";

    /// <summary>The model, whose scores are the network's: probabilities for multiclass, otherwise logits.</summary>
    /// <exception cref="NotSupportedException">ONNX has no operator for the activation.</exception>
    public static byte[] Of<T>(Weights<T> weights) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (mlp, graph) = (weights.Model.ToMlp(), new OnnxGraph());
        graph.AddInput<T>(Input, RowsDimension, mlp.Inputs);
        graph.AddOutput<T>(Output, RowsDimension, mlp.Outputs);
        var value = Input;
        for (var layer = 0; layer < mlp.Layers; layer++)
        {
            var (weight, bias) = (weights.Tensors[2 * layer], weights.Tensors[2 * layer + 1]);
            graph.AddConstant<T>(weight.Name, weights[weight], weight.Rows, weight.Columns);
            graph.AddConstant<T>(bias.Name, weights[bias], bias.Columns);
            var last = layer == mlp.Layers - 1;
            var linear = last && mlp.Head.Link == Link.Identity ? Output : $"linear{layer}";

            // Weights are [out][in].
            graph.AddNode("Gemm", [value, weight.Name, bias.Name], linear, ("transB", 1));
            value = last ? linear : $"hidden{layer}";
            if (!last)
            {
                graph.AddNode(OperatorOf(mlp.Activation), [linear], value);
            }
        }

        if (mlp.Head.Link == Link.Softmax)
        {
            graph.AddNode("Softmax", [value], Output, ("axis", 1));
        }

        return graph.ToModel(mlp.ToString());
    }

    private static string OperatorOf(Activation activation) => activation.Name switch
    {
        "identity" => "Identity",
        "relu" => "Relu",
        "sigmoid" => "Sigmoid",
        "tanh" => "Tanh",
        var name => throw new NotSupportedException($"ONNX has no operator '{name}'. Use identity, relu, sigmoid or tanh."),
    };
}
