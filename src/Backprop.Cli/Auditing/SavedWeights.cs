using Backprop.Audit;
using Backprop.Cli.Data;
using Backprop.Cli.Tasks;
using Backprop.Models;
using Microsoft.ML.Data;

namespace Backprop.Cli.Auditing;

/// <summary>Weights that someone has trained, to be audited.</summary>
/// <param name="Weights">The weights.</param>
/// <param name="Saved">The model they are of; null for weights alone.</param>
internal sealed record SavedWeights(Weights<float> Weights, SavedModel? Saved)
{
    private const string Ending = ".safetensors";

    /// <summary>Reads the network of a model that <c>train</c> saved, or the weights of a multilayer perceptron as safetensors.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mlp">What safetensors are the weights of; null for a saved model.</param>
    /// <exception cref="InputException">It cannot be read, or is of another network.</exception>
    public static SavedWeights Load(string path, Mlp? mlp)
    {
        if (path.EndsWith(Ending, StringComparison.OrdinalIgnoreCase))
        {
            var network = mlp ?? throw new InputException($"'{path}' holds weights only. Say of what network, as --mlp 784-256-128-10 --activation relu.");
            return new(Tensors(path, network), null);
        }

        var saved = mlp is null
            ? SavedModel.Load(path)
            : throw new InputException($"'{path}' says itself what network it is of. Leave out --mlp, or give weights as '*{Ending}'.");
        return new(StartingPoint.Of(saved).Network.Network.CopyWeights(), saved);
    }

    /// <summary>Rows of a CSV file, as the model's network reads them, with random targets.</summary>
    /// <param name="path">The file, written as the model's training file was.</param>
    /// <param name="most">How many of them at most, from the first on.</param>
    /// <param name="seed">Decides the targets.</param>
    /// <exception cref="InputException">There are only weights, or the file lacks a column of the model, or holds a value that is not of its kind.</exception>
    public Examples<float> Rows(string path, int most, long seed)
    {
        var model = Saved ?? throw new InputException(
            $"--data '{path}' says nothing beside weights alone, which have no columns. Leave it out, or give a saved model, as '--model m.zip'.");
        var table = CsvTable.Read(CsvSource.File(path, model.Dialect), new TableColumns(model.Columns), CancellationToken.None);
        var featurised = StartingPoint.Of(model).Featuriser.Transform(new TableView(table.Rows, table.Features));
        var read = featurised.GetColumn<float[]>(ColumnNames.Features).Take(most).ToList();
        return new(read.Count, [.. read.SelectMany(row => row)], RandomBatch.Of(Weights.Model, read.Count, seed).Targets);
    }

    private static Weights<float> Tensors(string path, Mlp mlp)
    {
        CsvSource.OpenFile(path).Dispose();
        var weights = new Weights<float>(mlp);
        try
        {
            weights.LoadSafetensors(path);
            return weights;
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException)
        {
            throw new InputException($"'{path}': {e.Message}");
        }
    }
}
