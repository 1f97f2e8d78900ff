using Backprop.Cli.Data;
using Backprop.Cli.Tasks;
using Backprop.Models;

namespace Backprop.Cli.Auditing;

/// <summary>Weights that someone has trained, to be audited.</summary>
internal static class SavedWeights
{
    private const string Ending = ".safetensors";

    /// <summary>Reads the network of a model that <c>train</c> saved, or the weights of a multilayer perceptron as safetensors.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mlp">What safetensors are the weights of; null for a saved model.</param>
    /// <exception cref="InputException">It cannot be read, or is of another network.</exception>
    public static Weights<float> Load(string path, Mlp? mlp)
        => path.EndsWith(Ending, StringComparison.OrdinalIgnoreCase)
            ? Tensors(path, mlp ?? throw new InputException($"'{path}' holds weights only. Say of what network, as --mlp 784-256-128-10 --activation relu."))
            : mlp is null
                ? StartingPoint.Of(SavedModel.Load(path)).Network.Network.CopyWeights()
                : throw new InputException($"'{path}' says itself what network it is of. Leave out --mlp, or give weights as '*{Ending}'.");

    private static Weights<float> Tensors(string path, Mlp mlp)
    {
        CsvSource.OpenFile(path).Dispose();
        var weights = new Weights<float>(mlp);
        weights.LoadSafetensors(path);
        return weights;
    }
}
