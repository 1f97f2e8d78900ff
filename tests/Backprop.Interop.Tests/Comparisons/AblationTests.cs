using System.Globalization;
using Backprop.Cli;
using Backprop.Cli.Data;
using Backprop.Cli.Tasks;
using Backprop.Comparisons;
using Backprop.Comparisons.Ablation;
using Backprop.Interop.Tests.Torch;

namespace Backprop.Interop.Tests.Comparisons;

/// <summary>The ablation's scores are ML.NET's, it goes on where it was, and says what is wrong with its input.</summary>
[Collection(TorchCollection.Name)]
public sealed class AblationTests : IDisposable
{
    private const int Rows = 90;
    private static readonly string[] Names = ["binary", "multiclass", "regression"];
    private readonly string folder = Directory.CreateTempSubdirectory("backprop-ablation-").FullName;

    public AblationTests()
    {
        var sets = Names.Select(task => $$"""{"name":"{{task}}","task":"{{task}}","label":"y","rows":{{2 * Rows}},"eval":"80/20"}""");
        File.WriteAllText(Path.Combine(folder, "datasets.json"), $"[{string.Join(",", sets)}]");
        File.WriteAllLines(
            Path.Combine(folder, "peers.csv"), ["dataset,model,acc,logloss,auc,rmse", "regression,skl_mlp_es,,,,0.01", "regression,skl_mlp,,,,99"]);
        foreach (var (task, part, seed) in Names.SelectMany(task => new[] { (task, "train", 1), (task, "test", 2) }))
        {
            File.WriteAllLines(Path.Combine(folder, $"{task}.{part}.csv"), ["a,b,c,y", .. Table(task, seed)]);
        }
    }

    public static TheoryData<string> Tasks => [.. Names];

    [Theory, MemberData(nameof(Tasks))]
    public void ScoresAreThoseOfMlNet(string task)
    {
        var set = TableSet.In(folder).Single(one => one.Name == task);
        var (train, test) = set.Splits(folder).Single();
        var files = new TrainingFiles(CsvSource.File(train, CsvDialect.Standard)) { Test = CsvSource.File(test, CsvDialect.Standard) };
        var trained = TrainingData.Read(set.Head, files, new("y"), null, default).Fit(new() { Preset = Variant.Parse("fast").Preset, Seed = 1 }, _ => { });
        var (rows, evaluated) = (ScoredRows.Of(set, trained), trained.Evaluate()!.Metrics.ToDictionary());
        var theirs = new Dictionary<Metric, string>
        {
            [Metric.Accuracy] = "accuracy",
            [Metric.LogLoss] = "logLoss",
            [Metric.Auc] = "auc",
            [Metric.RootMeanSquare] = "rmse",
        };
        foreach (var metric in set.Metrics)
        {
            // ML.NET adds floats' losses up in double too, in another order.
            Assert.Equal(evaluated[theirs[metric]], rows.Score(metric), 1e-6 * evaluated[theirs[metric]]);
        }

        Assert.Equal(Rows, rows.Count);
        if (set.Metrics.Contains(Metric.Accuracy))
        {
            // Of a share its standard error is known; 2,000 resamples tell it to within 1 / √4,000 of itself, and this is six times as much.
            var share = rows.Score(Metric.Accuracy);
            var error = Math.Sqrt(share * (1 - share) / Rows);
            Assert.Equal(error, rows.StandardError(Metric.Accuracy, 2000, 1), 6 * error / Math.Sqrt(4000));
        }
    }

    [Fact]
    public void WhatWasRunIsNotRunAgain()
    {
        var page = Path.Combine(folder, "page.md");
        string[] choices = ["--sets", "regression", "--variants", "fast,default,half as many epochs", "--seeds", "2"];
        string[] args = ["ablation", "--data", folder, "--results", Path.Combine(folder, "runs"), .. choices];
        var (first, again) = (Lines([.. args]), Lines([.. args, "--markdown", page]));
        Assert.Equal(3 * 2, first.Length);
        Assert.Empty(again);
        var lines = File.ReadAllLines(page);
        Assert.Matches(
            @"^\| regression \| RMSE \| .* \| 0\.01 \|  \|  \| 2/2/0 \|$", Assert.Single(lines, line => line.Contains("RMSE |", StringComparison.Ordinal)));
        Assert.Contains("| default | scikit-learn's MLP | 0 | 0 | 1: regression |", lines);
        Assert.Contains($"- Runs: 6 by {Backprop.Cli.Report.Machine.BuildOf(typeof(Backprop.Training.Preset))}", lines);

        // Of a number, both errors are the same; two seeds have a standard error.
        var tricks = lines.Where(line => line.StartsWith("| half as many epochs | ", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, tricks.Count);
        Assert.Single(tricks.Distinct());
        Assert.Matches(@"^\| half as many epochs \| [+-][\d.]+ \| [\d.]+ \| [+-][\d.]+ \|$", tricks[0]);
        Assert.DoesNotContain(lines, line => line.Contains("multiclass", StringComparison.Ordinal) || line.Contains("ReLU", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("label smoothing of 0.1", "multiclass")]
    [InlineData("features not clipped", "regression")]
    [InlineData("ReLU", "binary")]
    public void AChangeChangesWhatIsTrained(string variant, string set)
    {
        var runs = Path.Combine(folder, "runs");
        Lines(["ablation", "--data", folder, "--results", runs, "--sets", set, "--variants", $"default,{variant}", "--seeds", "1"]);
        var results = new AblationResults(runs);
        var (table, usual, changed) = (TableSet.In(folder).Single(one => one.Name == set), Variant.Presets[1], Variant.Parse(variant));
        Assert.NotEqual(0, Assert.Single(results.Changes(table, changed, usual, table.Loss)));
    }

    [Theory]
    [InlineData("--sets", "letters", "no set 'letters'")]
    [InlineData("--variants", "slow", "no variant 'slow'")]
    [InlineData("--data", "/there/is/none", "datasets.json")]
    public void WrongInputIsSaid(string option, string value, string words)
    {
        var options = new Dictionary<string, string> { ["--data"] = folder, ["--results"] = Path.Combine(folder, "runs") };
        options[option] = value;
        using StringWriter output = new(), error = new();
        Assert.Equal(2, Comparer.Run(["ablation", .. options.SelectMany(pair => new[] { pair.Key, pair.Value })], output, error, default));
        Assert.Contains(words, error.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string[] Lines(string[] args)
    {
        using StringWriter output = new(), error = new();
        var code = Comparer.Run(args, output, error, default);
        Assert.True(code == BackpropTool.Ok, $"{error}");
        return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Two numbers and a text; the label a noisy function of all three.</summary>
    private static IEnumerable<string> Table(string task, int seed)
    {
        var random = new Random(seed);
        for (var row = 0; row < Rows; row++)
        {
            var (a, b, c) = (random.NextDouble() - 0.5, random.NextDouble() - 0.5, random.Next(3));
            var y = a + a * b + 0.3 * c + 0.2 * random.NextDouble();
            var label = task switch
            {
                "binary" => y > 0.4 ? "1" : "0",
                "multiclass" => $"k{Math.Clamp((int)(3 * y), 0, 2)}",
                _ => y.ToString(CultureInfo.InvariantCulture),
            };
            yield return FormattableString.Invariant($"{a},{b},{"xyz"[c]},{label}");
        }
    }
}
