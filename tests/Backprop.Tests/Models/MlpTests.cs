using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Tests.Models;

/// <summary>Descriptions, weights and random numbers.</summary>
public class MlpTests
{
    [Theory]
    [InlineData("4", "multiclass", "A network of 1 sizes has no layer. Give inputs and outputs at least, such as 4-16-3.")]
    [InlineData("4-x-3", "multiclass", "'4-x-3' is not a network: 'x' is not a whole number. Write sizes joined by hyphens, such as 784-256-128-10.")]
    [InlineData("4-0-3", "multiclass", "Layer size 2 is 0, outside 1 to 1048576. Correct it.")]
    [InlineData("4-3", "binary", "A binary network has 1 output, not 3. End its sizes so, or choose another task.")]
    [InlineData("4-1", "multiclass", "A multiclass network has 2 or more outputs, not 1. End its sizes so, or choose another task.")]
    [InlineData("1048576-1048576-3", "multiclass", "The network 1048576 → linear 1048576 → relu → linear 3 has 1099515822083 weights, more than 268435456. Make its largest layers smaller.")]
    public void AWrongDescriptionSaysWhy(string sizes, string head, string message)
        => Assert.Equal(message, Assert.Throws<ArgumentException>(() => Mlp.Parse(sizes, Activation.Parse("relu"), Head.Parse(head))).Message);

    [Fact]
    public void WeightsHavePyTorchsNamesAndShapes()
    {
        var weights = new Weights<float>(Mlp.Parse("4-16-3", Activation.Parse("relu"), Head.Multiclass));
        Assert.Equal(
            [("0.weight", 16, 4), ("0.bias", 1, 16), ("2.weight", 3, 16), ("2.bias", 1, 3)],
            weights.Tensors.Select(t => (t.Name, t.Rows, t.Columns)));
        Assert.Contains("There is no parameter '1.weight'", Assert.Throws<ArgumentException>(() => _ = weights["1.weight"].Length).Message);
    }

    [Fact]
    public void TheGeneratorIsTheMersenneTwister()
    {
        // The reference implementation's default seed, its first and 10,000th output (C++ standard, [rand.predef]).
        var random = new TorchRandom(5489);
        Assert.Equal(3499211612u, random.NextUInt32());
        for (var i = 2; i < 10_000; i++)
        {
            random.NextUInt32();
        }

        Assert.Equal(4123659995u, random.NextUInt32());
    }

    [Fact]
    public void TheHashIsSha256OfTheNumbersInOrder()
    {
        var weights = new Weights<float>(Mlp.Parse("1-2", Activation.Parse("relu"), Head.Multiclass));
        weights["0.weight"][1] = 1;
        var bytes = new byte[16];
        BitConverter.TryWriteBytes(bytes.AsSpan(4), 1f);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), weights.Hash());
    }
}
