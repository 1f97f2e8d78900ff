using System.Globalization;
using System.Text.Json;

namespace Backprop.Interop.Tests.Cli;

/// <summary>The metrics file: its promised fields, and each score against its definition.</summary>
public sealed class MetricsTests : IDisposable
{
    private readonly Tool tool = new();

    [Theory]
    [InlineData("binary", "accuracy,logLoss,auc")]
    [InlineData("multiclass", "accuracy,logLoss")]
    [InlineData("regression", "rmse,r2,mae")]
    public void TheFileHasThePromisedFields(string task, string metrics)
    {
        var json = Train(task, LabelOf(task), "--seed 3 --test @t.csv");
        Assert.Equal(task, json.GetProperty("task").GetString());
        Assert.Equal(300, json.GetProperty("rows").GetInt32());
        Assert.Equal(3, json.GetProperty("features").GetInt32());
        Assert.InRange(json.GetProperty("seconds").GetDouble(), 0.001, 600);
        Assert.Equal(4, json.GetProperty("epochs").GetInt32());
        Assert.Equal(3, json.GetProperty("seed").GetInt64());
        Assert.Equal(metrics.Split(','), json.GetProperty("metrics").EnumerateObject().Select(m => m.Name));
    }

    [Fact]
    public void WithoutATestFileThereAreNoMetrics()
        => Assert.False(Train("binary", Samples.YesNo, "").TryGetProperty("metrics", out _));

    [Fact]
    public void BinaryScoresFollowTheirDefinitions()
    {
        var metrics = Train("binary", Samples.YesNo, "--test @t.csv").GetProperty("metrics");
        var rows = Predictions().Zip(Truths(Samples.YesNo), (row, truth) => (P: Number(row[1]), Predicted: row[0], Truth: truth)).ToList();
        Assert.Equal(rows.Average(r => r.Predicted == r.Truth ? 1.0 : 0.0), metrics.GetProperty("accuracy").GetDouble(), 1e-12);

        // In nats; a printed probability is a float, within 2⁻²⁴ of the one behind the file's figure.
        Assert.Equal(rows.Average(r => -Math.Log(r.Truth == "yes" ? r.P : 1 - r.P)), metrics.GetProperty("logLoss").GetDouble(), 1e-5);

        // The share of pairs of a positive and a negative row that the score ranks rightly, ties counted half.
        var pairs = from yes in rows.Where(r => r.Truth == "yes")
                    from no in rows.Where(r => r.Truth == "no")
                    select yes.P > no.P ? 1 : yes.P == no.P ? 0.5 : 0;
        Assert.Equal(pairs.Average(), metrics.GetProperty("auc").GetDouble(), 1e-6);
    }

    [Fact]
    public void MulticlassScoresFollowTheirDefinitions()
    {
        static string Class(double signal) => signal < 0 ? "0" : signal < 1 ? "1" : "2";
        var metrics = Train("multiclass", Class, "--test @t.csv").GetProperty("metrics");
        var rows = Predictions().Zip(Truths(Class)).ToList();
        Assert.Equal(rows.Average(r => r.First[0] == r.Second ? 1.0 : 0.0), metrics.GetProperty("accuracy").GetDouble(), 1e-12);
        var logLoss = rows.Average(r => -Math.Log(Number(r.First[1 + int.Parse(r.Second)])));
        Assert.Equal(logLoss, metrics.GetProperty("logLoss").GetDouble(), 1e-5);
    }

    [Fact]
    public void RegressionScoresFollowTheirDefinitions()
    {
        var metrics = Train("regression", Samples.Price, "--test @t.csv").GetProperty("metrics");
        var rows = Predictions().Zip(Truths(Samples.Price), (row, truth) => (Predicted: Number(row[0]), Truth: Number(truth))).ToList();
        var mean = rows.Average(r => r.Truth);
        var squares = rows.Average(r => Math.Pow(r.Predicted - r.Truth, 2));

        // Labels are floats of about 2·10⁵, rounded to within 2⁻⁷.
        Assert.Equal(Math.Sqrt(squares), metrics.GetProperty("rmse").GetDouble(), 0.02);
        Assert.Equal(rows.Average(r => Math.Abs(r.Predicted - r.Truth)), metrics.GetProperty("mae").GetDouble(), 0.02);
        Assert.Equal(1 - squares / rows.Average(r => Math.Pow(r.Truth - mean, 2)), metrics.GetProperty("r2").GetDouble(), 1e-5);
    }

    public void Dispose() => tool.Dispose();

    private static Func<double, string> LabelOf(string task)
        => task == "binary" ? Samples.YesNo : task == "multiclass" ? Samples.Three : Samples.Price;

    private JsonElement Train(string task, Func<double, string> label, string options)
    {
        tool.Write("f.csv", Samples.Of(300, seed: 1, label));
        tool.Write("t.csv", Samples.Of(100, seed: 2, label));
        const string Small = "--preset plain --hidden 8 --epochs 4 --threads 1 --model @m.zip --metrics @m.json";
        tool.Succeed($"train --data @f.csv --label label --task {task} {Small} {options}");
        return JsonDocument.Parse(File.ReadAllText(tool["m.json"])).RootElement;
    }

    private IEnumerable<string[]> Predictions()
    {
        tool.Succeed("predict --model @m.zip --data @t.csv --out @p.csv");
        return File.ReadLines(tool["p.csv"]).Skip(1).Select(line => line.Split(','));
    }

    private static IEnumerable<string> Truths(Func<double, string> label) => Samples.Rows(100, seed: 2).Select(row => label(row.Signal));

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
