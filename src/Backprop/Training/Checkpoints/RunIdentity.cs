using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>Tells a training run from others: a hash of its network, its options and its data, as far as they decide about bits.</summary>
internal static class RunIdentity
{
    private static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>SHA-256 of all of it.</summary>
    /// <param name="start">The weights that training starts from.</param>
    /// <param name="trained">Whether they are a network's; else they were drawn.</param>
    /// <param name="options">How it trains.</param>
    /// <param name="training">The rows to learn from.</param>
    /// <param name="validation">Those that choose the epoch.</param>
    public static byte[] Of<T>(Weights<T> start, bool trained, TrainingOptions options, RowSource<T> training, RowSource<T> validation)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string[] words =
        [
            typeof(T).Name,
            ModelJson.Identify(start.Model),
            .. start.Model.LayerTensors.Select(tensor => $"{tensor.Name} {tensor.Rows} {tensor.Columns} {tensor.Layout} {tensor.Initial}"),
            trained ? "trained" : $"{options.InitialWeights} {options.InitialBiases}",
            JsonSerializer.Serialize<object>(options.Optimizer, Json),
            JsonSerializer.Serialize(options.Updates, Json),
            JsonSerializer.Serialize(options.Lbfgs, Json),
            .. WordsOf(options.Schedule),
            .. options.LastBestEpoch ? [nameof(options.LastBestEpoch)] : Array.Empty<string>(),
            FormattableString.Invariant($"{options.BatchSize} {options.Seed} {options.SparseUpdate}"),
        ];
        hash.Append<byte>(Encoding.UTF8.GetBytes(string.Join('\n', words)));
        hash.Append<T>(start.Values);
        training.AppendTo(hash);
        validation.AppendTo(hash);
        return hash.GetHashAndReset();
    }

    /// <summary>Adds some numbers, and how many they are.</summary>
    public static void Append<TValue>(this IncrementalHash hash, ReadOnlySpan<TValue> values) where TValue : unmanaged
    {
        hash.AppendData(BitConverter.GetBytes(values.Length));
        hash.AppendData(MemoryMarshal.AsBytes(values));
    }

    /// <summary>A schedule's settings, and those of its parts.</summary>
    private static IEnumerable<string> WordsOf(Schedule? schedule) =>
    [
        JsonSerializer.Serialize<object?>(schedule, Json),
        .. schedule is SequentialRate { Parts: var parts } ? parts.SelectMany(WordsOf) : [],
    ];
}
