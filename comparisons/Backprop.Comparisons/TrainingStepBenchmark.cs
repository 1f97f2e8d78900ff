using Backprop.Models;
using Backprop.Torch;
using Backprop.Training;
using BenchmarkDotNet.Attributes;

namespace Backprop.Comparisons;

/// <summary>One training step, forward, backward and update, of the engine and of TorchSharp on the same weights and batch.</summary>
public class TrainingStepBenchmark
{
    // Both round, in different orders: after three steps the losses still agree to this.
    private const double Agreement = 1e-4;

    private Examples<float> examples = null!;
    private int[] rows = null!;
    private TrainingStep<float> engine = null!;
    private TorchMlp<float> torch = null!;
    private TorchBatch<float> batch = null!;

    public static IEnumerable<Case> Cases => Case.All;

    [ParamsSource(nameof(Cases))]
    public Case Case { get; set; } = null!;

    [Params("sgd", "adam")]
    public string Optimizer { get; set; } = "";

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var optimizer = Formulas.Optimizer.Parse(Optimizer);
        var weights = Initializers.Default<float>(Case.Mlp, 1);
        (examples, rows) = (Case.Examples(), [.. Enumerable.Range(0, Case.Batch)]);
        engine = new(weights, optimizer, Case.Batch, new() { Threads = Threads });
        TorchLibrary.Threads = Threads;
        torch = new(weights, optimizer);
        batch = new(Case.Mlp.Head, examples, rows);
        for (var step = 0; step < 3; step++)
        {
            var (ours, theirs) = (engine.Run(examples, rows), torch.Step(batch));
            if (!(Math.Abs(ours - theirs) <= Agreement * Math.Abs(theirs)))
            {
                throw new InvalidOperationException($"The losses of step {step + 1} differ: {ours} here, {theirs} in libtorch. There is nothing to compare.");
            }
        }
    }

    [Benchmark(Baseline = true)]
    public double Engine() => engine.Run(examples, rows);

    [Benchmark]
    public double TorchSharp() => torch.Step(batch);

    [GlobalCleanup]
    public void Cleanup()
    {
        engine.Dispose();
        torch.Dispose();
        batch.Dispose();
    }
}
