using Backprop.Torch;

namespace Backprop.Interop.Tests.Torch;

/// <summary>The patch that lets TorchSharp's library load on older Linux systems, on copies of that very library.</summary>
public sealed class ElfVersionNeedsTests
{
    private const string Cpp = "libstdc++.so.6", Version = "GLIBCXX_3.4.32";

    private static byte[] Library => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so"));

    private static readonly Dictionary<string, Func<byte[], byte[]>> Ruins = new()
    {
        ["nothing"] = _ => [],
        ["text"] = _ => "This is not a library."u8.ToArray(),
        ["a header cut off"] = library => library[..40],
        ["a header alone"] = library => library[..64],
        ["a library cut off"] = library => library[..4096],
        ["a 32-bit library"] = library => [.. library.AsSpan(0, 4), 1, 1, .. library.AsSpan(6)],
        ["zeros after the header"] = library => [.. library.AsSpan(0, 64), .. new byte[10_000]],
    };

    public static TheoryData<string> Garbage => [.. Ruins.Keys];

    [LinuxFact]
    public void WeakeningSetsOneFlagAndNothingElse()
    {
        var library = Library;
        var weak = ElfVersionNeeds.Weaken(library, Cpp, Version)!;

        Assert.Equal(library.Length, weak.Length);
        var changed = Assert.Single(Enumerable.Range(0, library.Length), i => library[i] != weak[i]);
        Assert.Equal((0, 2), (library[changed], weak[changed]));
        Assert.Equal(0, changed % sizeof(ushort));
    }

    [LinuxFact]
    public void WeakeningTwiceIsWeakeningOnce()
    {
        var once = ElfVersionNeeds.Weaken(Library, Cpp, Version)!;
        Assert.Equal(once, ElfVersionNeeds.Weaken(once, Cpp, Version));
    }

    [LinuxFact]
    public void EachNeedHasAFlagOfItsOwn()
    {
        var (one, other) = (ElfVersionNeeds.Weaken(Library, Cpp, Version)!, ElfVersionNeeds.Weaken(Library, "libc.so.6", "GLIBC_2.34")!);
        Assert.Equal(2, Enumerable.Range(0, one.Length).Count(i => one[i] != other[i]));
    }

    [LinuxFact]
    public void WhatIsNotNeededIsNotFound()
    {
        Assert.Null(ElfVersionNeeds.Weaken(Library, Cpp, "GLIBCXX_9.9"));
        Assert.Null(ElfVersionNeeds.Weaken(Library, "libnone.so", Version));
    }

    [LinuxTheory]
    [MemberData(nameof(Garbage))]
    public void GarbageIsNamedAsSuch(string what)
    {
        var error = Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.Weaken(Ruins[what](Library), Cpp, Version));
        Assert.True(error.Message.StartsWith("it", StringComparison.Ordinal) || error.Message.StartsWith("no segment", StringComparison.Ordinal),
            $"{what}: {error.Message}");
    }

    [LinuxFact]
    public void DamagedLibrariesNeverCauseAnotherError()
    {
        var (library, random) = (Library, new Random(1));
        for (var i = 0; i < 100; i++)
        {
            var damaged = library.ToArray();
            for (var j = 0; j < 8; j++)
            {
                damaged[random.Next(i % 2 == 0 ? 1024 : damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                ElfVersionNeeds.Weaken(damaged, Cpp, Version);
            }
            catch (InvalidDataException)
            {
            }
        }
    }
}
