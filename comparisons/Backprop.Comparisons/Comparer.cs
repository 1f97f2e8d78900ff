using System.CommandLine;
using Backprop.Cli;
using Backprop.Comparisons.Ablation;
using Backprop.Comparisons.Benchmarks;
using Backprop.Comparisons.Quick;
using Backprop.Comparisons.Sweeping;

namespace Backprop.Comparisons;

/// <summary>The program: its commands, and what they have in common.</summary>
internal static class Comparer
{
    /// <summary>Runs one command; where there is none of that name, the error says which there are.</summary>
    /// <param name="args">Its words.</param>
    /// <param name="output">For results.</param>
    /// <param name="error">For errors, one sentence each.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The exit code: 1 if random networks do not agree, 2 for wrong usage or input.</returns>
    public static int Run(IReadOnlyList<string> args, TextWriter output, TextWriter error, CancellationToken cancellation = default)
        => BackpropTool.Run("Backprop.Comparisons", Commands, args, output, error, cancellation);

    private static RootCommand Commands(Session session) => new("Speed, gradients and accuracy, beside other libraries.")
    {
        QuickCommand.Create(session),
        BenchmarkCommand.Create(session),
        SweepCommand.Create(session),
        AblationCommand.Create(session),
    };
}
