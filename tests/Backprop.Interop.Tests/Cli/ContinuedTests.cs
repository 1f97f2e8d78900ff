using System.Text.Json;

namespace Backprop.Interop.Tests.Cli;

/// <summary>Training that goes on from a saved model.</summary>
public sealed class ContinuedTests : IDisposable
{
    private readonly Tool tool = new();

    public static TheoryData<string, string> Tasks => new()
    {
        { "binary", "yes" },
        { "binary(positive=2)", "yes" },
        { "multiclass", "three" },
        { "multiclass(smoothing=0.1)", "three" },
        { "regression", "price" },
        { "regression(huber(1))", "price" },
        { "poisson", "count" },
        { "quantile(0.1,0.5,0.9)", "price" },
        { "regression", "price,count" },
    };

    [Theory, MemberData(nameof(Tasks))]
    public void TrainingBeginsWithTheModelsOwnWeights(string task, string label)
    {
        // No step is large enough to change a weight, so that no epoch is better than the beginning.
        var begun = Train(task, label, "--hidden 8 --epochs 3");
        var output = tool.Succeed(Command(task, label, "--continue @a.zip --epochs 2 --optimizer sgd --learning-rate 1e-30", "b"));
        Assert.Contains("Kept the weights training began with: none of 2 epochs was better", output);
        Assert.Equal(begun, Hash("b"));
        Assert.Equal(Predictions("a"), Predictions("b"));
    }

    [Theory, MemberData(nameof(Tasks))]
    public void TrainingGoesOnToLowerLoss(string task, string label)
    {
        Train(task, label, "--hidden 8 --epochs 1");
        var first = ValidationLoss(tool.Succeed(Command(task, label, "--hidden 8 --epochs 1", "a")));
        var output = tool.Succeed(Command(task.Split('(')[0], label, "--continue @a.zip --epochs 4", "b"));
        if (!task.StartsWith("quantile", StringComparison.Ordinal))
        {
            Assert.Contains($"task {task}.", output);
        }

        Assert.True(ValidationLoss(output) < first, output);
        Assert.NotEqual(Hash("a"), Hash("b"));
        Assert.Equal(Predictions("a")[0], Predictions("b")[0]);
    }

    [Fact]
    public void OtherRowsAreReadAsTheModelsOwn()
    {
        // Without one of the classes, with a column more, another order, another dialect.
        Train("multiclass", "three", "--hidden 8 --epochs 2");
        tool.Write("f.csv", "extra;colour;three;weight;size\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"{i};red;{(i % 2 == 0 ? "low" : "10")};0.{i};0.5\n")));
        tool.Succeed(Command("multiclass", "three", "--continue @a.zip --epochs 2", "b"));
        Assert.Equal("Prediction,Probability_10,Probability_high,Probability_low", Predictions("b")[0].Replace(';', ','));
    }

    [Fact]
    public void ValidationRowsOfAFileChooseTheBestEpoch()
    {
        tool.Write("f.csv", Table(seed: 1));
        tool.Write("v.csv", Table(seed: 2));
        var own = tool.Succeed(Command("regression", "price", "--hidden 8 --epochs 3 --validation-fraction 0", "a"));
        var given = tool.Succeed(Command("regression", "price", "--hidden 8 --epochs 3 --validation @v.csv", "b"));
        Assert.Contains("validation loss none", own);
        Assert.DoesNotContain("validation loss none", given);

        // No row of the training file is held out, so that both learn from the same.
        static string[] Losses(string output)
            => [.. output.Split('\n').Where(line => line.StartsWith("epoch", StringComparison.Ordinal)).Select(line => line.Split("validation")[0])];
        Assert.Equal(Losses(own), Losses(given));
    }

    public void Dispose() => tool.Dispose();

    private static string Command(string task, string label, string options, string name)
    {
        var others = string.Join(',', new[] { "yes", "three", "price", "count" }.Except(label.Split(',')));
        var ignored = options.Contains("--continue", StringComparison.Ordinal) ? "" : $"--ignore {others}";
        return $"train --data @f.csv --label {label} --task {task} {ignored} {options} --batch 16 --threads 1 --model @{name}.zip --metrics @{name}.json --html @{name}.html";
    }

    private string Train(string task, string label, string options)
    {
        tool.Write("f.csv", Table(seed: 1));
        tool.Succeed(Command(task, label, options, "a"));
        return Hash("a");
    }

    private string[] Predictions(string name)
    {
        tool.Succeed($"predict --model @{name}.zip --data @f.csv --out @{name}.csv");
        return File.ReadAllLines(tool[$"{name}.csv"]);
    }

    private string Hash(string name)
        => JsonDocument.Parse(File.ReadAllText(tool[$"{name}.json"])).RootElement.GetProperty("weightHash").GetString()!;

    private static double ValidationLoss(string output)
        => double.Parse(output.Split("validation loss ")[^1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

    private static string Table(int seed) => $"{Samples.Header},yes,three,price,count\n" + string.Concat(Samples.Rows(200, seed).Select(row =>
        $"{row.Features},{Samples.YesNo(row.Signal)},{(row.Signal < 0 ? "low" : row.Signal < 1 ? "10" : "high")},{Samples.Price(row.Signal)},{(int)(row.Signal + 5)}\n"));
}
