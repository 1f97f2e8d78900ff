using System.Globalization;
using System.Text.Json;
using Backprop.Training;

namespace Backprop.Interop.Tests.Cli;

/// <summary>Tasks beside the usual three, and their options, from a file to predictions.</summary>
public sealed class TaskTests : IDisposable
{
    private const string Small = "--hidden 8 --epochs 15 --threads 1 --model @m.zip --metrics @m.json";

    private readonly Tool tool = new();

    [Theory]
    [InlineData("quantile(0.1,0.5,0.9)", "noisy", "Prediction,Quantile_0.1,Quantile_0.5,Quantile_0.9", "pinballLoss,intervalCoverage,expectedCoverage,meanIntervalWidth")]
    [InlineData("quantile", "noisy", "Prediction,Quantile_0.1,Quantile_0.5,Quantile_0.9", "pinballLoss,intervalCoverage,expectedCoverage,meanIntervalWidth")]
    [InlineData("poisson", "count", "Prediction,Score", "rmse,r2,mae")]
    [InlineData("regression(huber(1))", "noisy", "Prediction,Score", "rmse,r2,mae")]
    [InlineData("regression(absoluteerror,raw)", "x", "Prediction,Score", "rmse,r2,mae")]
    [InlineData("regression", "noisy,count", "Prediction_noisy,Prediction_count", "r2,rmse_noisy,r2_noisy,mae_noisy,rmse_count,r2_count,mae_count")]
    [InlineData("poisson", "count,noisy", "Prediction_count,Prediction_noisy", "r2,rmse_count,r2_count,mae_count,rmse_noisy,r2_noisy,mae_noisy")]
    [InlineData("multiclass(smoothing=0.1)", "class", "Prediction,Probability_a,Probability_b,Probability_c", "accuracy,logLoss")]
    [InlineData("binary(positive=3)", "sign", "Prediction,Probability", "accuracy,logLoss,auc")]
    public void EachTaskHasItsColumnsAndScores(string task, string label, string columns, string metrics)
    {
        tool.Write("f.csv", Table(300, seed: 1));
        tool.Write("t.csv", Table(100, seed: 2));
        tool.Succeed($"train --data @f.csv --test @t.csv --label {label} --task {task} {Small} --html @r.html");
        var json = JsonDocument.Parse(File.ReadAllText(tool["m.json"])).RootElement;
        Assert.Equal(task.Split('(')[0], json.GetProperty("task").GetString());
        Assert.Equal(task == "quantile" ? "quantile(0.1,0.5,0.9)" : task, json.GetProperty("head").GetString());
        Assert.Equal(metrics.Split(','), json.GetProperty("metrics").EnumerateObject().Select(metric => metric.Name));

        tool.Succeed("predict --model @m.zip --data @t.csv --out @p.csv");
        var lines = File.ReadAllLines(tool["p.csv"]);
        Assert.Equal(columns, lines[0]);
        Assert.Equal(101, lines.Length);
        Assert.All(lines, line => Assert.Equal(columns.Split(',').Length, line.Split(',').Length));
    }

    [Fact]
    public void AQuantilePredictionIsTheMedianWithinItsInterval()
    {
        foreach (var row in Rows("quantile(0.9,0.5,0.1)", "noisy"))
        {
            Assert.Equal(row[2], row[0]);
            Assert.True(row[3] <= row[2] && row[2] <= row[1], string.Join(' ', row));
        }
    }

    [Fact]
    public void APredictedRateIsAboveZeroAndNearItsMean()
    {
        var rates = Rows("poisson", "count", "--optimizer lbfgs").Select(row => row[0]).ToList();
        Assert.All(rates, rate => Assert.True(rate > 0));
        Assert.Equal(Counts(300, seed: 1).Average(), rates.Average(), 0.5);
    }

    [Fact]
    public void SeveralLabelsAreInUnitsOfTheirOwn()
    {
        // noisy is about 100, count about 4.
        var rows = Rows("regression", "noisy,count").ToList();
        Assert.InRange(rows.Average(row => row[0]), 90, 130);
        Assert.InRange(rows.Average(row => row[1]), 2, 6);
    }

    [Fact]
    public void ALabelWithACommaInItsNameIsOneLabel()
    {
        tool.Write("f.csv", "a,\"b,c\"\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"{i},{i}\n")));
        tool.Succeed($"train --data @f.csv --label b,c --task regression {Small}");
        tool.Succeed("predict --model @m.zip --data @f.csv --out @p.csv");
        Assert.Equal("Prediction,Score", File.ReadLines(tool["p.csv"]).First());
    }

    [Fact]
    public void RowsThatLackOneOfSeveralLabelsAreLeftOut()
    {
        tool.Write("f.csv", "a,b,c\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"{i},{(i == 3 ? "" : i)},{(i == 5 ? "NA" : i)}\n")));
        var output = tool.Succeed($"train --data @f.csv --label b,c --task regression {Small}");
        Assert.Contains("38 rows", output);
        Assert.Contains("no label: 2.", output);
    }

    [Fact]
    public void OptionsNotGivenAreTheTrainersOwn()
    {
        tool.Write("f.csv", Table(100, seed: 1));
        string Hash(string options)
        {
            tool.Succeed($"train --data @f.csv --label class --task multiclass --metrics @m.json {options}");
            return JsonDocument.Parse(File.ReadAllText(tool["m.json"])).RootElement.GetProperty("weightHash").GetString()!;
        }

        var usual = new TrainingOptions();
        var written = $"--hidden {string.Join(',', usual.Hidden)} --activation {usual.Activation} --optimizer {usual.Optimizer.Name} "
            + $"--learning-rate {usual.Optimizer.LearningRate} --batch {usual.BatchSize} --seed {usual.Seed} "
            + $"--validation-fraction {usual.ValidationFraction} --patience {usual.Patience} --threads {usual.Engine.Threads}";
        Assert.Equal(Hash($"{written} --preset plain --epochs 3"), Hash("--preset plain --epochs 3"));
        Assert.Equal(Hash("--preset default --epochs 3"), Hash("--epochs 3"));
    }

    [Fact]
    public void AnOptionOfATaskChangesTheWeights()
    {
        tool.Write("f.csv", Table(300, seed: 1));
        string Hash(string task)
        {
            tool.Succeed($"train --data @f.csv --label class --task {task} {Small}");
            return JsonDocument.Parse(File.ReadAllText(tool["m.json"])).RootElement.GetProperty("weightHash").GetString()!;
        }

        Assert.NotEqual(Hash("multiclass"), Hash("multiclass(smoothing=0.2)"));
    }

    public void Dispose() => tool.Dispose();

    private IEnumerable<double[]> Rows(string task, string label, string options = "")
    {
        tool.Write("f.csv", Table(300, seed: 1));
        tool.Succeed($"train --data @f.csv --label {label} --task {task} {Small} {options}");
        tool.Succeed("predict --model @m.zip --data @f.csv --out @p.csv");
        return File.ReadLines(tool["p.csv"]).Skip(1).Select(line => line.Split(',').Select(Number).ToArray());
    }

    private static string Table(int rows, int seed)
    {
        var random = new Random(seed);
        return "x,noisy,count,class,sign\n" + string.Concat(Counts(rows, seed).Select((count, i) =>
        {
            var x = random.NextDouble();
            var noisy = 100 + 20 * x + random.NextDouble();
            return string.Create(CultureInfo.InvariantCulture, $"{x:R},{noisy:R},{count},{"abc"[(int)(3 * x)]},{(x > 0.5 ? "+" : "-")}\n");
        }));
    }

    private static IEnumerable<int> Counts(int rows, int seed)
    {
        var random = new Random(seed + 100);
        return [.. Enumerable.Range(0, rows).Select(_ => random.Next(9))];
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
