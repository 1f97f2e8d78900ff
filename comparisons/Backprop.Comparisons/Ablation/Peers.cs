using System.Globalization;

namespace Backprop.Comparisons.Ablation;

/// <summary>Scores of other libraries on the same rows, as <c>peers.csv</c> of the sets' folder has them.</summary>
internal sealed class Peers
{
    private static readonly string[] LinearModels = ["skl_logreg", "skl_ridge", "mlnet_lbfgs", "mlnet_sdca"];
    private static readonly string[] TreeModels = ["skl_hgb", "mlnet_fasttree", "mlnet_lightgbm", "mlnet_ovafasttree"];
    private const string MlpPrefix = "skl_mlp";

    private readonly List<(string Set, string Model, Dictionary<string, double> Scores)> lines = [];

    /// <summary>Those of a folder; none if it has no such file.</summary>
    public static Peers In(string folder)
    {
        var peers = new Peers();
        var path = Path.Combine(folder, "peers.csv");
        if (!File.Exists(path))
        {
            return peers;
        }

        var rows = File.ReadLines(path).Select(line => line.Split(',')).ToList();
        foreach (var cells in rows.Skip(1))
        {
            var named = rows[0].Zip(cells).ToDictionary(pair => pair.First, pair => pair.Second);
            var scores = new Dictionary<string, double>();
            foreach (var (column, cell) in named)
            {
                if (double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var score))
                {
                    scores[column] = score;
                }
            }

            peers.lines.Add((named["dataset"], named["model"], scores));
        }

        return peers;
    }

    /// <summary>scikit-learn's best multilayer perceptron, with or without early stopping, labels scaled by hand or not; null if there is none.</summary>
    public double? BestMlp(string set, Metric metric) => Best(set, metric, model => model.StartsWith(MlpPrefix, StringComparison.Ordinal));

    /// <summary>The best linear model, or null.</summary>
    public double? BestLinear(string set, Metric metric) => Best(set, metric, LinearModels.Contains);

    /// <summary>The best boosted trees, or null.</summary>
    public double? BestTree(string set, Metric metric) => Best(set, metric, TreeModels.Contains);

    private double? Best(string set, Metric metric, Func<string, bool> of)
        => lines.Where(line => line.Set == set && of(line.Model) && line.Scores.ContainsKey(metric.Name))
            .Select(line => (double?)line.Scores[metric.Name]).OrderBy(score => metric.ErrorOf(score!.Value)).FirstOrDefault();
}
