using System.Numerics;
using Backprop.Models;
using static TorchSharp.torch;

namespace Backprop.Interop.Tests.Torch;

/// <summary>Random numbers are libtorch's from the same seed: bit for bit but for double's last bits behind log, sin and cos.</summary>
[Collection(TorchCollection.Name)]
public class RandomTests
{
    public static TheoryData<long> Seeds => [0, 1, 42, 1234567890123, -1, 1L << 32];

    public static TheoryData<int> Lengths => [.. AllLengths];

    private static readonly int[] AllLengths = [0, 1, 2, 15, 16, 17, 31, 32, 100, 623, 624, 625, 10_001];

    [Theory, MemberData(nameof(Seeds))]
    public void UniformNumbersAreLibtorchs(long seed)
    {
        AssertSame<float>(seed, 1001, (random, values) => random.FillUniform(values, 0, 1), t => t.uniform_(0, 1));
        AssertSame<double>(seed, 1001, (random, values) => random.FillUniform(values, 0, 1), t => t.uniform_(0, 1));
        AssertSame<float>(seed, 1001, (random, values) => random.FillUniform(values, -0.37, 1.9), t => t.uniform_(-0.37, 1.9));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(10), InlineData(1000), InlineData(60_000)]
    public void PermutationsAreLibtorchs(int length)
    {
        manual_seed(7);
        var order = new int[length];
        new TorchRandom(7).FillPermutation(order);
        Assert.Equal(randperm(length).data<long>().Select(i => (int)i), order);
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(-5, 12)]
    [InlineData(0, (1L << 28) - 1)]
    [InlineData(0, 1L << 28)]
    [InlineData(-3, 1L << 40)]
    public void WholeNumbersAreLibtorchs(long from, long to)
    {
        manual_seed(8);
        var ours = new long[1000];
        new TorchRandom(8).FillIntegers(ours, from, to);
        Assert.Equal(randint(from, to, 1000, dtype: ScalarType.Int64).data<long>().ToArray(), ours);
    }

    [Theory, MemberData(nameof(Lengths))]
    public void NormalNumbersAreLibtorchs(int length)
    {
        AssertSame<float>(3, length, (random, values) => random.FillNormal(values), t => t.normal_());
        AssertSame<float>(3, length, (random, values) => random.FillNormal(values, 0.5, 2.5), t => t.normal_(0.5, 2.5));
        AssertSame<float>(3, length, (random, values) => random.FillNormal(values, -1e-3, 0.02), t => t.normal_(-1e-3, 0.02));
        AssertNear<double>(3, length, 8e-16, (random, values) => random.FillNormal(values), t => t.normal_());
        AssertNear<double>(3, length, 20e-16, (random, values) => random.FillNormal(values, 0.5, 2.5), t => t.normal_(0.5, 2.5));
    }

    [Theory, MemberData(nameof(Seeds))]
    public void ManyNormalNumbersAreLibtorchs(long seed)
        => AssertSame<float>(seed, 300_000, (random, values) => random.FillNormal(values), t => t.normal_());

    [Theory, MemberData(nameof(Lengths))]
    public void ExponentialNumbersAreLibtorchs(int length)
    {
        AssertSame<float>(4, length, (random, values) => random.FillExponential(values), t => t.exponential_());
        AssertSame<float>(4, length, (random, values) => random.FillExponential(values, 2.5), t => t.exponential_(2.5));
        AssertNear<double>(4, length, 40e-16, (random, values) => random.FillExponential(values, 2.5), t => t.exponential_(2.5));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1e-17)]
    [InlineData(0.01)]
    [InlineData(0.3)]
    [InlineData(0.5)]
    [InlineData(0.9999999)]
    [InlineData(1.0)]
    public void BernoulliNumbersAreLibtorchs(double p)
    {
        foreach (var length in AllLengths)
        {
            AssertSame<float>(5, length, (random, values) => random.FillBernoulli(values, p), t => t.bernoulli_(p));
            AssertSame<double>(5, length, (random, values) => random.FillBernoulli(values, p), t => t.bernoulli_(p));
            AssertSame<float>(5, length, (random, values) => random.FillBernoulli(values, Filled(length, (float)p)), t => t.copy_(bernoulli(full_like(t, p))));
            AssertSame<double>(5, length, (random, values) => random.FillBernoulli(values, Filled(length, p)), t => t.copy_(bernoulli(full_like(t, p))));
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.01)]
    [InlineData(0.1)]
    [InlineData(0.2)]
    [InlineData(0.5)]
    [InlineData(0.7)]
    [InlineData(0.99)]
    [InlineData(1.0)]
    public void DropoutMasksAreLibtorchs(double p)
    {
        foreach (var length in AllLengths)
        {
            Check<float>(length, ScalarType.Float32);
            Check<double>(length, ScalarType.Float64);
        }

        void Check<T>(int length, ScalarType type) where T : unmanaged, IFloatingPointIeee754<T>
        {
            // Multiplied by numbers of a tensor, so that the factor's rounding shows.
            using var x = rand(length, dtype: type);
            var input = x.data<T>().ToArray();
            AssertSame<T>(
                6,
                length,
                (random, values) =>
                {
                    random.FillDropoutMask(values, p);
                    for (var i = 0; i < length; i++)
                    {
                        values[i] *= input[i];
                    }
                },
                t => t.copy_(nn.functional.dropout(x, p, training: true)));
        }
    }

    [Fact]
    public void LibtorchContinuesOurStreamAndWeItsOwn()
    {
        foreach (var drawn in new[] { 0, 1, 623, 624, 700, 1248 })
        {
            var random = new TorchRandom(9);
            random.FillUniform<float>(new float[drawn], 0, 1);
            // One number of a pair, so that the other is kept.
            random.FillNormal<float>(new float[1]);
            using var state = tensor(random.SaveState());
            set_rng_state(state);
            var restored = TorchRandom.FromState(get_rng_state().data<byte>().ToArray());
            var (ours, again) = (new float[50], new float[50]);
            random.FillNormal<float>(ours.AsSpan(0, 9));
            random.FillUniform<float>(ours.AsSpan(9), 0, 1);
            restored.FillNormal<float>(again.AsSpan(0, 9));
            restored.FillUniform<float>(again.AsSpan(9), 0, 1);
            Assert.Equal(ours, again);
            Assert.Equal(cat([randn(9), rand(41)]).data<float>().ToArray(), ours);
        }
    }

    /// <summary>The same numbers from both, and the same state of the generator after them.</summary>
    private static void AssertSame<T>(long seed, int length, Action<TorchRandom, T[]> ours, Func<Tensor, Tensor> theirs)
        where T : unmanaged, IFloatingPointIeee754<T>
        => AssertNear(seed, length, 0, ours, theirs);

    private static void AssertNear<T>(long seed, int length, double error, Action<TorchRandom, T[]> ours, Func<Tensor, Tensor> theirs)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var scope = NewDisposeScope();
        // One word first: libtorch's mark of a generator that was never used says nothing of what it gives.
        var (random, a) = (new TorchRandom(seed), new T[length]);
        random.NextUInt32();
        manual_seed(seed);
        rand(1);
        ours(random, a);
        var b = theirs(zeros(length, dtype: typeof(T) == typeof(float) ? ScalarType.Float32 : ScalarType.Float64)).data<T>().ToArray();
        for (var i = 0; i < length; i++)
        {
            var (x, y) = (double.CreateTruncating(a[i]), double.CreateTruncating(b[i]));
            Assert.True(Math.Abs(x - y) <= error * Math.Max(1, Math.Abs(y)), $"seed {seed}, {typeof(T).Name}, number {i} of {length}: "
                + $"ours {a[i]:R}, libtorch's {b[i]:R}");
        }

        Assert.Equal(StateWithoutNormal(get_rng_state().data<byte>().ToArray()), StateWithoutNormal(random.SaveState()));
    }

    // Without the kept normal number, whose last bits may differ, and without what only fills up.
    private static byte[] StateWithoutNormal(byte[] state) => [.. state[..^32], .. state[^24..^12]];

    private static T[] Filled<T>(int length, T value)
    {
        var values = new T[length];
        Array.Fill(values, value);
        return values;
    }
}
