using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Backprop.Models;

namespace Backprop.Tests.Models;

/// <summary>Random numbers are those libtorch 2.10 gave for <c>torch.manual_seed(2024)</c>, and the vectorised generator is the plain one.</summary>
public class TorchRandomTests
{
    private const long Seed = 2024;

    /// <summary>A distribution, how many numbers, the first of them and the SHA-256 of all.</summary>
    public static TheoryData<string, int, float[], string> Singles => new()
    {
        { "uniform", 1003, [0.836995f, 1.5169783f, 1.8360722f, -0.0991871f], "8d4d25fe251431a5af9752626b50ab3601de3bbd13e067f3effb5114410e4b51" },
        { "normal", 15, [0.3989271f, 4.8149805f, -1.5350969f, 3.9304166f], "a2c6e1aeb6f71ec1ebad1812d7c7c1843ba9b62785f3053416d524b1add7265f" },
        { "normal", 1003, [-2.5655887f, 0.47671294f, 4.354895f, -0.664174f], "ec156f754ad3f1f8f1432c5647142fbe1fb3eff400de807eaefa571a80205479" },
        { "exponential", 1003, [0.11706569f, 0.5961367f, 0.16331859f, 0.5091001f], "22b709c0639c20959131f06cd8fa88d694a74c814d2e274ea710c968d4417aaf" },
        { "bernoulli", 1003, [1f, 0f, 0f, 0f], "4fb5f2e7c85f1afa6dd8561fff271baf3278c70a67012365ca607ddc357e0943" },
        { "bernoulli of a tensor", 1003, [0f, 0f, 0f, 1f], "a8d4610bb9a6e7bafd6e54c0811b3c25471d5c62c267095acf3ea9d7a88f2fbd" },
        { "dropout", 1003, [1.4285715f, 0f, 1.4285715f, 0f], "d99a71948ed3d9500511d282c5f463c6d8945cdd110a048b21651dde1f8fb4d4" },
    };

    /// <summary>A distribution, how many numbers, and the first of them.</summary>
    public static TheoryData<string, int, double[]> Doubles => new()
    {
        { "uniform", 1003, [0.2059610170069677, 1.3885788330823423, 0.3909453968578424, 1.2642630230033598] },
        { "normal", 15, [0.39892708157646584, 4.8149803005745255, -1.5350969107019163, 3.930416585452123] },
        { "normal", 1003, [-1.2600618550945166, 3.8281468258763844, 2.035750248461212, -1.2296476612511413] },
        { "dropout", 1003, [1.4285714285714286, 0, 1.4285714285714286, 0, 0, 1.4285714285714286] },
    };

    [Theory, MemberData(nameof(Singles))]
    public void SinglesAreLibtorchsBitForBit(string distribution, int length, float[] first, string hash)
    {
        var values = Draw<float>(distribution, length);
        Assert.Equal(first, values[..first.Length]);
        Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(values.AsSpan()))));
    }

    /// <summary>Normal numbers within what an ulp of log, sin or cos, times a deviation of 2.5, makes of numbers up to 5.</summary>
    [Theory, MemberData(nameof(Doubles))]
    public void DoublesAreLibtorchs(string distribution, int length, double[] first)
    {
        var values = Draw<double>(distribution, length);
        Assert.All(first.Zip(values), pair => Assert.Equal(pair.First, pair.Second, distribution == "normal" ? 2e-15 : 0));
    }

    [Fact]
    public void WholeNumbersAndOrdersAreLibtorchs()
    {
        var (small, large, order) = (new long[10], new long[4], new int[10]);
        var random = new TorchRandom(Seed);
        random.FillIntegers(small, -5, 12);
        random.FillIntegers(large, 0, 1L << 40);
        new TorchRandom(Seed).FillPermutation(order);
        Assert.Equal([5, 5, 5, 4, 9, -1, 5, 8, 5, 4], small);
        Assert.Equal([829089120572, 978375172170, 286343558624, 711822165500], large);
        Assert.Equal([2, 3, 0, 8, 7, 5, 1, 9, 4, 6], order);
    }

    [Fact]
    public void TheGeneratorIsTheRecurrenceWordByWord()
    {
        var (random, state) = (new TorchRandom(-7), new List<uint> { unchecked((uint)-7) });
        for (var i = 1; i < 624; i++)
        {
            state.Add(1812433253u * (state[^1] ^ (state[^1] >> 30)) + (uint)i);
        }

        for (var i = 0; i < 3000; i++)
        {
            var y = (state[i] & 0x80000000u) | (state[i + 1] & 0x7fffffffu);
            state.Add(state[i + 397] ^ (y >> 1) ^ (y % 2 * 0x9908b0dfu));
            y = state[^1];
            y ^= y >> 11;
            y ^= (y << 7) & 0x9d2c5680u;
            y ^= (y << 15) & 0xefc60000u;
            Assert.Equal(y ^ (y >> 18), random.NextUInt32());
        }
    }

    [Theory, InlineData(0, 0.5), InlineData(1, 0.5), InlineData(1, 0.125), InlineData(622, 0.9), InlineData(623, 0.9), InlineData(624, 0.999)]
    public void MasksAreWordByWordComparisonsWhereverTheyBegin(int drawn, double p)
    {
        for (var length = 0; length <= 1300; length += length < 70 ? 1 : 97)
        {
            var (random, words) = (new TorchRandom(3), new TorchRandom(3));
            for (var i = 0; i < drawn; i++)
            {
                random.NextUInt32();
                words.NextUInt32();
            }

            var (single, real) = (new float[length], new double[length]);
            random.FillDropoutMask<float>(single, p);
            random.FillDropoutMask<double>(real, p);
            Assert.All(single, factor => Assert.Equal(Keeps() ? 1 / (float)(1 - p) : 0, factor));
            Assert.All(real, factor => Assert.Equal(Keeps() ? 1 / (1 - p) : 0, factor));
            Assert.Equal(words.NextUInt32(), random.NextUInt32());
            bool Keeps() => (words.NextUInt64() & ((1UL << 53) - 1)) * Math.ScaleB(1, -53) < 1 - p;
        }
    }

    [Fact]
    public void NoDropoutAndAllDropoutDrawNothing()
    {
        var (random, mask) = (new TorchRandom(3), new float[100]);
        random.FillDropoutMask(mask, 0.0);
        Assert.All(mask, factor => Assert.Equal(1, factor));
        random.FillDropoutMask(mask, 1.0);
        Assert.All(mask, factor => Assert.Equal(0, factor));
        Assert.Equal(new TorchRandom(3).NextUInt32(), random.NextUInt32());
    }

    [Fact]
    public void ARestoredGeneratorContinues()
    {
        foreach (var drawn in new[] { 0, 1, 623, 624, 625, 2000 })
        {
            var random = new TorchRandom(4);
            random.FillUniform<float>(new float[drawn], 0, 1);
            random.FillNormal<float>(new float[drawn % 3]);
            var restored = TorchRandom.FromState(random.SaveState());
            Assert.Equal(random.SaveState(), restored.SaveState());
            var (a, b) = (new float[15], new float[15]);
            for (var i = 0; i < 100; i++)
            {
                random.FillNormal<float>(a);
                restored.FillNormal<float>(b);
                Assert.Equal(a, b);
            }
        }
    }

    [Fact]
    public void BytesThatAreNoStateAreRefused()
    {
        var state = new TorchRandom(4).SaveState();
        Assert.Throws<InvalidDataException>(() => TorchRandom.FromState(state[..^1]));
        foreach (var (offset, value) in new[] { (8, 0), (8, 625), (8, -1), (8, 2), (12, 0) })
        {
            var damaged = (byte[])state.Clone();
            BitConverter.TryWriteBytes(damaged.AsSpan(offset), value);
            Assert.Contains(
                "The state of a random generator stands at word 624", Assert.Throws<InvalidDataException>(() => TorchRandom.FromState(damaged)).Message);
        }
    }

    [Fact]
    public void WrongArgumentsAreRefused()
    {
        var (random, values) = (new TorchRandom(1), new float[3]);
        Assert.Equal("The probability 1.5 is outside 0 to 1. Correct it.", Assert.Throws<ArgumentException>(() => random.FillDropoutMask(values, 1.5)).Message);
        Assert.Throws<ArgumentException>(() => random.FillBernoulli(values, double.NaN));
        Assert.Throws<ArgumentException>(() => random.FillBernoulli(values, [0.5f, 0.5f]));
        Assert.Throws<ArgumentException>(() => random.FillBernoulli(values, [0.5f, 0.5f, -1]));
        Assert.Equal(
            "There are no numbers from 1 to 0. Give the lower bound first.", Assert.Throws<ArgumentException>(() => random.FillUniform(values, 1, 0)).Message);
        Assert.Throws<ArgumentException>(() => random.FillNormal(values, 0, -1));
        Assert.Throws<ArgumentException>(() => random.FillExponential(values, 0));
        Assert.Throws<ArgumentException>(() => random.FillIntegers(new long[1], 3, 3));
    }

    private static T[] Draw<T>(string distribution, int length) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (random, values, probabilities) = (new TorchRandom(Seed), new T[length], new T[length]);
        Array.Fill(probabilities, T.CreateTruncating(0.3));
        switch (distribution)
        {
            case "uniform": random.FillUniform<T>(values, -0.37, 1.9); break;
            case "normal": random.FillNormal<T>(values, 0.5, 2.5); break;
            case "exponential": random.FillExponential<T>(values, 2.5); break;
            case "bernoulli": random.FillBernoulli<T>(values, 0.3); break;
            case "bernoulli of a tensor": random.FillBernoulli<T>(values, probabilities); break;
            case "dropout": random.FillDropoutMask<T>(values, 0.3); break;
            default: throw new ArgumentException(distribution);
        }

        return values;
    }
}
