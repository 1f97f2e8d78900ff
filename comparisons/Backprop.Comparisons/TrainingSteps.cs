using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Planning;
using Backprop.Torch;
using Backprop.Training;
using BenchmarkDotNet.Attributes;

namespace Backprop.Comparisons;

/// <summary>One training step, forward, backward and update, of the engine and of PyTorch through TorchSharp.</summary>
/// <remarks>PyTorch gets its batch as ready-made tensors; the engine gathers rows from the table in every step.</remarks>
public class TrainingSteps
{
    private int[] rows = [];
    private Examples<float> examples = null!;
    private TrainingStep<float>? engine;
    private TorchMlp<float>? torchMlp;
    private TorchBatch<float>? batch;

    /// <summary>The rows of the table.</summary>
    public static IEnumerable<Workload> Workloads => Workload.All;

    /// <summary>Network and batch.</summary>
    [ParamsSource(nameof(Workloads))]
    public Workload Network { get; set; } = null!;

    /// <summary>The optimizer, with its defaults.</summary>
    [Params("sgd", "adam")]
    public string Update { get; set; } = "";

    [GlobalSetup(Target = nameof(TorchOneThread))]
    public void PrepareTorchOneThread() => PrepareTorch(1);

    [GlobalSetup(Target = nameof(TorchAllCores))]
    public void PrepareTorchAllCores() => PrepareTorch(Environment.ProcessorCount);

    [GlobalSetup(Target = nameof(EngineOneThread))]
    public void PrepareEngineOneThread() => PrepareEngine(1);

    [GlobalSetup(Target = nameof(EngineAllCores))]
    public void PrepareEngineAllCores() => PrepareEngine(Environment.ProcessorCount);

    [Benchmark(Baseline = true, Description = "TorchSharp, 1 thread")]
    public double TorchOneThread() => torchMlp!.Step(batch!);

    [Benchmark(Description = "TorchSharp, all cores")]
    public double TorchAllCores() => torchMlp!.Step(batch!);

    [Benchmark(Description = "Engine, 1 thread")]
    public double EngineOneThread() => engine!.Run(examples, rows);

    [Benchmark(Description = "Engine, all cores")]
    public double EngineAllCores() => engine!.Run(examples, rows);

    [GlobalCleanup]
    public void Release()
    {
        engine?.Dispose();
        torchMlp?.Dispose();
        batch?.Dispose();
    }

    private void PrepareTorch(int threads)
    {
        TorchLibrary.Threads = threads;
        var (weights, optimizer) = Prepare(new EngineOptions { Threads = 1 });
        batch = new(Network.Network.Head, examples, rows);
        torchMlp = new(weights, optimizer);
    }

    private void PrepareEngine(int threads)
    {
        var options = new EngineOptions { Threads = threads };
        var (weights, optimizer) = Prepare(options);
        engine = new(weights, optimizer, Network.Batch, options);
    }

    /// <summary>Nothing is timed before both are seen to train to the same weights.</summary>
    private (Weights<float> Weights, Optimizer Optimizer) Prepare(EngineOptions options)
    {
        var (weights, optimizer) = (Initializers.Default<float>(Network.Network, 1), Optimizer.Parse(Update));
        (examples, rows) = (RandomBatch.Of(Network.Network, Network.Batch, 2), [.. Enumerable.Range(0, Network.Batch)]);
        var drift = DriftAudit.Run(weights, examples, Network.Batch, optimizer, 3, 3, options);
        return drift.Verdict == Verdict.Agrees
            ? (weights, optimizer)
            : throw new InvalidOperationException($"{Network} with {Update} does not train like PyTorch: {string.Join("; ", drift.Steps)}. Run the tests.");
    }
}
