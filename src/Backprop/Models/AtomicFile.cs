namespace Backprop.Models;

/// <summary>A file that appears whole or not at all: written under another name in the same folder, flushed to the disk, moved into place.</summary>
/// <remarks>What was there before stays as it is until then, and if anything fails. Only a process that is killed can leave the other name behind.</remarks>
public sealed class AtomicFile : IDisposable
{
    private readonly string path;
    private bool committed;

    /// <summary>Begins a file, beside its place.</summary>
    /// <exception cref="IOException">There is no such folder, or it cannot be written to.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written to.</exception>
    public AtomicFile(string path)
    {
        this.path = Path.GetFullPath(path);
        Stream = new($"{this.path}.{Guid.NewGuid():N}.partial", FileMode.CreateNew);
    }

    /// <summary>Receives the content.</summary>
    public FileStream Stream { get; }

    /// <summary>Writes a whole file.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        using var file = new AtomicFile(path);
        write(file.Stream);
        file.Commit();
    }

    /// <summary>Moves the finished file to its place, replacing what was there.</summary>
    /// <exception cref="IOException">The disk is full, or what is there cannot be replaced.</exception>
    public void Commit()
    {
        Stream.Flush(flushToDisk: true);
        Stream.Dispose();
        File.Move(Stream.Name, path, overwrite: true);
        committed = true;
    }

    /// <summary>Removes a file that was not committed.</summary>
    public void Dispose()
    {
        if (committed)
        {
            return;
        }

        try
        {
            Stream.Dispose();
        }
        catch (IOException)
        {
            // What a full disk did not take is deleted anyway.
        }

        File.Delete(Stream.Name);
    }
}
