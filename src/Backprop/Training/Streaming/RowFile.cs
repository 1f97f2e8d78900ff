using Microsoft.Win32.SafeHandles;

namespace Backprop.Training;

/// <summary>A temporary file that nobody else sees: written once, front to back, then read anywhere.</summary>
/// <remarks>
/// Unix forgets its name as soon as it is open, and Windows deletes it when it is closed, in both cases also after the process was killed.
/// It is read into arrays, not mapped: mapped pages count as the process's memory, so no bound could be shown; they are read a few
/// kilobytes at a time, when the arithmetic waits for them; and a disk's error would end the process instead of throwing.
/// </remarks>
internal sealed class RowFile : IDisposable
{
    private readonly string folder;
    private readonly FileStream stream;

    /// <summary>Makes the file.</summary>
    /// <param name="folder">Where; null for the system's temporary folder.</param>
    /// <exception cref="IOException">There is no such folder, or it cannot be written to.</exception>
    public RowFile(string? folder)
    {
        this.folder = Path.GetFullPath(folder ?? Path.GetTempPath());
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
            Options = FileOptions.RandomAccess | (OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None),
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            stream = new(Path.Combine(this.folder, $"backprop-{Guid.NewGuid():N}.rows"), options);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failed("made", exception);
        }

        if (!OperatingSystem.IsWindows())
        {
            File.Delete(stream.Name);
        }
    }

    /// <summary>Bytes written so far.</summary>
    public long Length { get; private set; }

    private SafeFileHandle Handle => stream.SafeFileHandle;

    /// <summary>Adds bytes at the end.</summary>
    /// <exception cref="IOException">The disk is full or fails.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(Handle, bytes, Length);
        }
        catch (IOException exception)
        {
            throw Failed("written", exception);
        }

        Length += bytes.Length;
    }

    /// <summary>Reads bytes, all that are asked for.</summary>
    /// <exception cref="IOException">The disk fails.</exception>
    public void Read(Span<byte> bytes, long offset)
    {
        try
        {
            while (bytes.Length > 0)
            {
                var read = RandomAccess.Read(Handle, bytes, offset);
                if (read == 0)
                {
                    throw new EndOfStreamException($"It ends at byte {offset}.");
                }

                bytes = bytes[read..];
                offset += read;
            }
        }
        catch (IOException exception)
        {
            throw Failed("read", exception);
        }
    }

    /// <summary>Deletes it.</summary>
    public void Dispose() => stream.Dispose();

    private IOException Failed(string what, Exception reason) => new(
        $"The rows above the memory cap are kept in a file in '{folder}', which could not be {what} at {Length:N0} bytes: {reason.Message.TrimEnd('.')}. "
        + $"Choose a folder with more room as {nameof(TrainingOptions.CacheFolder)}, or raise {nameof(TrainingOptions.MemoryCap)}.",
        reason);
}
