using System.Numerics;
using Backprop.Audit.Bounds;
using Backprop.Export;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Interop.Tests.Properties;
using Backprop.Models;
using Microsoft.ML.OnnxRuntime;
using Xunit.Abstractions;

namespace Backprop.Interop.Tests.Export;

/// <summary>Networks saved as ONNX models give ONNX Runtime's users the engine's scores.</summary>
public sealed class OnnxTests(ITestOutputHelper output) : IDisposable
{
    // ONNX Runtime's kernels are others on other processors; 4 on those with 512-bit vectors. The bound that is derived for each number is wider.
    private const double MostUlps = 8;

    private readonly string folder = Directory.CreateTempSubdirectory("backprop").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, MemberData(nameof(ExportCase.Names), MemberType = typeof(ExportCase))]
    public void OnnxRuntimeGivesTheEnginesScores(string name)
    {
        var export = ExportCase.Of(name);
        var network = export.Network<float>();
        var (ours, theirs) = (export.Scores(network), Run(network, export.FeaturesAs<float>(), new())[0]);
        var comparison =
            Bound.Compare(Array.ConvertAll(ours, x => (double)x), Array.ConvertAll(theirs, x => (double)x), export.Errors(network), Bounded.Float, () => name);
        var ulps = UlpsOfRow(export.Model, export.FeaturesAs<float>(), ours, theirs);
        output.WriteLine($"{name}: {ulps:F2} ulps of the row's scale, {comparison.Worst:P0} of the bound");
        Assert.InRange(ulps, 0, MostUlps);
    }

    [Theory, MemberData(nameof(ExportCase.Names), MemberType = typeof(ExportCase))]
    public void ARowOfNaNGivesNaNUnlessTheNetworkTakesMissingFeatures(string name)
    {
        var network = ExportCase.Of(name).Network<float>();
        var features = new float[network.Model.Inputs];
        features.AsSpan().Fill(float.NaN);
        if (network.Model.Signals.Any(signal => signal.Layer is Models.Layers.Embedding))
        {
            Assert.Contains("out of data bounds", Assert.Throws<OnnxRuntimeException>(() => Run(network, features, new())).Message);
            return;
        }

        var theirs = Run(network, features, new())[0];
        if (Enumerable.Range(0, features.Length).All(network.Model.TakesMissing))
        {
            var ours = new float[theirs.Length];
            network.Score(features, ours);
            Assert.InRange(UlpsOfRow(network.Model, features, ours, theirs), 0, MostUlps);
            return;
        }

        Assert.All(theirs, score => Assert.True(float.IsNaN(score), $"{score}"));
    }

    [Theory, MemberData(nameof(ExportCase.Names), MemberType = typeof(ExportCase))]
    public void SoItDoesInDouble(string name)
    {
        var export = ExportCase.Of(name);
        var network = export.Network<double>();
        if (new ScoringGraph<double>(network, null).Topology.Order.Any(UsesErf))
        {
            // A valid model, but ONNX Runtime has erf in float only.
            Assert.Contains("Erf", Assert.Throws<OnnxRuntimeException>(() => Run(network, export.Features, new())).Message);
            return;
        }

        var theirs = Run(network, export.Features, new())[0];
        var comparison = Bound.Compare(export.Scores(network), theirs, export.Errors(network), Bounded.Double, () => name);
        output.WriteLine($"{name}: {comparison.Worst:P0} of the bound");
    }

    [Fact]
    public void InputsAndOutputsHaveNamesAndAnOpenNumberOfRows()
    {
        var network = ExportCase.Of("layers heads").Network<float>();
        using var stream = new MemoryStream();
        network.SaveOnnx(stream, new() { Features = "x", Scores = "y", Probabilities = "p" });
        using var session = new InferenceSession(stream.ToArray());
        Assert.Equal("x rows,7", Describe(session.InputMetadata));
        Assert.Equal("y rows,6; p rows,1", Describe(session.OutputMetadata));
        Assert.Equal("Backprop", session.ModelMetadata.ProducerName);
    }

    [Fact]
    public void ABinaryHeadsSecondOutputIsItsProbability()
    {
        var export = ExportCase.Of("head binary");
        var network = export.Network<float>();
        var outputs = Run(network, export.FeaturesAs<float>(), new());
        Assert.All(outputs[0].Zip(outputs[1]), row => Assert.Equal(Network<float>.Probability(row.First), row.Second, 1e-6));
    }

    [Fact]
    public void FeaturesAreScaledFirst()
    {
        // An embedding looks its features up as they are after scaling: multiplied into weights, that would be lost.
        var export = ExportCase.Of("layers embedding");
        var network = export.Network<float>();
        double[] offsets = [0.5, 0, -1, 2, 0, -8, -4], scales = [1, 2, 0.25, 3, 1, 0.5, 1];
        var features = export.FeaturesAs<float>();
        var raw = features.Select((x, i) => (float)(x / scales[i % 7] + offsets[i % 7])).ToArray();
        var ours = new float[export.Rows * 3];
        network.Score(raw.Select((x, i) => (x - (float)offsets[i % 7]) * (float)scales[i % 7]).ToArray(), ours);
        var theirs = Run(network, raw, new() { Scaling = new(offsets, scales) })[0];
        Assert.InRange(UlpsOfRow(network.Model, features, ours, theirs), 0, MostUlps);
    }

    [Fact]
    public void EveryOperationIsExportedOrComputesALossOrAGradient()
    {
        string[] ofTraining =
        [
            "ApplyGradient", "ElementwiseLoss", "GaussianLoss", "LookupSums", "MeanLossGradient", "MixedSoftmaxCrossEntropy", "NormalisationGradient", "QuantileLoss",
            "RowShare", "SoftmaxCrossEntropy", "TargetTotals",
        ];
        var exported = ExportCase.All.Values.SelectMany(export => new ScoringGraph<float>(export.Network<float>(), null).Topology.Order)
            .Select(node => NameOf(node.Op.GetType()));
        var operations = typeof(Op).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Op)) && !type.IsAbstract && !type.IsSubclassOf(typeof(Leaf)));
        Assert.Equal(operations.Select(NameOf).Order(), exported.Distinct().Intersect(operations.Select(NameOf)).Concat(ofTraining).Order());
        static string NameOf(Type type) => type.Name.Split('`')[0];
    }

    [Fact]
    public void WhatOnnxCannotSayIsRefusedAndLeavesTheFileAlone()
    {
        var path = Path.Combine(folder, "model.onnx");
        File.WriteAllText(path, "the old one");
        var own = new Network<float>(Initializers.Default<float>(Model.Of(Signal.Features(3).Apply(new Direction()).Linear(1), Head.Regression), 1));
        var error = Assert.Throws<NotSupportedException>(() => own.SaveOnnx(path));
        Assert.StartsWith("The operation Direction of the network 3 → Direction → linear 1 has no counterpart in ONNX: only its own code knows", error.Message);
        Assert.Equal(["model.onnx"], Directory.GetFiles(folder).Select(Path.GetFileName));
        Assert.Equal("the old one", File.ReadAllText(path));

        var network = ExportCase.Of("head binary").Network<float>();
        Assert.Contains(
            "Offsets has 1 numbers for 5 features", Assert.Throws<ArgumentException>(() => network.SaveOnnx(path, new() { Scaling = new([1], null) })).Message);
        Assert.Contains("Scales has NaN for feature 4", Assert.Throws<ArgumentException>(() => network.SaveOnnx(path, new() { Scaling = new(null, [1, 1, 1, 1, double.NaN]) })).Message);
        Assert.Contains("'features', 'features'", Assert.Throws<ArgumentException>(() => network.SaveOnnx(path, new() { Scores = "features" })).Message);
        Assert.Throws<DirectoryNotFoundException>(() => network.SaveOnnx(Path.Combine(folder, "none", "model.onnx")));
        network.SaveOnnx(path);
        using var session = new InferenceSession(path);
        Assert.Equal(["scores", "probabilities"], session.OutputNames);
    }

    private static string Describe(IReadOnlyDictionary<string, NodeMetadata> values)
        => string.Join("; ", values.Select(value => $"{value.Key} {string.Join(',', value.Value.SymbolicDimensions.Zip(value.Value.Dimensions, (symbol, size) => symbol.Length > 0 ? symbol : $"{size}"))}"));

    private static bool UsesErf(Node node) => node.Op is Apply { Function.Name: "gelu" } or Map<Primitives.Erf> or Map<Primitives.Erfc>;

    /// <summary>The largest difference of a row's scores, in units in the last place of its largest feature or score, or of 1 where they are smaller.</summary>
    private static double UlpsOfRow(Model model, float[] features, float[] ours, float[] theirs)
        => features.Chunk(model.Inputs).Zip(ours.Chunk(model.Outputs), theirs.Chunk(model.Outputs))
            .Select(row => (Features: row.First, Ours: row.Second, Theirs: row.Third)).Max(row =>
        {
            var scale = row.Features.Concat(row.Ours).Max(MathF.Abs) is var largest && largest > 1 ? largest : 1;
            return row.Ours.Zip(row.Theirs, (a, b) => Math.Abs((double)a - b)).Max() / (MathF.BitIncrement(scale) - scale);
        });

    private static T[][] Run<T>(Network<T> network, T[] features, OnnxOptions options) where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var stream = new MemoryStream();
        network.SaveOnnx(stream, options);
        using var session = new InferenceSession(stream.ToArray());
        using var input = OrtValue.CreateTensorValueFromMemory(features, [features.Length / network.Model.Inputs, network.Model.Inputs]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, [options.Features], [input], session.OutputNames);
        return [.. outputs.Select(value => value.GetTensorDataAsSpan<T>().ToArray())];
    }
}
