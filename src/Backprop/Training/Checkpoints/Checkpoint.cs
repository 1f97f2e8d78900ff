using System.Security.Cryptography;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>A file with the state of a training run: a magic word, what the run is of, the state, and the SHA-256 of all that.</summary>
/// <param name="path">The file.</param>
/// <param name="identity">32 bytes that tell this run from others.</param>
internal sealed class Checkpoint(string path, byte[] identity) : IStateKeeper
{
    private const int HashBytes = SHA256.HashSizeInBytes;
    private static readonly byte[] Magic = "backprop checkpoint 2\n"u8.ToArray();

    /// <inheritdoc/>
    /// <remarks>The file is replaced as a whole.</remarks>
    public void Save(Action<StateStream> exchange) => AtomicFile.Write(path, file =>
    {
        using var hash = SHA256.Create();
        using (var hashed = new CryptoStream(file, hash, CryptoStreamMode.Write, leaveOpen: true))
        using (var buffered = new BufferedStream(hashed))
        {
            buffered.Write(Magic);
            buffered.Write(identity);
            exchange(new StateWriter(buffered));
        }

        file.Write(hash.Hash!);
    });

    /// <inheritdoc/>
    public bool TryLoad(Action<StateStream> exchange)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        using var file = File.OpenRead(path);
        var header = new byte[Magic.Length + HashBytes];
        if (file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length || !header.AsSpan().StartsWith(Magic))
        {
            throw new InvalidDataException($"'{path}' does not begin as a checkpoint does. Choose another file for it, or delete this one.");
        }

        if (!IsWhole(file))
        {
            throw new InvalidDataException($"The checkpoint '{path}' does not match its hash: it is damaged. Delete it and train anew.");
        }

        if (!header.AsSpan(Magic.Length).SequenceEqual(identity))
        {
            throw new InvalidDataException(
                $"The checkpoint '{path}' is of other data, another network or other options. Give those again to go on, or delete it to train anew.");
        }

        file.Position = header.Length;
        using var buffered = new BufferedStream(file);
        try
        {
            exchange(new StateReader(buffered));
        }
        catch (EndOfStreamException exception)
        {
            throw new InvalidDataException($"The checkpoint '{path}' ends too soon. Delete it and train anew.", exception);
        }

        return buffered.Position == file.Length - HashBytes
            ? true
            : throw new InvalidDataException($"The checkpoint '{path}' holds more than the state of this training. Delete it and train anew.");
    }

    private static bool IsWhole(FileStream file)
    {
        var left = file.Length - HashBytes;
        if (left < Magic.Length + HashBytes)
        {
            return false;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var chunk = new byte[1 << 16];
        for (file.Position = 0; left > 0; left -= chunk.Length)
        {
            var part = chunk.AsSpan(0, (int)Math.Min(left, chunk.Length));
            file.ReadExactly(part);
            hash.AppendData(part);
        }

        var stored = chunk.AsSpan(0, HashBytes);
        file.ReadExactly(stored);
        return hash.GetHashAndReset().AsSpan().SequenceEqual(stored);
    }
}
