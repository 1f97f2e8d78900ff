using System.Globalization;
using Backprop.Audit;
using Backprop.Comparisons.Quick;

namespace Backprop.Comparisons.Sweeping;

/// <summary>A sweep's report as a page of text.</summary>
internal static class SweepSummary
{
    /// <summary>Writes it.</summary>
    /// <param name="to">Where.</param>
    /// <param name="report">The report.</param>
    /// <param name="words">The words that choose the networks.</param>
    public static void Write(TextWriter to, SweepReport report, string words)
    {
        string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
        string Mean(string group) => report.Groups.TryGetValue(group, out var of) ? of.GeometricMean.ToString("0.000", CultureInfo.InvariantCulture) : "none";
        to.WriteLine("# Random networks beside libtorch");
        to.WriteLine();
        to.WriteLine($"`dotnet run -c Release --project comparisons/Backprop.Comparisons -- sweep {words} --parts FOLDER --markdown audit-sweep.md`, which goes on from what FOLDER has.");
        to.WriteLine();
        foreach (var (name, value) in MachineFacts.All)
        {
            to.WriteLine($"- {name}: {value}");
        }

        to.WriteLine($"- Networks: {Count(report.Cases)}, of which {Count(report.BeyondRange)} with a loss beyond float32's range, not compared");
        to.WriteLine($"- Tensors: {Count(report.Tensors.Values.Sum())}, {Count(report.Numbers)} numbers; {string.Join(", ", report.Tensors.OrderByDescending(pair => pair.Value).Select(pair => $"{Count(pair.Value)} {pair.Key.Words}"))}");
        to.WriteLine($"- Tensors beyond what independent roundings explain, judged by samples of errors: {Count(report.Sampled)}");
        to.WriteLine($"- Units near a kink, listed: {Count(report.Kinks)}");
        to.WriteLine($"- Audited once more, as TorchSharp's garbage collector freed a scalar in use: {Count(report.Repeated)}");
        to.WriteLine($"- Time by the clock, of all processes together: {report.Seconds / 3600:0.0} hours");
        to.WriteLine($"- Our float32 error over libtorch's, geometric mean: {Mean("all")} (losses {Mean("loss")}, logits {Mean("logits")}, gradients {Mean("gradients")})");
        to.WriteLine($"- Unexplained: {Count(report.Failures.Count)}");
        to.WriteLine();
        foreach (var failure in report.Failures)
        {
            to.WriteLine($"- number {failure.Number}, {failure.Kind}: {failure.Where} `{failure.Smallest}`");
        }

        to.WriteLine("## Explained");
        to.WriteLine();
        to.WriteLine("| by | tensors | first network |");
        to.WriteLine("|---|--:|---|");
        foreach (var (name, explained) in report.Explained.OrderByDescending(pair => pair.Value.Tensors))
        {
            to.WriteLine($"| {name} | {Count(explained.Tensors)} | `{explained.Case}` |");
        }

        to.WriteLine();
        to.WriteLine("## Our error over libtorch's, by what the networks have");
        to.WriteLine();
        to.WriteLine("| of networks with | tensors | geometric mean |");
        to.WriteLine("|---|--:|--:|");
        foreach (var (name, group) in report.Groups.OrderByDescending(pair => pair.Value.GeometricMean))
        {
            to.WriteLine($"| {name} | {Count(group.Tensors)} | {group.GeometricMean.ToString("0.00", CultureInfo.InvariantCulture)} |");
        }
    }
}
