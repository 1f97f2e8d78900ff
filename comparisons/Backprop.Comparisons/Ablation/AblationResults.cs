namespace Backprop.Comparisons.Ablation;

/// <summary>The results of a folder: of each set and variant, from as many seeds from 1 on as there are without a gap.</summary>
internal sealed class AblationResults(string folder)
{
    private readonly Dictionary<(TableSet Set, Variant Variant), IReadOnlyList<AblationResult>> read = [];

    /// <summary>Seed by seed; none where there is no run.</summary>
    public IReadOnlyList<AblationResult> Of(TableSet set, Variant variant)
    {
        if (!read.TryGetValue((set, variant), out var results))
        {
            var bySeed = Enumerable.Range(1, int.MaxValue).Select(seed => new AblationRun(set, variant, seed).ResultIn(folder));
            results = read[(set, variant)] = [.. bySeed.TakeWhile(result => result is not null).Select(result => result!)];
        }

        return results;
    }

    /// <summary>The mean over seeds, and its standard error: of the seeds, and of the choice of the test rows, which all seeds share.</summary>
    /// <returns>Null without runs.</returns>
    public (double Mean, double Error)? Mean(TableSet set, Variant variant, Metric metric)
    {
        var scores = Of(set, variant).Select(result => result.Scores[metric.Name]).ToList();
        if (scores.Count == 0)
        {
            return null;
        }

        var mean = scores.Average(score => score.Value);
        var ofSeeds = scores.Count == 1 ? 0 : scores.Sum(score => (score.Value - mean) * (score.Value - mean)) / (scores.Count - 1) / scores.Count;
        return (mean, Math.Sqrt(ofSeeds + scores.Average(score => score.OfRows * score.OfRows)));
    }

    /// <summary>Seed by seed, the logarithm of a variant's error over another's, by a metric of the set.</summary>
    public IReadOnlyList<double> Changes(TableSet set, Variant variant, Variant from, Metric metric)
        => [.. Of(set, variant).Zip(Of(set, from), (changed, usual) => Math.Log(ErrorOf(changed, set, metric) / ErrorOf(usual, set, metric)))];

    /// <summary>Above 0 even where no row is wrong: half a row's.</summary>
    private static double ErrorOf(AblationResult result, TableSet set, Metric metric)
        => Math.Max(metric.ErrorOf(result.Scores[metric.Name].Value), metric.IsError ? double.Epsilon : 0.5 / set.Rows);
}
