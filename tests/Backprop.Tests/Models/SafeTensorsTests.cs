using System.Buffers.Binary;
using System.Text;
using Backprop.Formulas;
using Backprop.Models;
using CsCheck;

namespace Backprop.Tests.Models;

/// <summary>The safetensors format to the byte, numbers of every type, and files that are none.</summary>
public sealed partial class SafeTensorsTests : IDisposable
{
    private static readonly Mlp Network = Mlp.Parse("2-3-1", Activation.Parse("relu"), Head.Binary);

    /// <summary>What TorchSharp.PyBridge 1.4.4 wrote of linear, tanh, linear of these sizes after <c>torch.manual_seed(1)</c>.</summary>
    private static readonly byte[] Foreign = Convert.FromBase64String(
        "+AAAAAAAAAB7IjAud2VpZ2h0Ijp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlszLDJdLCJkYXRhX29mZnNldHMiOlswLDI0XX0sIjAuYmlhcyI6eyJkdHlwZSI6IkYzMiIsIn"
        + "NoYXBlIjpbM10sImRhdGFfb2Zmc2V0cyI6WzI0LDM2XX0sIjIud2VpZ2h0Ijp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsxLDNdLCJkYXRhX29mZnNldHMiOlszNiw0OF19"
        + "LCIyLmJpYXMiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOls0OCw1Ml19fZKLuj7Gy5++514MvgHuqT4Uayq/7x7ZPgb2FL5ZL7g+b1HJPZ"
        + "THkL1F+iM+flLpPOPsVz4=");

    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    /// <summary>A header that is refused, and part of the message; 16 zeros follow as data.</summary>
    public static TheoryData<string, string> WrongHeaders => new()
    {
        { "", "is not JSON in UTF-8 that begins with a brace" },
        { " {}", "is not JSON in UTF-8 that begins with a brace" },
        { "[]", "is not JSON in UTF-8 that begins with a brace" },
        { "{", "is not JSON" },
        { "{} {}", "is not JSON" },
        { "{}x", "is not JSON" },
        { "{,}", "is not JSON" },
        { "{}", "describes 0 bytes of data, but 16 follow" },
        { """{"a":1}""", "'a' is not an object" },
        { """{"a":null}""", "'a' is not an object" },
        { """{"a":{}}""", "'a' lacks a dtype, a shape, or two data_offsets in order" },
        { """{"a":{"dtype":"F32","shape":[4]}}""", "'a' lacks a dtype, a shape, or two data_offsets in order" },
        { """{"a":{"dtype":"F32","shape":[4],"data_offsets":[0]}}""", "'a' lacks a dtype, a shape, or two data_offsets in order" },
        { """{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16,16]}}""", "'a' lacks a dtype, a shape, or two data_offsets in order" },
        { """{"a":{"dtype":"F32","shape":[4],"data_offsets":[16,0]}}""", "'a' lacks a dtype, a shape, or two data_offsets in order" },
        { """{"a":{"dtype":32,"shape":[4],"data_offsets":[0,16]}}""", "'a' has a dtype that is no text" },
        { """{"a":{"dtype":"F31","shape":[4],"data_offsets":[0,16]}}""", "'a' has the unknown type 'F31'" },
        { """{"a":{"dtype":"f32","shape":[4],"data_offsets":[0,16]}}""", "'a' has the unknown type 'f32'" },
        { """{"a":{"dtype":"F32","shape":4,"data_offsets":[0,16]}}""", "'a' has a shape that is not a list of at most 64 whole numbers" },
        { """{"a":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}}""", "'a' has a shape that is not a list of at most 64 whole numbers" },
        { """{"a":{"dtype":"F32","shape":[4.0],"data_offsets":[0,16]}}""", "'a' has a shape that is not a list of at most 64 whole numbers" },
        { """{"a":{"dtype":"F32","shape":[[4]],"data_offsets":[0,16]}}""", "'a' has a shape that is not a list of at most 64 whole numbers" },
        { """{"a":{"dtype":"F32","shape":[2,18446744073709551614],"data_offsets":[0,16]}}""", "'a' has a shape that is not a list of at most 64 whole numbers" },
        { """{"a":{"dtype":"F32","shape":[2,9223372036854775807],"data_offsets":[0,16]}}""", "'a' of type F32 and shape [2, 9223372036854775807] does not fill its 16 bytes" },
        { """{"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}}""", "'a' of type F32 and shape [4611686018427387905] does not fill its 4 bytes" },
        { """{"a":{"dtype":"F32","shape":[5],"data_offsets":[0,16]}}""", "'a' of type F32 and shape [5] does not fill its 16 bytes" },
        { """{"a":{"dtype":"F32","shape":[5],"data_offsets":[0,20]}}""", "describes 20 bytes of data, but 16 follow" },
        { """{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", "describes 12 bytes of data, but 16 follow" },
        { """{"a":{"dtype":"F32","shape":[3],"data_offsets":[4,16]}}""", "'a' begins at byte 4 of the data and not where the one before ends, at 0" },
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[9223372036854775806,9223372036854775807]}}""", "'a' begins at byte 9223372036854775806" },
        {
            """{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"b":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""",
            "'b' begins at byte 0 of the data and not where the one before ends, at 16"
        },
        {
            """{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""",
            "'b' begins at byte 8 of the data and not where the one before ends, at 12"
        },
        {
            """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""", "'a' is there twice"
        },
        {
            """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"\u0061":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""", "'a' is there twice"
        },
        { """{"a":{"dtype":"F32","dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", "'a' has dtype twice" },
        { """{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16],"data_offsets":[0,16]}}""", "'a' has data_offsets twice" },
        { """{"__metadata__":{"x":1}}""", "'__metadata__' has 'x' twice, or not as a text" },
        { """{"__metadata__":{"x":"1","x":"2"}}""", "'__metadata__' has 'x' twice, or not as a text" },
        { """{"\ud800":{}}""", "is not JSON" },
        { $$"""{"a":{"x":{{new string('[', 100_000)}}""", "is not JSON" },
        { $$"""{"{{new string('x', 1000)}}\r\u001b":1}""", $"'{new string('x', 80)}…' is not an object" },
    };

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void AFileIsLengthHeaderAndNumbers()
    {
        var bytes = Written([NamedTensor.Of<float>("b", [3], new float[] { 1, -2, 0.5f }), NamedTensor.Of<double>("a", [1, 2], new[] { Math.PI, double.NaN })], new() { ["format"] = "pt" });
        // Doubles first, and spaces until the numbers begin at a multiple of 8.
        var header = """{"__metadata__":{"format":"pt"},"a":{"dtype":"F64","shape":[1,2],"data_offsets":[0,16]},"b":{"dtype":"F32","shape":[3],"data_offsets":[16,28]}}""";
        Assert.Equal(143, header.Length);
        byte[] expected = [144, 0, 0, 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(header), 32, 0x18, 0x2D, 0x44, 0x54, 0xFB, 0x21, 0x09, 0x40, .. BitConverter.GetBytes(double.NaN)];
        Assert.Equal([.. expected, 0, 0, 128, 63, 0, 0, 0, 192, 0, 0, 0, 63], bytes);
    }

    [Fact]
    public void WhatWasWrittenIsRead()
    {
        using var file = Read(Written(
            [
                NamedTensor.Of<byte>("raw", [3], "abc"u8.ToArray()), NamedTensor.Of<float>("λ \"quoted\"", [2, 1], new[] { 1.5f, -0f }), NamedTensor.Of<long>("n", [], new[] { -7L }),
                NamedTensor.Of<double>("none", [0, 5], Array.Empty<double>()),
            ],
            new() { ["epoch"] = "3" }));
        Assert.Equal("3", file.Metadata["epoch"]);
        Assert.Equal(["n", "none", "λ \"quoted\"", "raw"], file.Tensors.Select(t => t.Name));
        var (raw, floats, n, widened) = (new byte[3], new float[2], new long[1], new double[2]);
        file.ReadWhole(file.Find("raw")!, raw.AsSpan());
        file.ReadWhole(file.Find("n")!, n.AsSpan());
        file.Read(file.Find("λ \"quoted\"")!, floats.AsSpan());
        file.Read(file.Find("λ \"quoted\"")!, widened.AsSpan());
        file.Read(file.Find("none")!, Array.Empty<double>().AsSpan());
        Assert.Equal("abc"u8.ToArray(), raw);
        Assert.Equal(-7, n[0]);
        SameBits.Assert<float>([1.5f, -0f], floats, "floats");
        SameBits.Assert<double>([1.5, -0.0], widened, "floats as doubles");
        Assert.Null(file.Find("other"));
    }

    [Fact]
    public void EveryHalfIsWidenedExactly()
    {
        var data = new byte[2 << 16];
        for (var i = 0; i < 1 << 16; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(2 * i), (ushort)i);
        }

        var (halves, brains, wide) = (Values<float>("F16"), Values<float>("BF16"), Values<double>("BF16"));
        for (var i = 0; i < 1 << 16; i++)
        {
            // Sign, exponent and fraction, by definition.
            var (sign, exponent, fraction) = (i >> 15 == 0 ? 1 : -1, i >> 10 & 31, i & 1023);
            var half = exponent == 31
                ? (fraction == 0 ? double.PositiveInfinity : double.NaN) : Math.ScaleB(exponent == 0 ? fraction : 1024 + fraction, Math.Max(exponent, 1) - 25);
            (exponent, fraction) = (i >> 7 & 255, i & 127);
            var brain = exponent == 255
                ? (fraction == 0 ? double.PositiveInfinity : double.NaN) : Math.ScaleB(exponent == 0 ? fraction : 128 + fraction, Math.Max(exponent, 1) - 134);
            SameBits.Assert<float>([(float)(sign * half), (float)(sign * brain)], [halves[i], brains[i]], $"pattern {i:X4}");
            SameBits.Assert<double>([sign * brain], [wide[i]], $"pattern {i:X4}");
        }

        T[] Values<T>(string type) where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
        {
            using var file = Read(File($$$"""{"a":{"dtype":"{{{type}}}","shape":[65536],"data_offsets":[0,131072]}}""", data));
            var values = new T[1 << 16];
            file.Read(file.Tensors[0], values.AsSpan());
            return values;
        }
    }

    [Fact]
    public void NumbersNeedNotBeAligned()
    {
        using var file = Read(File("""{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"shape":[1],"other":[{}],"dtype":"F32","data_offsets":[1,5]}}""", [9, 0, 0, 128, 63]));
        var value = new float[1];
        file.Read(file.Find("a")!, value.AsSpan());
        Assert.Equal(1, value[0]);
    }

    [Fact]
    public void OtherTypesAndLengthsAreRefused()
    {
        using var file = Read(Written([NamedTensor.Of<double>("a", [2], new double[2])]));
        var tensor = file.Tensors[0];
        Assert.Equal(
            "The tensor 'a' is of type F64, which is not F32 and does not fit into it. Read it as another type.",
            Assert.Throws<InvalidDataException>(() => file.Read(tensor, new float[2].AsSpan())).Message);
        Assert.Throws<InvalidDataException>(() => file.ReadWhole(tensor, new long[2].AsSpan()));
        Assert.Equal(
            "The tensor 'a' has 2 numbers, not 3. Give room for as many.", Assert.Throws<ArgumentException>(() => file.Read(tensor, new double[3].AsSpan())).Message);
    }

    [Theory, MemberData(nameof(WrongHeaders))]
    public void WrongHeadersSayWhy(string header, string message)
        => Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Read(File(header, new byte[16]))).Message);

    [Fact]
    public void HeadersMustBeUtf8()
        => Assert.Contains("UTF-8", Assert.Throws<InvalidDataException>(() => Read([3, 0, 0, 0, 0, 0, 0, 0, (byte)'{', 0xFF, (byte)'}'])).Message);

    [Theory, InlineData(0), InlineData(7), InlineData(8)]
    public void FilesWithoutAHeaderAreRefused(int length) => Assert.Throws<InvalidDataException>(() => Read(new byte[length]));

    [Theory, InlineData(17UL), InlineData(100_000_001UL), InlineData(1UL << 63), InlineData(ulong.MaxValue)]
    public void FalseLengthsAreNoticedBeforeTheyAreAllocated(ulong length)
    {
        var bytes = new byte[24];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains($"a header of {length} bytes", Assert.Throws<InvalidDataException>(() => Read(bytes)).Message);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
    }

    [Fact]
    public void WhiteSpaceMayFillUpAHeader()
    {
        using var file = Read(File("{}\r \t\n", []));
        Assert.Empty(file.Tensors);
    }

    [Fact]
    public void WrongNamesAndShapesAreNotWritten()
    {
        Assert.Throws<ArgumentException>(() => NamedTensor.Of<float>("a", [2, 2], new float[3]));
        Assert.Throws<ArgumentException>(() => NamedTensor.Of<float>("a", [-1, -3], new float[3]));
        Assert.Throws<NotSupportedException>(() => NamedTensor.Of<short>("a", [1], new short[1]));
        var one = NamedTensor.Of<float>("a", [1], new float[1]);
        Assert.Throws<ArgumentException>(() => Written([one, one]));
        Assert.Throws<ArgumentException>(() => Written([NamedTensor.Of<float>("__metadata__", [1], new float[1])]));
        Assert.Throws<ArgumentException>(() => Written([NamedTensor.Of<float>("\ud800", [1], new float[1])]));
    }

    /// <summary>A valid file with bytes overwritten, cut out, doubled or cut off is read, or refused with that exception, and with no other.</summary>
    [Fact]
    public void MutatedFilesAreReadOrRefused()
    {
        var valid = Written(
            [NamedTensor.Of<float>("0.weight", [3, 2], new float[6]), NamedTensor.Of<double>("0.bias", [3], new double[3]), NamedTensor.Of<long>("n", [], new long[1])],
            new() { ["format"] = "pt" });
        var place = Gen.Int[0, valid.Length - 1];
        var digit = Gen.OneOf(Gen.Byte, Gen.Char["0123456789\"[]{},:-.eE\\u "].Select(c => (byte)c));
        Gen.OneOf(
            Gen.Select(place, digit, (i, b) => new Func<byte[], byte[]>(bytes => i < bytes.Length ? [.. bytes[..i], b, .. bytes[(i + 1)..]] : bytes)),
            Gen.Select(place, digit, (i, b) => new Func<byte[], byte[]>(bytes => i < bytes.Length ? [.. bytes[..i], b, .. bytes[i..]] : bytes)),
            Gen.Select(place, place, (i, j) => new Func<byte[], byte[]>(bytes => i <= j && j < bytes.Length ? [.. bytes[..i], .. bytes[j..]] : bytes)),
            Gen.Select(place, place, (i, j) => new Func<byte[], byte[]>(bytes => i <= j && j < bytes.Length ? [.. bytes[..j], .. bytes[i..]] : bytes)),
            place.Select(i => new Func<byte[], byte[]>(bytes => bytes[..Math.Min(i, bytes.Length)])))
            .Array[1, 4].Select(Gen.Bool)
            .Sample(
                (mutations, lengthIsRight) =>
                {
                    var bytes = mutations.Aggregate(valid, (mutated, mutate) => mutate(mutated));
                    if (lengthIsRight && bytes.Length > valid.Length - 48)
                    {
                        // Else most mutations are refused for the header's length alone.
                        BinaryPrimitives.WriteInt64LittleEndian(bytes, bytes.Length - 8 - 56);
                    }

                    try
                    {
                        using var file = Read(bytes);
                        foreach (var tensor in file.Tensors.Where(t => t.Type.Contains('F') && t.Type[1] != '8'))
                        {
                            file.Read(tensor, new double[tensor.Length].AsSpan());
                        }
                    }
                    catch (InvalidDataException)
                    {
                        // As it should be.
                    }
                },
                iter: 10_000);
    }

    private static SafeTensorsFile Read(byte[] bytes) => new(new MemoryStream(bytes));

    private static byte[] File(string header, byte[] data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((long)json.Length), .. json, .. data];
    }

    private static byte[] Written(IReadOnlyList<NamedTensor> tensors, Dictionary<string, string>? metadata = null)
    {
        using var stream = new MemoryStream();
        SafeTensors.Write(stream, tensors, metadata);
        return stream.ToArray();
    }
}
