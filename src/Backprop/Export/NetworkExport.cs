using System.Numerics;
using System.Text;
using Backprop.Models;

namespace Backprop.Export;

/// <summary>A trained network in forms that run without this library: an ONNX model, a C# file.</summary>
public static class NetworkExport
{
    /// <summary>Writes an ONNX model, which appears whole or not at all.</summary>
    /// <remarks>
    /// Operators are version 15's; the number of rows is open. Formulas become operators by reading them, so an activation or a layer of your
    /// own goes along; an operation of your own does not. ONNX Runtime has no erf in double: a GELU needs a network of floats there.
    /// </remarks>
    /// <param name="network">The network.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">Names, and the scaling of features; null for the usual ones.</param>
    /// <exception cref="NotSupportedException">An operation has no counterpart in ONNX.</exception>
    /// <exception cref="ArgumentException">An option does not fit the network.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveOnnx<T>(this Network<T> network, string path, OnnxOptions? options = null) where T : unmanaged, IFloatingPointIeee754<T>
    {
        // Before the file begins, so that a network that is refused leaves no trace.
        var model = OnnxModel(network, options);
        AtomicFile.Write(path, model.WriteTo);
    }

    /// <summary>Writes an ONNX model to a stream.</summary>
    /// <inheritdoc cref="SaveOnnx{T}(Network{T}, string, OnnxOptions?)"/>
    public static void SaveOnnx<T>(this Network<T> network, Stream stream, OnnxOptions? options = null) where T : unmanaged, IFloatingPointIeee754<T>
        => OnnxModel(network, options).WriteTo(stream);

    /// <summary>Adds the network's operators to an ONNX graph that is being built.</summary>
    /// <param name="network">The network.</param>
    /// <param name="graph">Receives them.</param>
    /// <param name="features">The name of a value of rows × features in the graph.</param>
    /// <param name="scaling">What is done to features first; null for nothing.</param>
    /// <returns>The names of the scores, rows × outputs, and of the probabilities of binary heads, or null where there are none.</returns>
    /// <exception cref="NotSupportedException">An operation has no counterpart in ONNX.</exception>
    /// <exception cref="ArgumentException">The scaling does not fit the network.</exception>
    public static (string Scores, string? Probabilities) AddTo<T>(this Network<T> network, IOnnxGraph graph, string features, FeatureScaling? scaling = null)
        where T : unmanaged, IFloatingPointIeee754<T>
        => OnnxTranslation<T>.Write(new(network, scaling), graph, features);

    /// <summary>Writes a C# file, which appears whole or not at all.</summary>
    /// <inheritdoc cref="ToCSharp"/>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveCSharp<T>(this Network<T> network, string path, CSharpOptions? options = null) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var text = Encoding.UTF8.GetBytes(network.ToCSharp(options));
        AtomicFile.Write(path, stream => stream.Write(text));
    }

    /// <summary>The network as C# source: one static class with the weights and a <c>Score</c> of rows, for .NET 9 or later.</summary>
    /// <remarks>
    /// It has no dependency, no reflection and nothing unsafe, so it goes through ahead-of-time compilation and WebAssembly. Its sums and its
    /// elementary functions are the engine's, read from the engine's code: every score equals <see cref="Network{T}.Score(ReadOnlySpan{T}, Span{T}, int)"/>'s,
    /// on every processor, except that a sine or cosine of more than 2²⁰ radians is the platform's. A weight is a number in the text, some
    /// ten characters: past a million weights an ONNX model compiles faster.
    /// </remarks>
    /// <param name="network">The network.</param>
    /// <param name="options">Names, and the scaling of features; null for the usual ones.</param>
    /// <exception cref="NotSupportedException">An operation has no counterpart in C# source.</exception>
    /// <exception cref="ArgumentException">An option does not fit the network, or a name is none in C#.</exception>
    public static string ToCSharp<T>(this Network<T> network, CSharpOptions? options = null) where T : unmanaged, IFloatingPointIeee754<T>
    {
        options ??= new();
        return CSharpFile.Of(new ScoringGraph<T>(network, options.Scaling), options);
    }

    private static ProtoMessage OnnxModel<T>(Network<T> network, OnnxOptions? options) where T : unmanaged, IFloatingPointIeee754<T>
    {
        options ??= new();
        options.Require();
        var (file, model) = (new OnnxFile(options.Features, options.Scores, options.Probabilities), network.Model);
        file.AddInput<T>(options.Features, model.Inputs);
        var (scores, probabilities) = network.AddTo(file, options.Features, options.Scaling);
        file.AddOutput<T>(scores, options.Scores, model.Outputs);
        if (probabilities is not null)
        {
            file.AddOutput<T>(probabilities, options.Probabilities, model.HeadOutputs.Count(output => output.Head is BinaryHead));
        }

        return file.ToModel(model.ToString());
    }
}
