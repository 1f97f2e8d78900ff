using System.Runtime;
using System.Text.Json.Nodes;
using Backprop.Audit;
using Backprop.Comparisons.MachineLearning;
using Backprop.Comparisons.Measuring;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;
using Microsoft.ML;

namespace Backprop.Comparisons.Fitting;

/// <summary>The first Fit of a fresh process, where the runtime's compilation of the engine is the greater part.</summary>
/// <param name="Door">Through which it is called.</param>
internal sealed record FirstFitCase(string Door) : ProcessCase(Command, Door)
{
    /// <summary>The command of the process that is started.</summary>
    public const string Command = "first-fit";

    private const double BudgetMilliseconds = 300;
    private const string Engine = "Backprop";
    private const string MachineLearning = "Backprop.ML";
    private static readonly Mlp Mlp = new([4, 16, 3], Activation.Of(new Relu()), Head.Multiclass);

    /// <summary>The engine's own door, and ML.NET's, which adds the compilation of ML.NET's code.</summary>
    public static IEnumerable<Case> All => [new FirstFitCase(Engine), new FirstFitCase(MachineLearning)];

    /// <inheritdoc/>
    public override string Name => $"{string.Join('-', Mlp.Sizes)} through {Door}";

    /// <inheritdoc/>
    public override JsonObject Fields => new() { ["mlp"] = string.Join('-', Mlp.Sizes), ["door"] = Door };

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Figures => ["jitMethods", "jitMilliseconds"];

    /// <inheritdoc/>
    public override JsonObject Extras(Outcome outcome)
    {
        var extras = base.Extras(outcome);
        extras["budgetMilliseconds"] = BudgetMilliseconds;
        return extras;
    }

    /// <summary>What the started process does: fits once.</summary>
    public static void Report(string door, TextWriter output)
    {
        Action fit = door == Engine ? FitEngine(RandomBatch.Of(Mlp, 150, 1)) : FitMachineLearning(NetworkData.View(Mlp, 150));
        var (methods, jit) = (JitInfo.GetCompiledMethodCount(), JitInfo.GetCompilationTime());
        ProcessRun.Report(
            fit, () => [JitInfo.GetCompiledMethodCount() - methods, (JitInfo.GetCompilationTime() - jit).TotalMilliseconds], output);
    }

    private static Action FitEngine(Examples<float> examples)
        => () => Trainer.Fit(Mlp.Head, Mlp.Outputs, examples, new() { Hidden = [.. Mlp.Sizes.Skip(1).SkipLast(1)], Epochs = 10 });

    private static Action FitMachineLearning(IDataView view)
        => () => NetworkData.Trainer(new(seed: 1), Mlp, new() { NumberOfIterations = 10 }).Fit(view);
}
