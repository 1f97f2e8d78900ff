using Backprop.Audit;
using Backprop.Cli.Data;
using Backprop.Cli.Tasks;
using Backprop.Models;

namespace Backprop.Cli.Auditing;

/// <summary>A network of the user's choice, its weights, and rows to compare it on.</summary>
/// <param name="Weights">The weights, each finite.</param>
/// <param name="Source">Where they come from, as the report says it.</param>
internal sealed record AuditedNetwork(Weights<float> Weights, string Source)
{
    private const string SafeTensorsEnding = ".safetensors";

    /// <summary>The network.</summary>
    public Model Model => Weights.Model;

    /// <summary>A multilayer perceptron with PyTorch's first weights.</summary>
    public static AuditedNetwork Of(Mlp mlp, long seed) => new(Initializers.Default<float>(mlp, seed), $"initial weights of seed {seed}");

    /// <summary>The network of a model that <c>train</c> saved, or the weights of a multilayer perceptron as safetensors.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mlp">What safetensors are the weights of; null for a saved model.</param>
    /// <exception cref="InputException">It cannot be read, is of another network, or has a weight that is not finite.</exception>
    public static AuditedNetwork Load(string path, Mlp? mlp)
    {
        var weights = path.EndsWith(SafeTensorsEnding, StringComparison.OrdinalIgnoreCase)
            ? Tensors(path, mlp ?? throw new InputException($"'{path}' holds weights only. Say of what network, as --mlp 784-256-128-10 --activation relu."))
            : mlp is null
                ? StartingPoint.Of(SavedModel.Load(path)).Network.Network.CopyWeights()
                : throw new InputException($"'{path}' says itself what network it is of. Leave out --mlp, or give weights as '*{SafeTensorsEnding}'.");
        foreach (var tensor in weights.Tensors)
        {
            var values = weights[tensor];
            for (var i = 0; i < values.Length; i++)
            {
                if (!float.IsFinite(values[i]))
                {
                    throw new InputException(
                        $"'{path}' has {values[i]} at {tensor.Name}[{i / tensor.Columns}, {i % tensor.Columns}], from which no gradient follows. Give weights that are all finite.");
                }
            }
        }

        return new(weights, $"weights of {Path.GetFileName(path)}, SHA-256 {weights.Hash()}");
    }

    /// <summary>So many random rows.</summary>
    public Examples<float> Rows(int rows, long seed) => RandomBatch.Of(Model, rows, seed);

    private static Weights<float> Tensors(string path, Mlp mlp)
    {
        CsvSource.OpenFile(path).Dispose();
        var weights = new Weights<float>(mlp);
        weights.LoadSafetensors(path);
        return weights;
    }
}
