using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Tests.Models;

/// <summary>Initial weights: libtorch's numbers, the distribution each name promises, names and arguments there and back.</summary>
public class InitializerTests
{
    public static TheoryData<string> Initializers => [.. Initializer.All.Select(i => i.Name)];

    /// <summary>libtorch 2.10's first numbers, and the SHA-256 of all, of a tensor of 5 × 7 after <c>torch.manual_seed(2024)</c>.</summary>
    public static TheoryData<string, float[], string> Fixed => new()
    {
        { "defaultweights", [0.023974944f, 0.25041503f, 0.35667598f, -0.2877815f], "49099d73acebe2c913a9cbe73712ef3089e8a18e2efc771397e248c951d75147" },
        { "defaultbiases", [0.023974944f, 0.25041503f, 0.35667598f, -0.2877815f], "49099d73acebe2c913a9cbe73712ef3089e8a18e2efc771397e248c951d75147" },
        { "uniform", [0.53171587f, 0.83126795f, 0.971838f, 0.11930084f], "ec3a0cae1c9ad0c5436f55875f27c965c9bab483ffacb1fea2b200d4caf36bf3" },
        { "normal", [-1.2262355f, -0.009314819f, 1.541958f, -0.4656696f], "c849a404eee77b1ee7e0b1f317bdc3235658cdc4795c8b01d2e2fc2e361bbbc0" },
        { "xavieruniform", [0.044853013f, 0.46848363f, 0.66727966f, -0.5383899f], "379113c56ad62d23b2bd2b8b755dcf090156a02389e9f1bb5bba41ac34439f67" },
        { "xaviernormal", [-0.50060856f, -0.003802759f, 0.6295017f, -0.19010882f], "4a2c3ed7cf1c30a1d5058e5ed898a813edda2d086b297910aaf8a1e6bc187754" },
        { "kaiminguniform", [0.05872638f, 0.6133891f, 0.8736742f, -0.70491785f], "e5050717213a883bd5d48351c6c4c74d9c270649eee3af316aee5bde5d3c589d" },
        { "kaimingnormal", [-0.65545046f, -0.0049789804f, 0.8242112f, -0.24891087f], "b4716e87544a332958ec906658f9b58fbb92feb8fc04161b09200d25a1834741" },
        { "lecununiform", [0.041525822f, 0.43373156f, 0.6177809f, -0.4984522f], "7e153041ad78bb31c9fa0604b3bd0033adedb8e6ca32f613a45a0c41430c8495" },
        { "lecunnormal", [-0.46347344f, -0.0035206706f, 0.58280534f, -0.17600656f], "4b235bc3fa9bc40ebf67fee7bc9fb3ec78b38622533314b14c9024bb3ae3cb5a" },
    };

    /// <summary>What is not drawn in the same roundings: the first numbers, and how near ours must be.</summary>
    public static TheoryData<string, float[], float> FixedNearly => new()
    {
        { "truncatednormal", [0.0759556f, 0.90095985f, 1.6484443f, -1.0956191f], 2.4e-7f },
        { "orthogonal", [-0.5697236f, -0.004327775f, 0.7164119f, -0.21635559f], 1e-6f },
    };

    /// <summary>An initializer, and the mean and standard deviation its name promises for 400 inputs and 100 units.</summary>
    public static TheoryData<string, double, double> Moments => new()
    {
        { "zeros", 0, 0 },
        { "constant(0.25)", 0.25, 0 },
        { "defaultweights", 0, 1 / Math.Sqrt(3 * 400) },
        { "defaultbiases", 0, 1 / Math.Sqrt(3 * 400) },
        { "uniform(-1, 3)", 1, 4 / Math.Sqrt(12) },
        { "normal(-3, 0.5)", -3, 0.5 },
        // Cut off at both deviations: 1 − 4 φ(2) / (2 Φ(2) − 1) of the variance.
        { "truncatednormal(1, 0.5, 0, 2)", 1, 0.5 * 0.879625662834089 },
        { "xavieruniform(2)", 0, 2 * Math.Sqrt(2.0 / 500) },
        { "xaviernormal(2)", 0, 2 * Math.Sqrt(2.0 / 500) },
        { "kaiminguniform(out, 1)", 0, 0.1 },
        { "kaimingnormal(in, 1)", 0, 0.05 },
        { "lecununiform", 0, 0.05 },
        { "lecunnormal", 0, 0.05 },
        { "orthogonal(3)", 0, 3 * 0.05 },
        { "randomsigns", 0, 1 },
        // Without rows.
        { "meanrates", 0, 0 },
    };

    [Theory, MemberData(nameof(Fixed))]
    public void ValuesAreLibtorchs(string name, float[] first, string hash)
    {
        var values = Draw(name, 7, 5);
        Assert.Equal(first, values[..4]);
        Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(values.AsSpan()))));
    }

    [Theory, MemberData(nameof(FixedNearly))]
    public void OthersAreLibtorchsButForRoundings(string name, float[] first, float error)
        => Assert.All(first.Zip(Draw(name, 7, 5)), pair => Assert.Equal(pair.First, pair.Second, error));

    [Theory, MemberData(nameof(Moments))]
    public void MeanAndDeviationAreWhatTheNamePromises(string text, double mean, double deviation)
    {
        var values = Draw(text, 400, 100);
        var m = values.Average(v => (double)v);
        var s = Math.Sqrt(values.Average(v => (v - m) * (v - m)));
        // 5 standard errors of 40,000 numbers, and a rounding.
        Assert.Equal(mean, m, 5 * deviation / 200 + 1e-7);
        Assert.Equal(deviation, s, 5 * deviation / 200 + 1e-7);
    }

    [Fact]
    public void EveryInitializerHasItsMoments()
        => Assert.Equal(Initializer.All.Select(i => i.Name), Moments.Select(row => Initializer.Parse((string)((object[])row)[0]).Name).OrderBy(IndexOf));

    [Theory, MemberData(nameof(Initializers))]
    public void TextsReadBack(string name)
    {
        var initializer = Initializer.Parse(name.ToUpperInvariant());
        Assert.Equal(initializer, Initializer.Parse(initializer.ToString()));
        Assert.Equal(name, initializer.Name);
    }

    [Fact]
    public void ArgumentsReadBackBitForBit()
    {
        Initializer[] all =
        [
            new Constant { Value = 0.1 }, new Normal { Mean = -0.0, Deviation = 1.0 / 3 }, new Uniform { From = double.MinValue, To = double.Epsilon },
            new KaimingUniform { Fan = Fan.Out, Gain = Gain.OfSlope(0.01) }, new XavierNormal { Gain = 5.0 / 3 }, new TruncatedNormal { Deviation = 0.02, From = -0.04, To = 0.05 },
        ];
        Assert.All(all, initializer => Assert.Equal(initializer, Initializer.Parse(initializer.ToString())));
        Assert.Equal("kaiminguniform(out, 1.4141428569978354)", all[3].ToString());
        Assert.Equal("zeros", new Zeros().ToString());
    }

    [Theory]
    [InlineData("glorot", "There is no initializer 'glorot'. Choose one of: defaultweights, ")]
    [InlineData("normal(0)", "'normal(0)' is not an initializer. Write it like normal(0, 1).")]
    [InlineData("normal(0, x)", "'normal(0, x)' is not an initializer. Write it like normal(0, 1).")]
    [InlineData("normal(0, 1", "'normal(0, 1' is not an initializer. Write it like normal(0, 1).")]
    [InlineData("normal(0, 1))", "'normal(0, 1))' is not an initializer. Write it like normal(0, 1).")]
    [InlineData("zeros()", "'zeros()' is not an initializer. Write it like zeros.")]
    [InlineData("normal(", "'normal(' is not an initializer. Write it like normal(0, 1).")]
    [InlineData("kaimingnormal(up, 1)", "'kaimingnormal(up, 1)' is not an initializer. Write it like kaimingnormal(in, 1.4142135623730951).")]
    [InlineData("normal(0, -1)", "Deviation is -1, not a finite number from 0 on. Correct it.")]
    [InlineData("constant(NaN)", "Value is NaN, not a finite number. Correct it.")]
    public void WrongTextsSayWhy(string text, string message)
        => Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => Initializer.Parse(text)).Message);

    [Theory, InlineData(1, 1), InlineData(1, 5), InlineData(40, 7), InlineData(7, 40), InlineData(33, 33)]
    public void OrthogonalMatricesAre(int fanIn, int fanOut)
    {
        var values = new double[fanIn * fanOut];
        new Orthogonal { Gain = 2 }.Fill<double>(values, fanIn, fanOut, new TorchRandom(1));
        var (count, length) = (Math.Min(fanIn, fanOut), Math.Max(fanIn, fanOut));
        double At(int vector, int i) => fanOut < fanIn ? values[vector * fanIn + i] : values[i * fanIn + vector];
        for (var a = 0; a < count; a++)
        {
            for (var b = 0; b <= a; b++)
            {
                var product = Enumerable.Range(0, length).Sum(i => At(a, i) * At(b, i));
                // Sums of products up to 4 over the length, some roundings of each.
                Assert.Equal(a == b ? 4 : 0, product, 4 * Math.ScaleB(1, -50));
            }
        }
    }

    [Fact]
    public void OrthogonalIsForMatrices()
        => Assert.Equal(
            "5 numbers are no matrix of 5 × 7. Choose another initializer for what is not a matrix.",
            Assert.Throws<ArgumentException>(() => new Orthogonal().Fill<float>(new float[5], 7, 5, new TorchRandom(1))).Message);

    [Fact]
    public void GainsArePyTorchs()
    {
        Assert.Equal(1, Gain.Of(Activation.Parse("identity")));
        Assert.Equal(1, Gain.Of(Activation.Parse("sigmoid")));
        Assert.Equal(Math.Sqrt(2), Gain.Of(Activation.Parse("relu")));
        Assert.Equal(5.0 / 3, Gain.Of(Activation.Parse("tanh")));
        Assert.Equal(Math.Sqrt(2 / (1 + 0.01 * 0.01)), Gain.OfSlope(0.01));
        Assert.Contains("There is no customary gain for silu.", Assert.Throws<ArgumentException>(() => Gain.Of(Activation.Parse("silu"))).Message);
    }

    [Fact]
    public void BiasesOfAConstantLeaveTheStreamToTheWeights()
    {
        var mlp = Mlp.Parse("4-16-3", Activation.Parse("relu"), Head.Multiclass);
        var (weights, random) = (Backprop.Models.Initializers.Of<float>(mlp, new TorchRandom(6), new KaimingNormal(), new Constant()), new TorchRandom(6));
        var (first, second) = (new float[64], new float[48]);
        random.FillNormal<float>(first, 0, Math.Sqrt(2) / 2);
        random.FillNormal<float>(second, 0, Math.Sqrt(2) / 4);
        Assert.Equal(first, weights["0.weight"]);
        Assert.Equal(second, weights["2.weight"]);
        Assert.All(weights["0.bias"].ToArray().Concat(weights["2.bias"].ToArray()), bias => Assert.Equal(0.1f, bias));
    }

    private static int IndexOf(string name) => Initializer.All.Select(i => i.Name).ToList().IndexOf(name);

    private static float[] Draw(string text, int fanIn, int fanOut)
    {
        var values = new float[fanIn * fanOut];
        Initializer.Parse(text).Fill<float>(values, fanIn, fanOut, new TorchRandom(2024));
        return values;
    }
}
