using System.Security.Cryptography;
using System.Text;
using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Tests.Models;

/// <summary>Trained networks: scores, NaN, threads, saving and loading.</summary>
public class NetworkTests
{
    [Theory, MemberData(nameof(Catalogue.HeadsAndActivations), MemberType = typeof(Catalogue))]
    public void ALoadedNetworkScoresTheSameBits(string head, string activation)
    {
        var network = Make(head, activation);
        var table = Catalogue.Table(network.Model, 50);
        Assert.Equal(Score(network, table.Features), Score(Load(Save(network)), table.Features));
    }

    [Fact]
    public void EveryTruncationAndEveryFlippedByteIsNoticed()
    {
        var bytes = Save(Make("multiclass", "relu"));
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => Load(bytes[..length]));
        }

        for (var i = 0; i < bytes.Length; i++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[i] ^= 0x40;
            Assert.Throws<InvalidDataException>(() => Load(damaged));
        }
    }

    [Fact]
    public void AFalseLengthIsNoticedBeforeItIsAllocated()
    {
        var bytes = Save(Make("regression", "relu"));
        BitConverter.TryWriteBytes(bytes.AsSpan("backprop network 1".Length), int.MaxValue);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("it ends after", Assert.Throws<InvalidDataException>(() => Load(bytes)).Message);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 10_000_000);
    }

    [Fact]
    public void ANetworkIsLoadedInThePrecisionItWasSavedIn()
        => Assert.Contains(
            "numbers of 4 bytes, not 8",
            Assert.Throws<InvalidDataException>(() => Network<double>.Load(new(new MemoryStream(Save(Make("binary", "relu")))))).Message);

    [Fact]
    public void AFormulaNobodyCouldLoadIsNotSaved()
    {
        var mlp = new Mlp([2, 3, 1], Activation.Of(new Cubed()), Head.Binary);
        var error = Assert.Throws<NotSupportedException>(() => Save(new(Initializers.Default<float>(mlp, 1))));
        Assert.Equal("The activation cubed is not known by its name and cannot be saved. Call Activation.Register with it first.", error.Message);
    }

    [Theory, MemberData(nameof(Catalogue.HeadsAndActivations), MemberType = typeof(Catalogue))]
    public void ARowWithNaNScoresNaNAndItsNeighboursDoNot(string head, string activation)
    {
        var network = Make(head, activation);
        var table = Catalogue.Table(network.Model, 3);
        table.Features[network.Model.Inputs + 1] = float.NaN;
        var scores = Score(network, table.Features).Chunk(network.Model.Outputs).ToArray();
        Assert.All(scores[1], score => Assert.True(float.IsNaN(score)));
        Assert.All(scores[0].Concat(scores[2]), score => Assert.True(float.IsFinite(score)));
    }

    [Fact]
    public void OneNetworkServesManyThreads()
    {
        var network = Make("multiclass", "tanh");
        var table = Catalogue.Table(network.Model, 100);
        var expected = Score(network, table.Features);
        Parallel.For(0, 64, _ => Assert.Equal(expected, Score(network, table.Features)));
    }

    [Fact]
    public void ProbabilitiesAddUpToOne()
    {
        var network = Make("multiclass", "sigmoid");
        foreach (var row in Score(network, Catalogue.Table(network.Model, 20).Features).Chunk(3))
        {
            // Three roundings of numbers up to 1.
            Assert.Equal(1, row.Sum(p => (double)p), 3 * Math.ScaleB(1, -24));
        }
    }

    [Fact]
    public void AFewBytesThatDescribeALargeNetworkAreRefusedBeforeItIsMade()
    {
        using var payload = new MemoryStream();
        using (var inner = new BinaryWriter(payload, Encoding.UTF8, leaveOpen: true))
        {
            inner.Write(sizeof(float));
            inner.Write("""{"features":256,"layers":[{"layer":"linear","units":1000000,"of":[0]}],"heads":[{"head":"regression","of":1,"weight":1}]}""");
        }

        byte[] bytes = [.. "backprop network 2"u8, .. BitConverter.GetBytes((int)payload.Length), .. SHA256.HashData(payload.ToArray()), .. payload.ToArray()];
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("has 0 bytes of numbers, not the 1036000000 it needs", Assert.Throws<InvalidDataException>(() => Load(bytes)).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000_000);
    }

    [Fact]
    public void AFileOfAnEarlierLayoutIsNamedSo()
    {
        var bytes = Save(Make("multiclass", "relu"));
        bytes["backprop network ".Length] = (byte)'1';
        Assert.StartsWith("The network was saved by another version of this library", Assert.Throws<InvalidDataException>(() => Load(bytes)).Message);
    }

    [Fact]
    public void WrongLengthsAreRefused()
    {
        var network = Make("multiclass", "relu");
        Assert.Throws<ArgumentException>(() => network.Score(new float[7], new float[3]));
        Assert.Throws<ArgumentException>(() => network.Score(new float[4], new float[3], threads: -1));
    }

    [Theory, InlineData(1), InlineData(30)]
    public void ScoringAgainAllocatesNothing(int rows)
    {
        var network = Make("multiclass", "silu");
        var (features, scores) = (new float[4 * rows], new float[3 * rows]);
        network.Score(features, scores);
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                network.Score(features, scores);
            }
        }));
    }

    [Fact]
    public void ManyThreadsScoreOnOneNetwork()
    {
        var network = Make("multiclass", "tanh");
        var table = Catalogue.Table(network.Model, 64);
        var expected = Score(network, table.Features);
        Parallel.For(0, 2000, new() { MaxDegreeOfParallelism = 16 }, i =>
        {
            var (row, scores) = (i % 64, new float[3]);
            network.Score(table.Features.AsSpan(row * 4, 4), scores);
            Assert.Equal(expected.AsSpan(row * 3, 3).ToArray(), scores);
        });
    }

    private static Network<float> Make(string head, string activation)
    {
        var mlp = Catalogue.Network("4-9-5", head, activation);
        var (scale, shift) = (Enumerable.Repeat(head == "regression" ? 3f : 1f, mlp.Outputs), Enumerable.Repeat(head == "regression" ? 5f : 0f, mlp.Outputs));
        return new(Initializers.Default<float>(mlp, 3), [.. scale], [.. shift]);
    }

    private static float[] Score(Network<float> network, float[] features)
    {
        var scores = new float[features.Length / network.Model.Inputs * network.Model.Outputs];
        network.Score(features, scores);
        return scores;
    }

    private static byte[] Save(Network<float> network)
    {
        using var stream = new MemoryStream();
        network.Save(new(stream));
        return stream.ToArray();
    }

    private static Network<float> Load(byte[] bytes) => Network<float>.Load(new(new MemoryStream(bytes)));

    private readonly record struct Cubed : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => x * x * x;

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => 3 * x * x;
    }
}
