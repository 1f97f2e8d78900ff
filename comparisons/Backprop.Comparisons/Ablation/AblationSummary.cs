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
        to.WriteLine("five folds too. ± is one standard error, of the seeds and of the choice of test rows (a bootstrap of 200 resamples). Others' scores are");
        to.WriteLine("of the same rows, with their defaults and one seed: the best of each kind.");
        to.WriteLine();
        foreach (var (name, value) in MachineFacts.All)
        {
            to.WriteLine($"- {name}: {value}");
        }

        Scores(to);
        Verdicts(to);
        Seconds(to);
        Tricks(to);
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

    /// <summary>Counts sets by the score they are compared by.</summary>
    private void Verdicts(TextWriter to)
    {
        Heading(to, "Ahead and behind", ["preset", "beside", "ahead", "level, within one standard error", "behind by more"], left: 2);
        foreach (var variant in Variant.Presets.Where(variant => sets.Any(set => results.Of(set, variant).Count > 0)))
        {
            foreach (var (name, score) in Others)
            {
                var gains = new List<(string Set, double Gain, double Error)>();
                foreach (var set in sets)
                {
                    if (results.Mean(set, variant, set.Metric) is var (mean, error) && score(peers, set.Name, set.Metric) is { } theirs)
                    {
                        gains.Add((set.Name, set.Metric.Gain(mean, theirs), error));
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
        Heading(to, "Seconds to fit, of one fold", ["set", "rows", .. Variant.Presets.Select(variant => $"{variant}")], left: 1);
        foreach (var set in sets)
        {
            Row(to,
            [
                set.Name,
                set.Rows.ToString("N0", CultureInfo.InvariantCulture),
                .. Variant.Presets.Select(variant => results.Of(set, variant) is { Count: > 0 } runs
                    ? FormattableString.Invariant($"{runs.Average(run => run.Seconds):F1}")
                    : ""),
            ]);
        }
    }

    /// <summary>How errors change, in percent: 1 − accuracy, 1 − AUC, or RMSE.</summary>
    private void Tricks(TextWriter to)
    {
        const string Title = "The default preset but for one trick: change of the error in %, above 0 worse";
        Heading(to, Title, ["but for", "all sets", "±", .. sets.Select(set => set.Name)], left: 1);
        foreach (var variant in Variant.Tricks)
        {
            var changes = sets.Select(set => results.Changes(set, variant, Default)).ToList();
            var seeds = changes.Where(set => set.Count > 0).Select(set => set.Count).DefaultIfEmpty().Min();
            if (seeds == 0)
            {
                continue;
            }

            var bySeed = Enumerable.Range(0, seeds).Select(seed => changes.Where(set => set.Count > 0).Average(set => set[seed])).ToList();
            var mean = bySeed.Average();
            var error = seeds > 1 ? Math.Sqrt(bySeed.Sum(one => (one - mean) * (one - mean)) / (seeds - 1) / seeds) : (double?)null;
            string[] cells = [.. changes.Select(set => set.Count > 0 ? Percent(set.Average()) : "")];
            Row(to, [$"{variant}", Percent(mean), error is { } of ? FormattableString.Invariant($"{100 * of:F1}") : "", .. cells]);
        }
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
