using System.Text.Json;
using Backprop.Comparisons;
using Backprop.Comparisons.MachineLearning;
using Backprop.Comparisons.Measuring;
using Backprop.Comparisons.Quick;
using Backprop.Interop.Tests.Torch;

namespace Backprop.Interop.Tests.Comparisons;

/// <summary>The quick comparison writes what it promises, whatever the times are.</summary>
[Collection(TorchCollection.Name)]
public sealed class QuickTests : IDisposable
{
    private static readonly string[] Torch = ["torch1Microseconds", "torchBestMicroseconds", "torchBestThreads", "ratioTorch1", "ratioTorchBest"];
    private static readonly string[] Peak = ["gflops", "peakGflops", "shareOfPeak", "shareOfPeak1"];
    private static readonly string[] Last = ["allocatedBytes", "spread", "rounds"];
    private readonly string folder = Directory.CreateTempSubdirectory("backprop-quick-").FullName;

    [Fact]
    public void MatrixProductsHaveTheirFields()
    {
        var row = Measure("gemm", "square 16 × 16 × 16, float");
        Assert.Equal(
            ["bench", "product", "m", "k", "n", "precision", "threads", "microseconds", "microseconds1", .. Peak, .. Torch, .. Last], Names(row));
        Assert.Equal(("square", 16, "float"), (
            row.GetProperty("product").GetString(), row.GetProperty("k").GetInt32(), row.GetProperty("precision").GetString()));
    }

    [Fact]
    public void FunctionsHaveTheirFields()
    {
        var row = Measure("functions", "exp, float");
        Assert.Equal(
            ["bench", "function", "precision", "threads", "microseconds", "microseconds1", "nanosecondsPerElement",
                .. Against("primitives", "ratioPrimitives"), .. Against("math", "ratioMath"), .. Torch,
                "ulp", "primitivesUlp", "mathUlp", "torchUlp", .. Last],
            Names(row));
        Assert.InRange(row.GetProperty("ulp").GetDouble(), 0, 1);
    }

    [Fact]
    public void TrainingStepsHaveTheirFields()
    {
        var row = Measure("train-step", "4-16-3", "sgd");
        Assert.Equal(
            ["bench", "mlp", "batch", "optimizer", "threads", "microseconds", .. Times, "rowsPerSecond", .. Peak, .. Torch, "backwardForward", .. Last],
            Names(row));
        Assert.Equal(("train-step", "4-16-3", 16, "sgd"), (
            row.GetProperty("bench").GetString(), row.GetProperty("mlp").GetString(), row.GetProperty("batch").GetInt32(),
            row.GetProperty("optimizer").GetString()));
    }

    [Fact]
    public void InferenceHasItsFields()
    {
        var row = Measure("inference", "4-16-3", "× 64");
        Assert.Equal(
            ["bench", "mlp", "batch", "threads", "microseconds", .. Times, "rowsPerSecond", .. Peak, .. Torch,
                .. Against("ort", "ratioOrt"), .. Last],
            Names(row));
        Assert.All(
            new[] { "microseconds", "ortMicroseconds", "torchBestMicroseconds", "peakGflops" }, name
                => Assert.True(row.GetProperty(name).GetDouble() > 0, name));
    }

    [Fact]
    public void SparseStepsHaveTheirFields()
    {
        var row = Measure("sparse", "2000-128-10");
        Assert.Equal(
            ["bench", "mlp", "batch", "optimizer", "nonZeros", "threads", "microseconds", .. Times, "rowsPerSecond",
                .. Against("dense", "ratioDense"), .. Torch, .. Against("torchBag", "ratioTorchBag"), .. Last],
            Names(row));
        Assert.Equal(16, row.GetProperty("nonZeros").GetInt32());
    }

    [Fact]
    public void LayersHaveTheirFields()
    {
        var row = Measure("layers", "dropout", "64-128-64-10");
        Assert.Equal(["bench", "layer", "mlp", "batch", "optimizer", "threads", "microseconds", .. Times, "rowsPerSecond", .. Torch, .. Last], Names(row));
    }

    [Fact]
    public void RecomputationsHaveTheirFields()
    {
        var row = Measure("recompute", "16 layers");
        Assert.Equal(
            ["bench", "depth", "width", "batch", "optimizer", "threads", "microseconds", .. Times, "rowsPerSecond",
                .. Against("recompute", "ratioRecompute"), "workspaceMegabytes", "recomputeWorkspaceMegabytes", .. Last],
            Names(row));
        Assert.True(row.GetProperty("recomputeWorkspaceMegabytes").GetDouble() < 0.6 * row.GetProperty("workspaceMegabytes").GetDouble());
    }

    [Fact]
    public void FirstFitsHaveTheirFields()
    {
        var row = Measure("first-fit", "through Backprop.ML");
        Assert.Equal(
            ["bench", "mlp", "door", "threads", "microseconds", $"microseconds{Environment.ProcessorCount}", "jitMethods", "jitMilliseconds",
                "budgetMilliseconds", .. Last],
            Names(row));
        Assert.All(new[] { "microseconds", "jitMethods" }, name => Assert.True(row.GetProperty(name).GetDouble() > 0, name));
    }

    /// <summary>Of cases that take minutes, with times that were never measured.</summary>
    [Fact]
    public void FitsInAProcessOfTheirOwnHaveTheirFields()
    {
        var cases = StreamingCase.All.Concat(TextCase.All).ToList();
        Assert.True(cases.Count >= 4);
        Assert.All(cases, measured =>
        {
            Line line = new(new(Library.Engine, 1, () => throw new NotSupportedException()), new([1, 2, 3], 4), [5, 6, 7, 8]);
            var outcome = new Outcome(measured, [line], [], 0, 3);
            using var table = new StringWriter();
            Table.Write(table, [outcome]);
            Assert.Contains("peakMegabytes", OutcomeJson.Of(outcome).Select(field => field.Key));
            Assert.Contains("peakMegabytes", table.ToString());
        });
    }

    [Fact]
    public void IntakesHaveTheirFields()
    {
        var row = Measure("intake", "cache, 10 non-zeros, 100 features");
        Assert.Equal(
            ["bench", "source", "columns", "threads", "microseconds", "microseconds1", "rowsPerSecond", .. Against("cursor", "ratioCursor"),
                .. Against("copyingCursor", "ratioCopyingCursor"), "nanosecondsPerRow", .. Last],
            Names(row));
    }

    [Fact]
    public void TransformsHaveTheirFields()
    {
        var row = Measure("transform", "4-16-3");
        Assert.Equal(
            ["bench", "mlp", "batch", "threads", "microseconds", "microseconds1", "rowsPerSecond", .. Against("rowMapper", "ratioRowMapper"),
                .. Against("predictionEngine", "ratioPredictionEngine"), .. Against("dotProducts", "ratioDotProducts"),
                .. Against("onnxModel", "ratioOnnxModel"), .. Last],
            Names(row));
    }

    [Fact]
    public void FitsBesideTorchHaveTheirFields()
    {
        var row = Measure("fit-torch", "4-16-3");
        Assert.Equal(
            ["bench", "mlp", "rows", "batch", "epochs", "optimizer", "threads", "microseconds", .. Times, "rowsPerSecond", .. Torch, .. Last],
            Names(row));
    }

    [Fact]
    public void TextTrainsInLessThanAGigabyte()
    {
        var row = Measure("text", "lazy");
        Assert.Equal(
            ["bench", "rows", "trainer", "threads", "microseconds", $"microseconds{Environment.ProcessorCount}", "peakMegabytes", "ngramColumns",
                "accuracy", .. Last],
            Names(row));
        Assert.Equal(50_000, row.GetProperty("ngramColumns").GetDouble());
        Assert.InRange(row.GetProperty("peakMegabytes").GetDouble(), 1, 1000);
        Assert.InRange(row.GetProperty("accuracy").GetDouble(), 0.9, 1);
    }

    [Fact]
    public void TablesNameTheMachineAndTheVersions()
    {
        var markdown = Path.Combine(folder, "q.md");
        Run("--filter", "gemm", "16 × 16 × 16, float", "--rounds", "1", "--markdown", markdown);
        var text = File.ReadAllText(markdown);
        Assert.All(new[] { "Processor", ".NET", "libtorch", "ONNX Runtime", "| gemm" }, word => Assert.Contains(word, text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("fit", "digits", "waves")]
    [InlineData("text", "MultilayerPerceptron", "MultilayerPerceptron, lazy", "SdcaLogisticRegression")]
    [InlineData("first-fit", "4-16-3 through Backprop", "4-16-3 through Backprop.ML")]
    public void TheNameOfABenchChoosesItsCasesAlone(string bench, params string[] cases)
        => Assert.Equal(cases.Select(name => $"{bench} {name}"), QuickCommand.Chosen(bench).Select(c => c.ToString()));

    [Theory]
    [InlineData("matches no case", "--filter", "nothing-like-it")]
    [InlineData("takes a whole number from 1", "--rounds", "0")]
    [InlineData("Unrecognized", "--unknown")]
    public void WrongUsageIsOneSentenceAndExitCodeTwo(string part, params string[] args)
    {
        using var error = new StringWriter();
        Assert.Equal(2, Comparer.Run(["quick", .. args], TextWriter.Null, error));
        Assert.Contains(part, error.ToString(), StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static IEnumerable<string> Times
        => new[] { 1, 2, Environment.ProcessorCount }.Where(t => t <= Environment.ProcessorCount).Distinct().Select(t => $"microseconds{t}");

    private static string[] Against(string library, string ratio) => [$"{library}Microseconds", $"{library}Threads", ratio];

    /// <summary>Where there are many cores, the engine may decide for a number of threads between, which then has a time as well.</summary>
    private static string[] Names(JsonElement of)
        => [.. of.EnumerateObject().Select(p => p.Name).Where(name => !char.IsDigit(name[^1]) || !name.StartsWith("microseconds", StringComparison.Ordinal) || Times.Contains(name))];

    private JsonElement Measure(params string[] words)
    {
        var json = Path.Combine(folder, "q.json");
        Run(["--filter", .. words, "--rounds", "1", "--json", json]);
        using var document = JsonDocument.Parse(File.ReadAllText(json));
        return Assert.Single(document.RootElement.EnumerateArray()).Clone();
    }

    private static void Run(params string[] args)
    {
        using var error = new StringWriter();
        Assert.True(Comparer.Run(["quick", .. args], TextWriter.Null, error) == 0, error.ToString());
    }
}
