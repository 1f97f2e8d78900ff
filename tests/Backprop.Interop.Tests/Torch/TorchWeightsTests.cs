using System.Numerics;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Backprop.Interop.Tests.Torch;

/// <summary>Weights go from TorchSharp modules to ours, to safetensors and back without losing a bit, and only where names and shapes fit.</summary>
[Collection(TorchCollection.Name)]
public class TorchWeightsTests
{
    private static readonly Mlp Network = Mlp.Parse("4-16-3", Activation.Of(new Tanh()), Head.Multiclass);

    [Fact]
    public void AModulesWeightsGoThereAndBack()
    {
        Check<float>(ScalarType.Float32);
        Check<double>(ScalarType.Float64);
    }

    [Fact]
    public void RunningStatisticsAndTheirCountGoThereAndBack()
    {
        using var scope = NewDisposeScope();
        var weights = new Weights<float>(Model.Of(Signal.Features(4).Linear(5).BatchNorm().Linear(1), Head.Binary));
        using var module = nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Linear(5, 1));
        module.call(randn(7, 4));
        module.call(randn(7, 4));
        weights.CopyFrom(module);
        Assert.Equal([2f], weights["1.num_batches_tracked"]);
        Assert.Equal(module.state_dict()["1.running_var"].data<float>().ToArray(), weights["1.running_var"]);
        using var other = nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Linear(5, 1));
        weights.CopyTo(other);
        Assert.Equal(2, other.state_dict()["1.num_batches_tracked"].to_type(ScalarType.Int64).item<long>());
        module.eval();
        other.eval();
        var x = randn(3, 4);
        Assert.Equal(module.call(x).data<float>().ToArray(), other.call(x).data<float>().ToArray());
    }

    [Fact]
    public void ModulesOfOtherNetworksAreRefused()
    {
        var weights = new Weights<float>(Network);
        Refuses("The module has no tensor '2.weight', which the network 4-16-3 needs. Give the weights of that network.", nn.Sequential(nn.Linear(4, 16)));
        Refuses(
            "The tensor '0.weight' of the module has the shape [15, 4], not [16, 4]. Give the weights of a network 4-16-3.",
            nn.Sequential(nn.Linear(4, 15), nn.Tanh(), nn.Linear(15, 3)));
        Refuses(
            "The module has the tensor '3.weight', which the network 4-16-3 has not. Give the weights of that network.",
            nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3), nn.Linear(3, 3, hasBias: false)));
        Refuses("The tensor '0.weight' of the module is of type Float64, not Float32.", Module(ScalarType.Float64));

        void Refuses(string message, nn.Module module)
        {
            using (module)
            {
                Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => weights.CopyFrom(module)).Message);
                Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => weights.CopyTo(module)).Message);
                Assert.All(weights.Values.ToArray(), value => Assert.Equal(0, value));
            }
        }
    }

    private static nn.Module<Tensor, Tensor> Module(ScalarType type) => nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3)).to(type);

    private static void Check<T>(ScalarType type) where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        using var module = Module(type);
        var (weights, loaded) = (new Weights<T>(Network), new Weights<T>(Network));
        weights.CopyFrom(module);
        Assert.Equal(module.state_dict()["2.weight"].data<T>().ToArray(), weights["2.weight"]);
        var path = Path.GetTempFileName();
        try
        {
            weights.SaveSafetensors(path);
            loaded.LoadSafetensors(path);
        }
        finally
        {
            File.Delete(path);
        }

        using var other = Module(type);
        var x = randn(7, 4, dtype: type);
        Assert.False(other.call(x).equal(module.call(x)).all().item<bool>());
        loaded.CopyTo(other);
        Assert.Equal(module.call(x).data<T>().ToArray(), other.call(x).data<T>().ToArray());
        Assert.True(other.parameters().All(p => p.requires_grad));
    }
}
