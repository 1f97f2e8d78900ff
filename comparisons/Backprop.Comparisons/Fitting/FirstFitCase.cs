using System.Diagnostics;
using System.Runtime;
using System.Text.Json;
using System.Text.Json.Nodes;
using Backprop.Audit;
using Backprop.Cli.Commands;
using Backprop.Comparisons.Measuring;
using Backprop.Formulas;
using Backprop.ML;
using Backprop.Models;
using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Comparisons.Fitting;

/// <summary>The first Fit of a fresh process, where the runtime's compilation of the engine is the greater part.</summary>
/// <param name="Door">Through which it is called.</param>
internal sealed record FirstFitCase(string Door) : Case("first-fit")
{
    /// <summary>The command of the process that is started.</summary>
    public const string Command = "first-fit";

    private const double BudgetMilliseconds = 300;
    private const string Engine = "Backprop";
    private const string MachineLearning = "Backprop.ML";
    private static readonly int[] Sizes = [4, 16, 3];

    /// <summary>The engine's own door, and ML.NET's, which adds the compilation of ML.NET's code.</summary>
    public static IEnumerable<Case> All => [new FirstFitCase(Engine), new FirstFitCase(MachineLearning)];

    /// <inheritdoc/>
    public override string Name => $"{string.Join('-', Sizes)} through {Door}";

    /// <inheritdoc/>
    public override JsonObject Fields => new() { ["mlp"] = string.Join('-', Sizes), ["door"] = Door };

    /// <summary>None: they need processes of their own.</summary>
    public override IReadOnlyList<Entrant> Entrants => [];

    /// <inheritdoc/>
    public override Outcome Measure(int rounds)
    {
        var runs = Enumerable.Range(0, rounds)
            .Select(_ => OtherProcess.Run(typeof(FirstFitCase).Assembly, [Command, Door], CancellationToken.None).GetAwaiter().GetResult())
            .Select(line => JsonSerializer.Deserialize<FirstRun>(line)!).ToList();
        var timing = new Timing([.. runs.Select(r => r.Milliseconds * 1e3)], Timing.Quantile(runs.Select(r => (double)r.Bytes), 0.5));
        var ours = new Entrant(Library.Engine, Environment.ProcessorCount, () => throw new NotSupportedException("A first Fit has a process of its own."));
        double[] compiled = [Timing.Quantile(runs.Select(r => (double)r.Methods), 0.5), Timing.Quantile(runs.Select(r => r.JitMilliseconds), 0.5)];
        return new(this, [new(ours, timing, compiled)], [], 0, rounds);
    }

    /// <inheritdoc/>
    public override JsonObject Extras(Outcome outcome) => new()
    {
        ["jitMethods"] = outcome.Ours.Results[0],
        ["jitMilliseconds"] = outcome.Ours.Results[1],
        ["budgetMilliseconds"] = BudgetMilliseconds,
    };

    /// <inheritdoc/>
    public override void Check(Entrant entrant, double[] results, double[] ours)
    {
    }

    /// <summary>What the started process does: fits once, and writes what it took as one line of JSON.</summary>
    public static void Report(string door, TextWriter output)
    {
        var mlp = new Mlp(Sizes, Activation.Of(new Relu()), Head.Multiclass);
        var examples = RandomBatch.Of(mlp, 150, 1);
        Action fit = door == Engine ? () => FitEngine(mlp, examples) : () => FitMachineLearning(examples);

        var (methods, jit, bytes, clock) = (JitInfo.GetCompiledMethodCount(), JitInfo.GetCompilationTime(), GC.GetTotalAllocatedBytes(), Stopwatch.StartNew());
        fit();
        var run = new FirstRun(
            clock.Elapsed.TotalMilliseconds,
            (int)(JitInfo.GetCompiledMethodCount() - methods),
            (JitInfo.GetCompilationTime() - jit).TotalMilliseconds,
            GC.GetTotalAllocatedBytes() - bytes);
        output.WriteLine(JsonSerializer.Serialize(run));
    }

    private static void FitEngine(Mlp mlp, Examples<float> examples)
        => Trainer.Fit(mlp.Head, mlp.Outputs, examples, new() { Hidden = [.. Sizes[1..^1]], Epochs = 10 });

    private static void FitMachineLearning(Examples<float> examples)
    {
        var ml = new MLContext(seed: 1);
        var rows = Enumerable.Range(0, examples.Rows).Select(row => new Row
        {
            Features = [.. examples.Features.Skip(row * Sizes[0]).Take(Sizes[0])],
            Label = (uint)examples.Targets[row] + 1,
        });
        ml.MulticlassClassification.Trainers.MultilayerPerceptron(hiddenUnits: Sizes[1..^1], numberOfIterations: 10)
            .Fit(ml.Data.LoadFromEnumerable(rows));
    }

    private sealed record FirstRun(double Milliseconds, int Methods, double JitMilliseconds, long Bytes);

    private sealed class Row
    {
        [VectorType(4)] public float[] Features { get; set; } = [];

        [KeyType(3)] public uint Label { get; set; }
    }
}
