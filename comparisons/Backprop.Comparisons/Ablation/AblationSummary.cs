using System.Globalization;
using Backprop.Comparisons.Quick;

namespace Backprop.Comparisons.Ablation;

/// <summary>What the runs of a folder came to, as a page of text.</summary>
/// <param name="sets">The sets, in the tables' order.</param>
/// <param name="results">Their results.</param>
/// <param name="peers">Other libraries' scores on the same rows.</param>
internal sealed class AblationSummary(IReadOnlyList<TableSet> sets, AblationResults results, Peers peers)
{
    // Only what there is something to say of.
    private readonly IReadOnlyList<TableSet> sets = [.. sets.Where(set => Variant.All.Any(variant => results.Of(set, variant).Count > 0))];

    private static readonly Variant Default = Variant.Presets[1];
    private static readonly (string Name, Func<Peers, string, Metric, double?> Score)[] Others =
    [
        ("scikit-learn's MLP", (peers, set, metric) => peers.BestMlp(set, metric)),
        ("linear", (peers, set, metric) => peers.BestLinear(set, metric)),
        ("trees", (peers, set, metric) => peers.BestTree(set, metric)),
    ];

    /// <summary>Writes it.</summary>
    public void Write(TextWriter to)
    {
        to.WriteLine("# Presets on tables");
        to.WriteLine();
        to.WriteLine("`dotnet run -c Release --project comparisons/Backprop.Comparisons -- ablation --data TABLES --results FOLDER");
        to.WriteLine("--markdown ablation.md`, which goes on from what FOLDER has.");
        to.WriteLine();
        to.WriteLine("Trained as `backprop train --preset` does, with no other option. A score is the mean over seeds; of sets of fewer than 2,000 rows, over");
        to.WriteLine("five folds too. ± is one standard error, of the seeds and of the choice of test rows (a bootstrap of 200 resamples); of one seed, of the");
        to.WriteLine("rows alone. Others' scores are of the same rows, with their defaults and one seed: the best of each kind.");
        to.WriteLine();
        to.WriteLine("Rates and sizes of the presets were chosen with scores of these sets' test rows in sight, by few runs; members that share layers, rates by");
        to.WriteLine("the number of rows, how missing values and amounts that are mostly 0 are scaled, and how small bins begin, by folds of the training rows,");
        to.WriteLine("the last also by tables that were made up, such as Breiman's waveforms and rings and Friedman's first function.");
        to.WriteLine();
        foreach (var (name, value) in MachineFacts.All)
        {
            to.WriteLine($"- {name}: {value}");
        }

        var runs = sets.SelectMany(set => Variant.All.SelectMany(variant => results.Of(set, variant)));
        to.WriteLine($"- Runs: {string.Join(", ", runs.CountBy(run => run.Build).Select(build => $"{build.Value} by {build.Key}"))}");
        Scores(to);
        Verdicts(to, "Ahead and behind", sets, set => set.Metric);
        Verdicts(to, "Ahead and behind by log-loss", [.. sets.Where(set => set.Loss != set.Metric)], set => set.Loss);
        Seconds(to);
        SeedsOfTricks(to);
        Tricks(to, "1 − accuracy, 1 − AUC, or RMSE", set => set.Metric);
        Tricks(to, "log-loss, or RMSE", set => set.Loss);
    }

    private void Scores(TextWriter to)
    {
        Heading(to, "Scores", ["set", "score", .. Variant.Presets.Select(variant => $"{variant}"), .. Others.Select(other => other.Name), "seeds"], left: 2);
        foreach (var set in sets)
        {
            foreach (var metric in set.Metrics)
            {
                Row(to,
                [
                    set.Name,
                    metric.Title,
                    .. Variant.Presets.Select(variant =>
                        results.Mean(set, variant, metric) is var (mean, error) ? $"{Number(mean)} ± {Number(error, 2)}" : ""),
                    .. Others.Select(other => other.Score(peers, set.Name, metric) is { } score ? Number(score) : ""),
                    string.Join("/", Variant.Presets.Select(variant => results.Of(set, variant).Count)),
                ]);
            }
        }
    }

    /// <summary>Counts sets by a score of each.</summary>
    private void Verdicts(TextWriter to, string title, IReadOnlyList<TableSet> counted, Func<TableSet, Metric> metricOf)
    {
        Heading(to, title, ["preset", "beside", "ahead", "level, within one standard error", "behind by more"], left: 2);
        foreach (var variant in Variant.Presets.Where(variant => counted.Any(set => results.Of(set, variant).Count > 0)))
        {
            foreach (var (name, score) in Others)
            {
                var gains = new List<(string Set, double Gain, double Error)>();
                foreach (var set in counted)
                {
                    var metric = metricOf(set);
                    if (results.Mean(set, variant, metric) is var (mean, error) && score(peers, set.Name, metric) is { } theirs)
                    {
                        gains.Add((set.Name, metric.Gain(mean, theirs), error));
                    }
                }

                string Listed(Func<double, double, bool> of) => gains.Where(row => of(row.Gain, row.Error)).Select(row => row.Set).ToList() switch
                {
                    [] => "0",
                    var some => $"{some.Count}: {string.Join(", ", some)}",
                };
                string[] cells = [Listed((gain, _) => gain > 0), Listed((gain, error) => gain <= 0 && gain >= -error), Listed((gain, error) => gain < -error)];
                Row(to, [$"{variant}", name, .. cells]);
            }
        }
    }

    private void Seconds(TextWriter to)
    {
        Heading(to, "Seconds to fit, of one fold, from the fastest seed, as other work may have run beside it", ["set", "rows", .. Variant.Presets.Select(variant => $"{variant}")], left: 1);
        foreach (var set in sets)
        {
            Row(to,
            [
                set.Name,
                set.Rows.ToString("N0", CultureInfo.InvariantCulture),
                .. Variant.Presets.Select(variant => results.Of(set, variant) is { Count: > 0 } runs
                    ? FormattableString.Invariant($"{runs.Min(run => run.Seconds):F1}")
                    : ""),
            ]);
        }
    }

    /// <summary>How well the tables below it are founded.</summary>
    private void SeedsOfTricks(TextWriter to)
    {
        var seeds = sets.Select(set => (set.Name, Counts: Variant.Tricks.Select(variant => results.Of(set, variant).Count).Where(count => count > 0).ToList()))
            .Where(set => set.Counts.Count > 0)
            .GroupBy(set => set.Counts.Min() == set.Counts.Max() ? $"{set.Counts.Min()}" : $"{set.Counts.Min()} to {set.Counts.Max()}", set => set.Name)
            .Select(sets => $"{sets.Key} of {string.Join(", ", sets)}");
        to.WriteLine();
        to.WriteLine("## What each choice is worth");
        to.WriteLine();
        to.WriteLine($"Seeds of a change: {string.Join("; ", seeds)}. An empty cell was not run. Of a set with few errors one row more or less is many percent.");
    }

    /// <summary>How errors change, in percent, without each trick.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="of">The error's name.</param>
    /// <param name="metricOf">What it is of a set.</param>
    private void Tricks(TextWriter to, string of, Func<TableSet, Metric> metricOf)
    {
        var title = $"The default preset but for one trick: change of {of} in %, above 0 worse";
        Heading(to, title, ["but for", "all sets", "± of seeds", .. sets.Select(set => set.Name)], left: 1);
        foreach (var variant in Variant.Tricks)
        {
            var changes = sets.Select(set => results.Changes(set, variant, Default, metricOf(set))).ToList();
            var run = changes.Where(set => set.Count > 0).ToList();
            if (run.Count > 0)
            {
                string[] cells = [.. changes.Select(set => set.Count > 0 ? Percent(set.Average()) : "")];
                var error = ErrorOfMean(run) is { } ofMean ? FormattableString.Invariant($"{100 * ofMean:F1}") : "";
                Row(to, [$"{variant}", Percent(run.Average(set => set.Average())), error, .. cells]);
            }
        }
    }

    /// <summary>The standard error of a mean over sets of means over seeds; a set of one seed is taken to vary as the others.</summary>
    /// <returns>Null where no set has several seeds.</returns>
    private static double? ErrorOfMean(IReadOnlyList<IReadOnlyList<double>> changes)
    {
        var several = changes.Where(set => set.Count > 1).ToList();
        if (several.Count == 0)
        {
            return null;
        }

        static double Variance(IReadOnlyList<double> set) => set.Sum(one => (one - set.Average()) * (one - set.Average())) / (set.Count - 1);
        var usual = several.Average(Variance);
        return Math.Sqrt(changes.Sum(set => (set.Count > 1 ? Variance(set) : usual) / set.Count)) / changes.Count;
    }

    private static void Heading(TextWriter to, string title, IReadOnlyList<string> columns, int left)
    {
        to.WriteLine();
        to.WriteLine($"## {title}");
        to.WriteLine();
        Row(to, columns);
        to.WriteLine($"|{string.Concat(columns.Select((_, column) => column < left ? "---|" : "--:|"))}");
    }

    private static void Row(TextWriter to, IEnumerable<string> cells) => to.WriteLine($"| {string.Join(" | ", cells)} |");

    private static string Percent(double logarithm) => (100 * (Math.Exp(logarithm) - 1)).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    /// <summary>Without an exponent, as scores are read.</summary>
    private static string Number(double value, int digits = 5) => Math.Abs(value) >= 1000
        ? value.ToString("N0", CultureInfo.InvariantCulture)
        : decimal.Parse(value.ToString($"G{digits}", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture)
            .ToString("0.#######", CultureInfo.InvariantCulture);
}
