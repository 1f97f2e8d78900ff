using System.Numerics;
using Backprop.Formulas;
using Backprop.Models;
using TorchSharp;

namespace Backprop.Interop.Tests.Torch;

/// <summary>Random numbers and initial weights are libtorch's, bit for bit, from the same seed.</summary>
[Collection(TorchCollection.Name)]
public class RandomTests
{
    public static TheoryData<long> Seeds => [0, 1, 42, 1234567890123, -1, 1L << 32];

    [Theory, MemberData(nameof(Seeds))]
    public void UniformNumbersAreLibtorchs(long seed)
    {
        torch.manual_seed(seed);
        var (floats, doubles) = (new float[1001], new double[1001]);
        var random = new TorchRandom(seed);
        random.FillUniform<float>(floats, 0, 1);
        random.FillUniform<double>(doubles, 0, 1);
        Assert.Equal(torch.rand(1001).data<float>().ToArray(), floats);
        Assert.Equal(torch.rand(1001, dtype: torch.ScalarType.Float64).data<double>().ToArray(), doubles);
        random.FillUniform<float>(floats, -0.37, 1.9);
        Assert.Equal(torch.empty(1001).uniform_(-0.37, 1.9).data<float>().ToArray(), floats);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(10), InlineData(1000), InlineData(60_000)]
    public void PermutationsAreLibtorchs(int length)
    {
        torch.manual_seed(7);
        var order = new int[length];
        new TorchRandom(7).FillPermutation(order);
        Assert.Equal(torch.randperm(length).data<long>().Select(i => (int)i), order);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void InitialWeightsAreLibtorchs(long seed)
    {
        foreach (var sizes in new[] { "784-256-128-10", "13-7", "1-5-2" })
        {
            WeightsAreLibtorchs<float>(sizes, seed, torch.ScalarType.Float32);
            WeightsAreLibtorchs<double>(sizes, seed, torch.ScalarType.Float64);
        }
    }

    private static void WeightsAreLibtorchs<T>(string sizes, long seed, torch.ScalarType type) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var mlp = Mlp.Parse(sizes, Activation.Of(new Relu()), Head.Multiclass);
        var ours = Initializers.Default<T>(mlp, seed);
        torch.manual_seed(seed);
        for (var layer = 0; layer < mlp.Layers; layer++)
        {
            using var linear = torch.nn.Linear(mlp.Sizes[layer], mlp.Sizes[layer + 1], dtype: type);
            AssertSame(linear.weight!, $"{2 * layer}.weight");
            AssertSame(linear.bias!, $"{2 * layer}.bias");
        }

        void AssertSame(torch.Tensor theirs, string name)
        {
            var (a, b) = (theirs.data<T>().ToArray(), ours[name].ToArray());
            for (var i = 0; i < a.Length; i++)
            {
                Assert.True(a[i].Equals(b[i]), $"{sizes}, seed {seed}, {typeof(T).Name}, {name}[{i}]: ours {b[i]:R}, libtorch's {a[i]:R}");
            }
        }
    }
}
