using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Backprop.Formulas;
using Backprop.Kernels;
using Backprop.Planning;

namespace Backprop.Models;

/// <summary>A trained network: immutable, and safe to score with from many threads at once.</summary>
/// <remarks>A row's scores do not depend on the rows it is scored with: one row gives the bits a batch gives.</remarks>
public sealed class Network
{
    private const int BatchRows = 256;
    private static readonly byte[] Magic = "backprop network 1"u8.ToArray();
    private readonly MlpGraph graph;
    private readonly ParameterStore<float> store;
    private readonly ConcurrentBag<Scorer> idle = [];
    private readonly float[] scale;
    private readonly float[] shift;

    /// <summary>Makes a network of weights, which are copied.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="outputScale">For regression, what each output is multiplied by, then <paramref name="outputShift"/> added; null for 1.</param>
    /// <param name="outputShift">See <paramref name="outputScale"/>; null for 0.</param>
    /// <exception cref="ArgumentException">There are not as many as outputs.</exception>
    public Network(Weights<float> weights, IReadOnlyList<float>? outputScale = null, IReadOnlyList<float>? outputShift = null)
    {
        Weights = weights.Clone();
        scale = [.. outputScale ?? Enumerable.Repeat(1f, Mlp.Outputs)];
        shift = [.. outputShift ?? Enumerable.Repeat(0f, Mlp.Outputs)];
        if (scale.Length != Mlp.Outputs || shift.Length != Mlp.Outputs)
        {
            throw new ArgumentException($"{scale.Length} scales and {shift.Length} shifts do not fit {Mlp.Outputs} outputs. Give one each for every output.");
        }

        graph = Mlp.ToGraph();
        store = Plan<float>.Store([graph.Logits], null, graph.Parameters);
        foreach (var (node, tensor) in graph.Parameters.Zip(Weights.Tensors))
        {
            MlpParameters.Import(tensor, Weights[tensor], store.Values(node));
        }
    }

    /// <summary>The description.</summary>
    public Mlp Mlp => Weights.Mlp;

    /// <summary>The weights; do not change them.</summary>
    public Weights<float> Weights { get; }

    /// <summary>σ(logit), by the formula that training uses.</summary>
    public static float Probability(float logit) => new Sigmoid().Forward<Lanes<float, float, Simd1<float>>>(new(logit)).Vector;

    /// <summary>
    /// Scores rows: probabilities by softmax for multiclass, the logit for binary, the label's own units for regression. A row with a
    /// NaN gives NaN.
    /// </summary>
    /// <param name="features">rows × inputs, row-major.</param>
    /// <param name="scores">rows × outputs, row-major.</param>
    /// <exception cref="ArgumentException">The lengths do not make the same number of whole rows.</exception>
    public void Score(ReadOnlySpan<float> features, Span<float> scores)
    {
        var rows = features.Length / Mlp.Inputs;
        if (rows * Mlp.Inputs != features.Length || rows * Mlp.Outputs != scores.Length)
        {
            throw new ArgumentException(
                $"{features.Length} features and {scores.Length} scores do not make whole rows of {Mlp.Inputs} and {Mlp.Outputs}.");
        }

        if (!idle.TryTake(out var scorer))
        {
            scorer = new(this);
        }

        for (var row = 0; row < rows; row += BatchRows)
        {
            var count = Math.Min(BatchRows, rows - row);
            scorer.Run(features.Slice(row * Mlp.Inputs, count * Mlp.Inputs), scores.Slice(row * Mlp.Outputs, count * Mlp.Outputs), count);
        }

        idle.Add(scorer);
    }

    /// <summary>Writes the network.</summary>
    public void Save(BinaryWriter writer)
    {
        writer.Write(Magic);
        writer.Write(Mlp.Head.Name);
        writer.Write(Mlp.Activation.Name);
        writer.Write(Mlp.Sizes.Count);
        foreach (var size in Mlp.Sizes)
        {
            writer.Write(size);
        }

        writer.Write(MemoryMarshal.AsBytes(scale.AsSpan()));
        writer.Write(MemoryMarshal.AsBytes(shift.AsSpan()));
        writer.Write(MemoryMarshal.AsBytes(Weights.Values));
        writer.Write(Weights.Hash());
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a whole network.</exception>
    public static Network Load(BinaryReader reader)
    {
        try
        {
            if (!reader.ReadBytes(Magic.Length).AsSpan().SequenceEqual(Magic))
            {
                throw new InvalidDataException("The bytes do not begin as a saved network does. Give a model that this library saved.");
            }

            var (head, activation) = (Head.Parse(reader.ReadString()), Activation.Parse(reader.ReadString()));
            var layers = reader.ReadInt32();
            if (layers is < 2 or > 10_000)
            {
                throw new InvalidDataException($"The saved network claims {layers} sizes, outside 2 to 10000. The file is damaged; save it again.");
            }

            var mlp = new Mlp([.. Enumerable.Range(0, layers).Select(_ => reader.ReadInt32())], activation, head);
            var stream = reader.BaseStream;
            if (mlp.Parameters > Array.MaxLength || (stream.CanSeek && mlp.Parameters * sizeof(float) > stream.Length - stream.Position))
            {
                throw new InvalidDataException($"The saved network claims {mlp.Parameters} weights, more than the file holds. It is damaged; save it again.");
            }

            var (scale, shift, weights) = (new float[mlp.Outputs], new float[mlp.Outputs], new Weights<float>(mlp));
            Fill(reader, scale);
            Fill(reader, shift);
            Fill(reader, weights.Values);
            return reader.ReadString() == weights.Hash()
                ? new(weights, scale, shift)
                : throw new InvalidDataException("The saved weights do not match their hash. The file is damaged; save it again.");
        }
        catch (Exception exception) when (exception is EndOfStreamException or ArgumentException or FormatException)
        {
            throw new InvalidDataException($"The saved network cannot be read: {exception.Message}", exception);
        }
    }

    private static void Fill(BinaryReader reader, Span<float> values)
    {
        var bytes = MemoryMarshal.AsBytes(values);
        while (bytes.Length > 0)
        {
            var count = reader.Read(bytes);
            bytes = count > 0 ? bytes[count..] : throw new EndOfStreamException("it ends too early.");
        }
    }

    /// <summary>One thread's buffers.</summary>
    private sealed class Scorer(Network network)
    {
        private readonly Plan<float> plan = new(
            [network.graph.Logits], new Dictionary<Graph.Node, Graph.Node>(), null, network.store, BatchRows, new() { Threads = 1 });

        private readonly Kernels<float> kernels = Kernels<float>.Of(null);
        private readonly float[] row = new float[Reduce<float, float, Simd1<float>>.Filled(network.Mlp.Outputs)];

        public void Run(ReadOnlySpan<float> features, Span<float> scores, int rows)
        {
            var (mlp, input, logits) = (network.Mlp, plan.Value(network.graph.Input), plan.Value(network.graph.Logits));
            for (var r = 0; r < rows; r++)
            {
                input.SetRow(r, features.Slice(r * mlp.Inputs, mlp.Inputs));
            }

            plan.RunPrepared(rows);
            for (var r = 0; r < rows; r++)
            {
                logits.GetRow(r, row.AsSpan(0, mlp.Outputs));
                if (mlp.Head == Head.Multiclass)
                {
                    kernels.Softmax(row, mlp.Outputs);
                }

                for (var i = 0; i < mlp.Outputs; i++)
                {
                    scores[r * mlp.Outputs + i] = row[i] * network.scale[i] + network.shift[i];
                }
            }
        }
    }
}
