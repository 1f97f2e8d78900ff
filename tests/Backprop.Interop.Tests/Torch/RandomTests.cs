using System.Numerics;
using Backprop.Formulas;
using Backprop.Models;
using TorchSharp;

namespace Backprop.Interop.Tests.Torch;

/// <summary>The same seed gives the same random numbers as PyTorch, bit for bit.</summary>
[Collection(TorchCollection.Name)]
public sealed class RandomTests
{
    public static TheoryData<long> Seeds => [0, 1, 42, 1234567890123, -1, 1L << 32];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void UniformFloatsAreTorchs(long seed) => UniformIsTorchs<float>(seed, torch.float32);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void UniformDoublesAreTorchs(long seed) => UniformIsTorchs<double>(seed, torch.float64);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(1000)]
    [InlineData(60000)]
    public void PermutationsAreTorchs(int n)
    {
        var ours = new int[n];
        new TorchRandom(7).FillPermutation(ours);
        torch.manual_seed(7);
        using var theirs = torch.randperm(n);
        Assert.Equal(theirs.data<long>().ToArray().Select(i => (int)i), ours);
    }

    [Theory]
    [InlineData("784-256-128-10", 0)]
    [InlineData("13-7-2", 42)]
    [InlineData("1-5-3", -1)]
    [InlineData("4-16-16-3", 1234567890123)]
    public void InitialWeightsAreThoseOfTorchsLinearLayers(string sizes, long seed)
    {
        InitialWeightsAreTorchs<float>(sizes, seed, torch.float32, 0);

        // PyTorch's bound √3 · √(2/6) / √inputs is the same float as 1 / √inputs, but not the same double.
        InitialWeightsAreTorchs<double>(sizes, seed, torch.float64, 4.5e-16);
    }

    private static void UniformIsTorchs<T>(long seed, torch.ScalarType type) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var ours = new T[1001];
        new TorchRandom(seed).FillUniform<T>(ours, 0, 1);
        torch.manual_seed(seed);
        using var theirs = torch.rand(ours.Length, type);
        Assert.Equal(theirs.data<T>().ToArray(), ours);
    }

    private static void InitialWeightsAreTorchs<T>(string sizes, long seed, torch.ScalarType type, double tolerance)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var mlp = Mlp.Parse(sizes, Activation.Of(new Relu()), Head.Multiclass);
        var ours = Initializers.Default<T>(mlp, seed);
        torch.manual_seed(seed);
        for (var layer = 0; layer < mlp.Layers; layer++)
        {
            using var linear = torch.nn.Linear(mlp.Sizes[layer], mlp.Sizes[layer + 1], dtype: type);
            Compare(linear.weight!.data<T>().ToArray(), ours[$"{2 * layer}.weight"], tolerance);
            Compare(linear.bias!.data<T>().ToArray(), ours[$"{2 * layer}.bias"], 0);
        }
    }

    private static void Compare<T>(T[] theirs, ReadOnlySpan<T> ours, double tolerance) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var i = 0; i < theirs.Length; i++)
        {
            var apart = double.CreateTruncating(T.Abs(theirs[i] - ours[i]));
            Assert.True(apart <= tolerance, $"Number {i}: ours {ours[i]:R}, torch's {theirs[i]:R}");
        }
    }
}
