using Backprop.Models;

namespace Backprop.Tests.Models;

/// <summary>A file is there whole or not at all, and nothing else stays.</summary>
public sealed class AtomicFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    private string Target => Path.Combine(folder, "file");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void AFileIsThereOnceItIsWhole()
    {
        AtomicFile.Write(Target, stream =>
        {
            stream.Write("new"u8);
            Assert.False(File.Exists(Target));
        });
        Assert.Equal("new", File.ReadAllText(Target));
        Assert.Equal([Target], Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void WhatWasThereStaysIfWritingFails()
    {
        File.WriteAllText(Target, "old");
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(Target, stream =>
        {
            stream.Write("ne"u8);
            throw new InvalidOperationException("What is to be written cannot be made.");
        }));
        Assert.Equal("old", File.ReadAllText(Target));
        Assert.Equal([Target], Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void WhatWasThereIsReplaced()
    {
        File.WriteAllText(Target, "old and longer");
        AtomicFile.Write(Target, stream => stream.Write("new"u8));
        Assert.Equal("new", File.ReadAllText(Target));
    }

    [Fact]
    public void APlaceThatCannotBeTakenLeavesNothing()
    {
        Directory.CreateDirectory(Target);
        Assert.ThrowsAny<Exception>(() => AtomicFile.Write(Target, stream => stream.Write("new"u8)));
        Assert.Equal([Target], Directory.GetFileSystemEntries(folder));
        Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.Write(Path.Combine(folder, "none", "file"), _ => { }));
    }
}
