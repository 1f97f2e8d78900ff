using System.Diagnostics;
using System.Globalization;
using Backprop.Cli.Report;
using CsCheck;
using Xunit.Abstractions;

namespace Backprop.Interop.Tests.Properties;

/// <summary>Runs a property on some hundred random cases; with BACKPROP_CASES on its share of as many, and writes a summary to check in.</summary>
/// <remarks>
/// Case i is made from the number i, so that a run is the same every time: more cases are new ones. A failure prints a seed and the
/// smallest failing case found. A case's numbers all come from its description.
/// </remarks>
internal static class RandomCases
{
    /// <summary>Cases of all properties together.</summary>
    private const int Cases = 2_000;

    // Of a hundred graphs, one or two have values that tie.
    private const double MostSkipped = 0.05;

    // TorchSharp loses a temporary scalar once in some ten thousand cases.
    private const int CasesOfARepetition = 1_000;

    // One in some hundred graphs has a sigmoid of nearly 1.
    private const double MostCancelled = 0.02;

    // How long a failing case is made smaller, in seconds.
    private const int Shrinking = 20;

    /// <summary>Runs a property.</summary>
    /// <param name="output">Where the summary is printed.</param>
    /// <param name="name">Names the summary's file.</param>
    /// <param name="title">Its title.</param>
    /// <param name="share">Which part of all cases it gets.</param>
    /// <param name="cases">Makes the cases.</param>
    /// <param name="check">Throws where a case fails; counts what it compares.</param>
    public static void Check<T>(ITestOutputHelper output, string name, string title, double share, Gen<T> cases, Action<T, Tally> check)
    {
        var asked = Environment.GetEnvironmentVariable("BACKPROP_CASES");
        var count = (long)Math.Ceiling(share * (asked is null ? Cases : long.Parse(asked, CultureInfo.InvariantCulture)));
        var (tally, clock) = (new Tally(), Stopwatch.StartNew());
        for (var i = 0U; i < count; i++)
        {
            var seed = new PCG(i, 1).ToString();
            try
            {
                tally.Add(Run(cases.Generate(PCG.Parse(seed), null, out _), check, output));
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // One thread: libtorch's random stream belongs to the whole process.
                cases.Sample(one => Run(one, check, output), seed: seed, time: Shrinking, threads: 1, print: one => $"{one}");
                throw;
            }
        }

        string[] summary =
        [
            $"# {title}",
            "",
            .. Machine.Facts.Append(("libtorch", $"{TorchSharp.torch.__version__}, by TorchSharp {Machine.VersionOf(typeof(TorchSharp.torch))}")).Select(fact => $"- {fact.Item1}: {fact.Item2}"),
            string.Create(CultureInfo.InvariantCulture, $"- Cases: {tally.Cases + tally.Skipped:N0}, of which {tally.Skipped:N0} not compared: a condition within rounding of 0, or numbers beyond the range"),
            string.Create(
                CultureInfo.InvariantCulture, $"- Computed again, where TorchSharp let the garbage collector free a scalar in use: {tally.Repeated:N0}"),
            string.Create(CultureInfo.InvariantCulture, $"- libtorch's formula cancels (1 − σ near σ = 1), ours does not: {tally.Cancelled:N0} cases where ours is within its bound of plain loops, and theirs has half of the digits"),
            string.Create(CultureInfo.InvariantCulture, $"- Time: {clock.Elapsed.TotalSeconds:N0} s on one thread"),
            "- Again: `BACKPROP_CASES=100000 dotnet test -c Release tests/Backprop.Interop.Tests --filter FullyQualifiedName~Properties.` (`properties-*.md` beside the test's assembly)",
            "",
            "A difference of two libraries is held to what rounding explains: four times the running error of the graph, number by number. "
                + "The usual bound is the geometric mean of each tensor's largest, relative to its largest number.",
            "",
            .. tally.Table,
        ];
        output.WriteLine(string.Join('\n', summary));
        if (asked is not null)
        {
            File.WriteAllLines(Path.Combine(AppContext.BaseDirectory, $"properties-{name}.md"), summary);
        }

        Assert.True(tally.Cases + tally.Skipped >= count, $"{tally.Cases + tally.Skipped} of {count} cases ran.");
        Assert.True(tally.Repeated <= 1 + count / CasesOfARepetition, $"{tally.Repeated} of {count} cases failed at first and not again.");
        Assert.True(tally.Cancelled <= MostCancelled * count, $"In {tally.Cancelled} of {count} cases theirs was only compared by half of its digits.");
        Assert.True(tally.Skipped <= MostSkipped * count, $"{tally.Skipped} of {count} cases were not compared.");
    }

    /// <summary>
    /// A case that fails is computed once more: TorchSharp lets the garbage collector free temporary scalars while native code reads them,
    /// and then errors or wrong numbers come of it, but not twice. Whatever the case itself decides fails again.
    /// </summary>
    private static Tally Run<T>(T one, Action<T, Tally> check, ITestOutputHelper output)
    {
        var tally = new Tally();
        try
        {
            check(one, tally);
        }
        catch (Exception exception)
        {
            output.WriteLine($"{one}\nFailed at first: {exception.Message}");
            tally = new() { Repeated = 1 };
            check(one, tally);
        }

        return tally;
    }
}
