using System.Buffers.Binary;
using Backprop.Kernels;

namespace Backprop.Models;

/// <content>Saving and restoring, in the bytes of <c>torch.get_rng_state()</c>: either library continues the other's numbers.</content>
/// <remarks>Source of the layout: CPUGeneratorImpl.cpp of PyTorch 1.6 and later, on a 64-bit machine.</remarks>
public sealed partial class TorchRandom
{
    /// <summary>The length of a saved state.</summary>
    public const int StateBytes = 5056;

    private const int LeftAt = 8;
    private const int SeededAt = 12;
    private const int NextAt = 16;
    private const int WordsAt = 24;
    private const int NormalAt = WordsAt + 8 * MersenneTwister.Size + 8;
    private const int HasNormalAt = NormalAt + 16;

    /// <summary>A generator that continues where <see cref="SaveState"/>, or <c>torch.get_rng_state()</c>, was called.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a state.</exception>
    public static TorchRandom FromState(ReadOnlySpan<byte> bytes)
    {
        var random = new TorchRandom(0);
        random.Restore(bytes);
        return random;
    }

    /// <summary>Continues where <see cref="SaveState"/>, or <c>torch.get_rng_state()</c>, was called.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a state.</exception>
    public void Restore(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != StateBytes)
        {
            throw new InvalidDataException($"{bytes.Length} bytes are not the state of a random generator, which has {StateBytes}. "
                + "Give those that were saved.");
        }

        var (left, position) = (Int32At(bytes, LeftAt), Int32At(bytes, NextAt));
        // A block of which nothing was drawn yet stands at 0 and has one word left.
        var at = left == 1 ? MersenneTwister.Size : position;
        if (Int32At(bytes, SeededAt) != 1 || left is < 1 or > MersenneTwister.Size || at is < 1 or > MersenneTwister.Size
            || (left != 1 && left + position != MersenneTwister.Size + 1))
        {
            throw new InvalidDataException(
                $"The state of a random generator stands at word {position} with {left} left, not at 1 to {MersenneTwister.Size} of a seeded one. "
                    + "Save it again.");
        }

        (seed, next) = (BinaryPrimitives.ReadInt64LittleEndian(bytes), at);
        for (var i = 0; i < MersenneTwister.Size; i++)
        {
            state[i] = (uint)Int32At(bytes, WordsAt + 8 * i);
        }

        MersenneTwister.Temper(state, words);
        spareNormal = Int32At(bytes, HasNormalAt) == 0 ? null : BinaryPrimitives.ReadDoubleLittleEndian(bytes[NormalAt..]);
    }

    /// <summary>All there is to know of the generator, for <see cref="FromState"/> or <c>torch.set_rng_state</c>.</summary>
    public byte[] SaveState()
    {
        var bytes = new byte[StateBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, seed);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(LeftAt), next == MersenneTwister.Size ? 1 : MersenneTwister.Size + 1 - next);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(SeededAt), 1);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(NextAt), next);
        for (var i = 0; i < MersenneTwister.Size; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(WordsAt + 8 * i), state[i]);
        }

        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(NormalAt), spareNormal ?? 0);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(HasNormalAt), spareNormal is null ? 0 : 1);
        return bytes;
    }

    private static int Int32At(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadInt32LittleEndian(bytes[offset..]);
}
