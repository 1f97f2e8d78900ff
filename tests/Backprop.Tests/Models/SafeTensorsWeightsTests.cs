using Backprop.Models;
using CsCheck;

namespace Backprop.Tests.Models;

/// <content>Weights of networks, in and out.</content>
public sealed partial class SafeTensorsTests
{
    [Fact]
    public void WeightsAreStateDicts()
    {
        var (weights, path) = (Backprop.Models.Initializers.Default<float>(Network, 1), Path.Combine(folder, "w.safetensors"));
        weights.SaveSafetensors(path);
        using (var file = SafeTensorsFile.Open(path))
        {
            Assert.Equal(
                ["0.weight [3, 2]", "0.bias [3]", "2.weight [1, 3]", "2.bias [1]"], file.Tensors.Select(t => $"{t.Name} [{string.Join(", ", t.Shape)}]"));
        }

        var (same, wide) = (new Weights<float>(Network), new Weights<double>(Network));
        same.LoadSafetensors(path);
        wide.LoadSafetensors(path);
        Assert.Equal(weights.Hash(), same.Hash());
        Assert.Equal(weights.To<double>().Hash(), wide.Hash());
        Assert.Equal([path], Directory.GetFiles(folder));
    }

    [Fact]
    public void CountsAreSingleWholeNumbersAsInPyTorch()
    {
        var model = Model.Of(Signal.Features(2).BatchNorm().Linear(1), Head.Binary);
        var (weights, loaded, path) = (Backprop.Models.Initializers.Default<float>(model, 1), new Weights<float>(model), Path.Combine(folder, "n.safetensors"));
        weights["0.num_batches_tracked"][0] = 7;
        weights.SaveSafetensors(path);
        loaded.LoadSafetensors(path);
        Assert.Equal(weights.Hash(), loaded.Hash());
        using var file = SafeTensorsFile.Open(path);
        var count = file.Find("0.num_batches_tracked")!;
        Assert.Equal(("I64", 0), (count.Type, count.Shape.Count));
    }

    [Fact]
    public void AnotherLibrarysFileIsRead()
    {
        var (weights, path) = (new Weights<float>(Network), Path.Combine(folder, "foreign.safetensors"));
        System.IO.File.WriteAllBytes(path, Foreign);
        weights.LoadSafetensors(path);
        Assert.Equal(Backprop.Models.Initializers.Default<float>(Network, 1).Hash(), weights.Hash());
    }

    [Fact]
    public void WeightsOfOtherNetworksAreRefusedAndChangeNothing()
    {
        Refuses("The file has no tensor '0.weight', which the network 2-3-1 needs. Give the weights of that network.");
        Refuses("The file has no tensor '2.bias'", Float("0.weight", 3, 2), Float("0.bias", 3), Float("2.weight", 1, 3));
        Refuses(
            "The tensor '0.weight' of the file has the shape [2, 3], not [3, 2]. Give the weights of a network 2-3-1.",
            Float("0.weight", 2, 3), Float("0.bias", 3), Float("2.weight", 1, 3), Float("2.bias", 1));
        Refuses("The tensor '0.bias' of the file has the shape [1, 3], not [3].", Float("0.weight", 3, 2), Float("0.bias", 1, 3), Float("2.weight", 1, 3),
            Float("2.bias", 1));
        Refuses(
            "The file has the tensor '4.bias', which the network 2-3-1 has not. Give the weights of that network.",
            Float("0.weight", 3, 2), Float("0.bias", 3), Float("2.weight", 1, 3), Float("2.bias", 1), Float("4.bias", 1));
        Refuses(
            "The tensor '2.bias' is of type F64, which is not F32",
            Float("0.weight", 3, 2), Float("0.bias", 3), Float("2.weight", 1, 3), NamedTensor.Of<double>("2.bias", [1], new double[1]));

        void Refuses(string message, params NamedTensor[] tensors)
        {
            var (weights, path) = (Backprop.Models.Initializers.Default<float>(Network, 1), Path.Combine(folder, "other.safetensors"));
            var hash = weights.Hash();
            SafeTensors.Save(path, tensors);
            Assert.StartsWith(message, Assert.Throws<InvalidDataException>(() => weights.LoadSafetensors(path)).Message);
            Assert.Equal(hash, weights.Hash());
        }

        static NamedTensor Float(string name, params int[] shape)
            => NamedTensor.Of<float>(name, shape, new float[shape.Aggregate(1, (product, size) => product * size)]);
    }
}
