using Backprop.Audit;
using Backprop.Cli.Auditing;

namespace Backprop.Cli.Report;

/// <summary>The report of <c>audit</c>: who is right, by how much, where, and how sure that is.</summary>
internal static class AuditReport
{
    /// <summary>Writes the page.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="subject">What was audited.</param>
    /// <param name="result">What was found.</param>
    /// <param name="run">How to repeat it.</param>
    public static void Write(Stream stream, string subject, AuditResult result, IEnumerable<(string Name, string Value)> run)
    {
        var sections = new List<Section>();
        foreach (var (i, report) in result.Gradients.Index())
        {
            Section[] both = [AuditSections.Agreement(report), AuditSections.Spread(report)];
            sections.AddRange(both.Select(s => i == 0 ? s : s with { Id = $"{s.Id}-{i + 1}" }));
        }

        void Add<T>(IReadOnlyList<T> found, Func<IReadOnlyList<T>, Section> section)
        {
            if (found.Count > 0)
            {
                sections.Add(section(found));
            }
        }

        Add(result.Steps, StepSection.Of);
        Add(result.Drifts, AuditSections.Drift);
        Add(result.Kills, FindingSections.Kills);
        sections.AddRange(result.Sweep is { } sweep ? [SweepSection.Of(sweep)] : Array.Empty<Section>());
        Add(result.Conventions, FindingSections.Conventions);
        Add(result.Findings, FindingSections.Catalogue);
        Add(result.Unfinished, FindingSections.Unfinished);
        Add(result.NotRun, FindingSections.NotRun);
        sections.AddRange(result.Kills.Count == 0 ? [FindingSections.NoKills] : Array.Empty<Section>());
        var without = result.TorchMissing is null ? "" : ", without its libtorch";
        sections.Add(Sections.About([.. run, ("TorchSharp", $"{Machine.VersionOf(typeof(TorchSharp.torch))}{without}")]));
        Page.Write(stream, $"Audit of {subject}", Lead(result), Tiles(result), sections);
    }

    private static string Lead(AuditResult result)
    {
        var cases = result.Cases;
        int Count(CaseOutcome outcome) => cases.Count(c => c.Outcome == outcome);
        var (failed, passed, skipped) = (Count(CaseOutcome.Failed), Count(CaseOutcome.Passed), Count(CaseOutcome.Skipped));
        return (failed > 0 ? $"{Readable.Count(failed)} of {Readable.Count(cases.Count)} checks speak against this engine. "
            : passed == 0 ? "Nothing speaks against this engine, and nothing for it: no check could be decided. "
            : "Nothing speaks against this engine: none of its numbers is further from the exact one than rounding explains, "
                + $"in {Readable.Count(passed)} of {Readable.Count(cases.Count)} checks. ")
            + (skipped > 0 ? $"Undecided or not run, {Readable.Count(skipped)} say nothing. " : "")
            + (TheirsWorse(result) is > 0 and var theirs ? $"In {Readable.Count(theirs)} libtorch's are worse than rounding explains. " : "")
            + result.Unfinished.Count switch
            {
                0 => "",
                1 => "One check did not come to its end, and says nothing. ",
                var count => $"{Readable.Count(count)} checks did not come to their end, and say nothing. ",
            }
            + (result.Repeated > 0 ? $"{Readable.Count(result.Repeated)} pieces were run again, as TorchSharp threw at first and not again. " : "")
            + (result.TorchMissing is null
                ? "Witnesses are this engine and libtorch, both in float32, and a reference in float64."
                    + (result.TorchIsPartlyMissing ? " Where libtorch is none, the report says why." : "")
                : "Witnesses are two: this engine in float32, and a reference in float64. libtorch is none, as it could not be asked.");
    }

    private static int TheirsWorse(AuditResult result) => result.Gradients.SelectMany(report => report.Tensors).Select(tensor => tensor.Verdict)
        .Concat(result.Steps.Select(report => report.Verdict))
        .Concat(result.Findings.Select(finding => finding.Verdict))
        .Count(verdict => verdict == Verdict.TheirsWorse);

    private static List<Tile> Tiles(AuditResult result)
    {
        var cases = result.Cases;
        int Count(CaseOutcome outcome) => cases.Count(c => c.Outcome == outcome);
        var skipped = Count(CaseOutcome.Skipped);
        var tiles = new List<Tile>
        {
            new(
                "Who is right",
                Count(CaseOutcome.Failed) == 0 ? "nothing against us" : $"{Readable.Count(Count(CaseOutcome.Failed))} against us",
                $"{Readable.Count(cases.Count)} checks{(skipped > 0 ? $", {Readable.Count(skipped)} undecided or not run" : "")}"
                    + (result.Unfinished.Count > 0 ? $", {Readable.Count(result.Unfinished.Count)} not finished" : ""),
                Count(CaseOutcome.Failed) > 0 ? false : result.Unfinished.Count > 0 || Count(CaseOutcome.Passed) == 0 ? null : true),
        };
        var tensors = result.Gradients.SelectMany(report => report.Tensors).ToList();
        List<double> ratios = [.. tensors.Select(t => t.OursError / t.TorchError).OfType<double>().Where(ratio => ratio > 0 && double.IsFinite(ratio))];
        if (ratios.Count > 0)
        {
            var mean = Math.Exp(ratios.Average(Math.Log));
            tiles.Add(new(
                "By how much", $"{Readable.Number(mean, 2)}×", $"libtorch's error: geometric mean over {ratios.Count} tensors", mean <= 1 ? true : null));
        }

        if (tensors.MaxBy(t => double.IsNaN(t.WorstShare) ? double.PositiveInfinity : t.WorstShare) is { } worst)
        {
            tiles.Add(new(
                "Where",
                Readable.Number(worst.WorstShare, 2),
                $"of its bound: the worst element, {worst.Name}[{worst.WorstRow}, {worst.WorstColumn}]",
                !worst.Verdict.IsAgainstUs));
        }

        if (result.Kills is { Count: > 0 } kills)
        {
            var (seen, tried) = (kills.Count(kill => kill.IsKilled), kills.Count(kill => kill.IsTried));
            tiles.Add(new(
                "How sure",
                $"{seen} of {tried}",
                $"known defects, put in on purpose, are seen{(tried < kills.Count ? $"; {kills.Count - tried} not tried" : "")}",
                kills.All(kill => !kill.Survives)));
        }

        if (result.Sweep is { } sweep)
        {
            tiles.Add(new(
                "Random networks",
                $"{Readable.Count(sweep.Failures.Count)} of {Readable.Count(sweep.Cases)} fail",
                $"{Readable.Count(sweep.Numbers)} numbers"
                    + (double.IsNaN(sweep.GeometricMean) ? "" : $"; error {Readable.Number(sweep.GeometricMean, 2)}× libtorch's"),
                sweep.Agrees));
        }

        if (result.Conventions is { Count: > 0 } conventions)
        {
            var purpose = conventions.Count(c => c.Passes && !c.IsTorchs);
            tiles.Add(new(
                "Conventions",
                $"{conventions.Count(c => c.Passes)} of {conventions.Count}",
                $"as PyTorch's{(purpose > 0 ? $", or on purpose not: {purpose}" : "")}",
                conventions.All(c => c.Passes)));
        }

        return tiles;
    }
}
