namespace Backprop.Models;

/// <content>Weights as safetensors: names and shapes as in the state dict of a PyTorch module.</content>
public sealed partial class Weights<T>
{
    /// <summary>Writes a file, which appears whole or not at all; PyTorch loads it by <c>safetensors.torch.load_file</c>.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void SaveSafetensors(string path)
        => SafeTensors.Save(path, [.. Tensors.Select(t => t.IsCount
            ? NamedTensor.Of<long>(t.Name, t.Shape, new[] { long.CreateTruncating(values[t.Offset]) })
            : NamedTensor.Of<T>(t.Name, t.Shape, values.AsMemory(t.Offset, t.Length)))]);

    /// <summary>Takes over the tensors of a file, widened exactly if they are of a narrower type.</summary>
    /// <remarks>The file must have this network's tensors, each of its shape, and no others. If it has not, nothing changes.</remarks>
    /// <exception cref="InvalidDataException">It is not a safetensors file, or not one of this network; the message says what differs.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public void LoadSafetensors(string path)
    {
        using var file = SafeTensorsFile.Open(path);
        if (Mismatch(file.Tensors.Select(t => (t.Name, t.Shape)), "file") is { } mismatch)
        {
            throw new InvalidDataException(mismatch);
        }

        var read = new Weights<T>(Model);
        var count = new long[1];
        foreach (var tensor in Tensors)
        {
            var found = file.Find(tensor.Name)!;
            if (tensor.IsCount && found.Type == SafeTensor.TypeOf<long>())
            {
                file.ReadWhole(found, count.AsSpan());
                read[tensor][0] = T.CreateTruncating(count[0]);
            }
            else
            {
                file.Read(found, read[tensor]);
            }
        }

        read.Values.CopyTo(Values);
    }

    /// <summary>Why named tensors are not this network's, in a sentence or two; null if they are.</summary>
    /// <param name="found">The names, each once, with their shapes.</param>
    /// <param name="what">What they were found in.</param>
    public string? Mismatch(IEnumerable<(string Name, IReadOnlyList<long> Shape)> found, string what)
    {
        var others = found.ToDictionary(t => t.Name, t => t.Shape);
        foreach (var tensor in Tensors)
        {
            if (!others.Remove(tensor.Name, out var shape))
            {
                return $"The {what} has no tensor '{tensor.Name}', which the network {Model} needs. Give the weights of that network.";
            }

            if (!shape.SequenceEqual(tensor.Shape.Select(size => (long)size)))
            {
                return $"The tensor '{tensor.Name}' of the {what} has the shape [{string.Join(", ", shape)}], not [{string.Join(", ", tensor.Shape)}]. "
                    + $"Give the weights of a network {Model}.";
            }
        }

        return others.Count == 0
            ? null
            : $"The {what} has the tensor {SafeTensorsHeader.Quote(others.Keys.First())}, which the network {Model} has not. Give the weights of that network.";
    }
}
