using System.Globalization;
using Sylvan.Data.Csv;

namespace Backprop.Interop.Tests.Cli;

/// <summary>Trains on a file, predicts another with the saved model, for each task.</summary>
public sealed class RoundTripTests : IDisposable
{
    private const string Training = "--hidden 16 --epochs 60 --batch 16 --threads 1 --model @m.zip";

    private readonly Tool tool = new();

    [Fact]
    public void BinaryPredictionsAreTheLabelsOwnWords()
    {
        TrainAndPredict("binary", Samples.YesNo, "--positive no");
        var (names, rows) = Read("p.csv");
        Assert.Equal(["Prediction", "Probability"], names);
        Assert.All(rows, row => Assert.Equal(Number(row[1]) >= 0.5 ? "no" : "yes", row[0]));
        AssertMostAreRight(Samples.YesNo, rows);
    }

    [Fact]
    public void TheGreaterBinaryLabelIsPositiveUnlessChosen()
    {
        TrainAndPredict("binary", Samples.YesNo, "");
        Assert.All(Read("p.csv").Rows, row => Assert.Equal(Number(row[1]) >= 0.5 ? "yes" : "no", row[0]));
    }

    [Fact]
    public void MulticlassPredictionsAreTheClassOfTheHighestProbability()
    {
        TrainAndPredict("multiclass", Samples.Three, "");
        var (names, rows) = Read("p.csv");
        string[] classes = ["10", "<high>, & \"dry\"", "low"];
        Assert.Equal(["Prediction", .. classes.Select(c => $"Probability_{c}")], names);
        Assert.All(rows, row =>
        {
            double[] probabilities = [.. row.Skip(1).Select(Number)];
            Assert.Equal(classes[Array.IndexOf(probabilities, probabilities.Max())], row[0]);

            // Three floats below 1, each within half a unit in its last place, 2⁻²⁵.
            Assert.Equal(1, probabilities.Sum(), 1e-6);
        });
        AssertMostAreRight(signal => Samples.Three(signal) is ['"', ..] ? classes[1] : Samples.Three(signal), rows);
    }

    [Fact]
    public void RegressionPredictionsAreInTheLabelsUnits()
    {
        TrainAndPredict("regression", Samples.Price, "");
        var (names, rows) = Read("p.csv");
        Assert.Equal(["Prediction", "Score"], names);
        Assert.All(rows, row => Assert.Equal(row[0], row[1]));
        var signals = Samples.Rows(rows.Count, seed: 2).Select(row => Number(Samples.Price(row.Signal))).ToList();
        var mean = signals.Average();
        var residual = rows.Zip(signals, (row, truth) => Math.Pow(Number(row[0]) - truth, 2)).Sum();
        var explained = 1 - residual / signals.Sum(truth => Math.Pow(truth - mean, 2));
        Assert.True(explained > 0.9, $"R² is {explained}, though the label is a plain function of the features");
    }

    [Fact]
    public void NeitherLabelNorExtraColumnsNorColumnOrderMatterToPredictions()
    {
        TrainAndPredict("multiclass", Samples.Three, "");
        var rows = Samples.Rows(100, seed: 2).Select(row => row.Features.Split(',', 3)).Select(f => $"{f[2]},#extra,{f[0]},{f[1]}\r\n");
        tool.Write("moved.csv", $"\uFEFFcolour,comment,size,weight\r\n{string.Concat(rows)}");
        tool.Succeed("predict --model @m.zip --data @moved.csv --out @moved.p.csv");
        Assert.Equal(File.ReadAllText(tool["p.csv"]), File.ReadAllText(tool["moved.p.csv"]));
    }

    [Fact]
    public void UnknownCategoriesAndMissingValuesGetPredictions()
    {
        TrainAndPredict("binary", Samples.YesNo, "");
        tool.Write("new.csv", $"{Samples.Header}\n,,\n0.5,NA,purple\nnan,0.1,red\n");
        tool.Succeed("predict --model @m.zip --data @new.csv --out @new.p.csv");
        var rows = Read("new.p.csv").Rows;
        Assert.Equal(3, rows.Count);
        Assert.All(rows, row => Assert.InRange(Number(row[1]), 0, 1));
    }

    [Fact]
    public void NumericClassesKeepTheirText()
    {
        tool.Write("f.csv", "a,y\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"{i},{(i < 20 ? "007" : "10.0")}\n")));
        tool.Succeed("train --data @f.csv --label y --task multiclass --hidden 4 --epochs 5 --threads 1 --model @m.zip");
        tool.Succeed("predict --model @m.zip --data @f.csv --out @p.csv");
        Assert.Equal(["Prediction", "Probability_007", "Probability_10.0"], Read("p.csv").Names);
    }

    [Fact]
    public void TheSameSeedGivesTheSameBitsWithAnyThreadsAndVectors()
    {
        TrainAndPredict("binary", Samples.YesNo, "--seed 5");
        var one = File.ReadAllText(tool["p.csv"]);
        TrainAndPredict("binary", Samples.YesNo, "--seed 5 --vector-bits 0", Training.Replace("--threads 1", "--threads 2"));
        Assert.Equal(one, File.ReadAllText(tool["p.csv"]));
        TrainAndPredict("binary", Samples.YesNo, "--seed 6");
        Assert.NotEqual(one, File.ReadAllText(tool["p.csv"]));
    }

    [Theory]
    [InlineData("binary", "Prediction,Probability")]
    [InlineData("multiclass", "Prediction,Probability_0,Probability_1")]
    [InlineData("regression", "Prediction,Score")]
    public void ColumnsMayBeNamedLikeThoseOfML(string task, string header)
    {
        var rows = Enumerable.Range(0, 60).Select(i => $"{i},{i % 7},{i % 5},{i % 3},{60 - i},text {i % 2},{(i < 30 ? 0 : 1)}\n");
        tool.Write("f.csv", $"Score,Probability,PredictedLabel,Prediction,Label,Features,y\n{string.Concat(rows)}");
        tool.Succeed($"train --data @f.csv --test @f.csv --label y --task {task} --hidden 4 --epochs 5 --threads 1 --model @m.zip");
        tool.Succeed("predict --model @m.zip --data @f.csv --out @p.csv");
        var written = File.ReadAllLines(tool["p.csv"]);
        Assert.Equal(header, written[0]);
        Assert.Equal(61, written.Length);
    }

    [Fact]
    public void RowsWithoutALabelAreLeftOutAndCounted()
    {
        tool.Write("f.csv", "a,y\n1,0\n2,\n3,1\n4,0\n5,NaN\n6,1\n");
        Assert.Contains("no label: 2.", tool.Succeed("train --data @f.csv --label y --task binary --hidden 2 --epochs 1 --threads 1"));
    }

    public void Dispose() => tool.Dispose();

    private void TrainAndPredict(string task, Func<double, string> label, string options, string training = Training)
    {
        tool.Write("f.csv", Samples.Of(400, seed: 1, label));
        tool.Write("t.csv", Samples.Of(100, seed: 2, label));
        tool.Succeed($"train --data @f.csv --label label --task {task} {training} {options}");
        tool.Succeed("predict --model @m.zip --data @t.csv --out @p.csv");
    }

    private static void AssertMostAreRight(Func<double, string> label, List<string[]> rows)
    {
        var right = Samples.Rows(rows.Count, seed: 2).Zip(rows, (truth, row) => label(truth.Signal) == row[0]).Count(same => same);
        Assert.True(right >= 0.9 * rows.Count, $"{right} of {rows.Count} are right, though the label is a plain function of the features");
    }

    private (string[] Names, List<string[]> Rows) Read(string name)
    {
        using var csv = CsvDataReader.Create(tool[name]);
        var rows = new List<string[]>();
        while (csv.Read())
        {
            rows.Add([.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetString)]);
        }

        return ([.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetName)], rows);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
