using System.Numerics;
using Backprop.Formulas;
using Backprop.Models;
using static TorchSharp.torch;

namespace Backprop.Interop.Tests.Torch;

/// <summary>Initial weights are libtorch's from the same seed.</summary>
[Collection(TorchCollection.Name)]
public class InitializerTests
{
    public static TheoryData<long> Seeds => RandomTests.Seeds;

    [Theory, MemberData(nameof(Seeds))]
    public void WholeNetworksAreLibtorchs(long seed)
    {
        foreach (var sizes in new[] { "784-256-128-10", "13-7", "1-5-2" })
        {
            WeightsAreLibtorchs<float>(sizes, seed, ScalarType.Float32);
            WeightsAreLibtorchs<double>(sizes, seed, ScalarType.Float64);
        }
    }

    private static void WeightsAreLibtorchs<T>(string sizes, long seed, ScalarType type) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var mlp = Mlp.Parse(sizes, Activation.Of(new Relu()), Head.Multiclass);
        var ours = Models.Initializers.Default<T>(mlp, seed);
        manual_seed(seed);
        for (var layer = 0; layer < mlp.Layers; layer++)
        {
            using var linear = nn.Linear(mlp.Sizes[layer], mlp.Sizes[layer + 1], dtype: type);
            AssertSame(linear.weight!, $"{2 * layer}.weight");
            AssertSame(linear.bias!, $"{2 * layer}.bias");
        }

        void AssertSame(Tensor theirs, string name)
        {
            var (a, b) = (theirs.data<T>().ToArray(), ours[name].ToArray());
            for (var i = 0; i < a.Length; i++)
            {
                Assert.True(a[i].Equals(b[i]), $"{sizes}, seed {seed}, {typeof(T).Name}, {name}[{i}]: ours {b[i]:R}, libtorch's {a[i]:R}");
            }
        }
    }
}
