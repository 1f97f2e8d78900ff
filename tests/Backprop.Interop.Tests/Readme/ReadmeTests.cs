using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Interop.Tests.Audit;
using Backprop.Interop.Tests.Serving;
using Backprop.Interop.Tests.Torch;
using Backprop.Models;
using Backprop.Serving;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Interop.Tests.Readme;

/// <summary>The READMEs are true: their examples run as printed and do what they say, their table of formulas and their lists are the catalogues'.</summary>
[Collection(TorchCollection.Name)]
public sealed partial class ReadmeTests : IDisposable
{
    private static readonly string Here = Path.GetDirectoryName(ThisFile())!;
    private static readonly string Root = Path.Combine(Here, "..", "..", "..");
    private static readonly string[] Readmes =
        [Path.Combine(Root, "README.md"), .. Directory.GetFiles(Path.Combine(Root, "src"), "README.md", SearchOption.AllDirectories)];
    private static readonly string Readme = string.Concat(Readmes.Select(File.ReadAllText));

    private readonly string folder = Directory.CreateTempSubdirectory("backprop").FullName;

    public static TheoryData<string> Examples => [.. Directory.GetFiles(Here, "*Example.cs").Select(path => Path.GetFileName(path))];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, MemberData(nameof(Examples))]
    public void TheExampleInTheReadmeIsTheOneThatRuns(string file)
    {
        var source = File.ReadAllText(Path.Combine(Here, file));
        var example = source.Split("// <example>\n")[1].Split("// </example>")[0].TrimEnd();
        Assert.True(Readme.Contains($"```csharp\n{example}\n```"), $"A README.md must show tests/…/Readme/{file} as it is:\n{example}");
    }

    [Fact]
    public void EveryExampleInTheReadmeIsOneThatRuns() => Assert.Equal(Examples.Count, Readme.Split("```csharp\n").Length - 1);

    [Fact]
    public async Task ThePipelineLearnsDigitsAndSavesAModelThatIsServedAndExplained()
    {
        var (csv, zip) = (Path.Combine(folder, "optdigits.csv"), Path.Combine(folder, "digits.zip"));
        DigitsTable.WriteTo(csv);
        var accuracy = Example.Run(csv, zip);
        Assert.True(accuracy > 0.97, $"accuracy {accuracy}");

        await using var service = await RunningService.Start(zip);
        Assert.Equal(64, (await service.Client.GetFromJsonAsync<ModelDescription>("/model"))!.Features);
        var right = 0;
        foreach (var cells in File.ReadLines(csv).Skip(1).Take(100).Select(line => line.Split(',')))
        {
            var answer = await service.Classify([.. cells[..64].Select(float.Parse)]);
            right += answer.PredictedLabel == cells[64] ? 1 : 0;
        }

        Assert.True(right > 97, $"{right} of 100 digits were classified right");
        Explain(csv, zip);
    }

    [Fact]
    public void TheNetworkLearnsBothTasksAndGoesOnWithTheSameBitsWhereItWasStopped()
    {
        var digits = DigitsWithTheirInk();
        var whole = NetworkExample.Run(digits, Path.Combine(folder, "whole"));
        Assert.Equal(20, whole.History.Count);
        // Of each row: ten probabilities, then the ink.
        var scores = new float[11 * digits.Rows];
        whole.Network.Score(digits.Features, scores);
        var rows = scores.Chunk(11).Zip(digits.Targets.Chunk(2)).ToList();
        var accuracy = rows.Average(row => row.First[..10].Max() == row.First[(int)row.Second[0]] ? 1.0 : 0);
        var mean = rows.Average(row => row.Second[1]);
        var unexplained = rows.Sum(row => Math.Pow(row.First[10] - row.Second[1], 2)) / rows.Sum(row => Math.Pow(row.Second[1] - mean, 2));
        Assert.True(accuracy > 0.98 && unexplained < 0.25, $"accuracy {accuracy}, share of the ink's variance that is not explained {unexplained}");

        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => NetworkExample.Run(digits, Path.Combine(folder, "stopped"), report =>
        {
            if (report.Epoch == 3)
            {
                stop.Cancel();
            }
        }, stop.Token));
        var seen = new List<int>();
        var resumed = NetworkExample.Run(digits, Path.Combine(folder, "stopped"), report => seen.Add(report.Epoch));
        Assert.Equal(Enumerable.Range(4, 17), seen);
        Assert.Equal(whole.WeightHash, resumed.WeightHash);
    }

    [Fact]
    public void WhatIsAddedFromOutsidePassesItsChecksAndLearns()
    {
        Faults.AreNone([.. OwnExample.Check()]);

        // The cosine of twice the angle depends on the direction alone.
        var random = new TorchRandom(1);
        var points = new float[2 * 600];
        random.FillNormal<float>(points, 0, 3);
        var cosines = Enumerable.Range(0, 600).Select(i => MathF.Cos(2 * MathF.Atan2(points[2 * i], points[2 * i + 1]))).ToArray();
        var result = OwnExample.Train(new(600, points, cosines));
        var loss = result.History[result.BestEpoch - 1].ValidationLoss;
        Assert.True(loss < 0.02, $"loss {loss}");
    }

    [Fact]
    public void ChecksOfOwnCodeSayWhatTheyShould()
    {
        using var said = new StringWriter();
        CheckOwnExample.Run(said);
        Assert.Matches(@"dx \[0, 2\]: ours \S+, theirs \(differences\) \S+, bound ", said.ToString());
        Faults.AreNone(CheckTorchExample.Sound());
        Assert.Throws<GradientAuditException>(CheckTorchExample.Faulty);
    }

    [Fact]
    public void LionTakesStepsOfTheLearningRate()
    {
        var optimizer = new Lion { LearningRate = 0.125 };
        var weights = Initializers.Default<double>(Mlp.Parse("3-1", Activation.Parse("identity"), Head.Regression), 1);
        var before = weights.Values.ToArray();
        using var step = new Training.TrainingStep<double>(weights, optimizer, 1);
        step.Run(new(1, [1.0, -2, 0], [9.0]), [0]);
        step.CopyWeightsTo(weights);
        // The prediction is below 9, so that weights go where the inputs point; the third has no gradient.
        Assert.Equal([0.125, -0.125, 0, 0.125], weights.Values.ToArray().Zip(before, (after, w) => Math.Round(after - w, 12)));
    }

    [Fact]
    public void WeightsGoToSafetensorsAndScoreAsTheModule()
    {
        var scores = WeightsExample.Run(Path.Combine(folder, "weights.safetensors"), [0.5f, -1, 2, 0]);
        Assert.Equal(1, scores.Sum(), 1e-6);
        Assert.All(scores, score => Assert.InRange(score, 0.01f, 0.99f));
    }

    [Fact]
    public void TheGraphSaysWhatItShould()
    {
        using var said = new StringWriter();
        GraphExample.Run(said);
        Assert.Contains("[\"z<br/>Addition<br/>batch × 1\"]", said.ToString());
        Assert.Contains(" True ", said.ToString());
    }

    [Fact]
    public void TheFormulaTableIsTheCatalogues() => MustHold(FormulaTable());

    [Theory, MemberData(nameof(Lists))]
    public void TheListsAreTheCatalogues(string kind, string names) => MustHold($"| {kind} | {names} |");

    public static TheoryData<string, string> Lists => new()
    {
        { "layers", Names(LayerNames()) },
        { "heads", Names(Head.All.Select(head => head.ToString())) },
        { "optimizers", Names(Optimizer.All.Select(optimizer => optimizer.GetType().Name).Distinct().Append(nameof(Training.Lbfgs))) },
        { "schedules", Names(Training.Schedule.All.Select(schedule => schedule.GetType().Name)) },
        { "first weights", Names(Initializer.All.Select(initializer => initializer.GetType().Name)) },
    };

    private static void Explain(string csv, string zip)
    {
        var ml = new MLContext();
        var model = ml.Model.Load(zip, out _);
        var digits = ml.Data.LoadFromTextFile(csv, [new("Features", DataKind.Single, 0, 63), new("Label", DataKind.String, 64)], ',', hasHeader: true);
        var attributions = ExplanationExample.Run(ml, model, digits).Transform(digits).GetColumn<float[]>("FeatureAttributions").Take(200).ToList();
        // What is predicted is more likely than in the mean of all pictures; a corner that never has ink tells nothing.
        Assert.All(attributions, pixels => Assert.True(pixels.Sum() > 0));
        Assert.All(attributions, pixels => Assert.Equal(0, pixels[0]));
    }

    private static void MustHold(string text) => Assert.True(Readme.Contains(text), $"A README.md must hold this, made from the catalogue:\n{text}");

    private static IEnumerable<string> LayerNames() => typeof(Models.Layers.Layer).Assembly.GetExportedTypes()
        .Where(type => type is { IsAbstract: false } && type.IsSubclassOf(typeof(Models.Layers.Layer))).Select(type => type.Name).Order(StringComparer.Ordinal);

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"`{name}`"));

    private static string FormulaTable()
    {
        var (x, y, t) = (new Text("x"), new Text("y"), new Text("t"));
        string[] rows =
        [
            "| formula | value | derivative |",
            "|---|---|---|",
            .. Activation.All.Select(f => Row(f.Name, f.Definition(x), f.Derivative(x, y))),
            .. Loss.All.Select(l => Row(l.Name, l.Value(x, t), l.Derivative(x, t))),
        ];
        return string.Join('\n', rows);
    }

    private static string Row(string name, params IEnumerable<Text> cells)
        => $"| {name} | {string.Join(" | ", cells.Select(cell => cell.ToString().Replace("|", "\\|", StringComparison.Ordinal)))} |";

    /// <summary>Each row's targets are the digit, and how much of the picture is ink.</summary>
    private static Examples<float> DigitsWithTheirInk()
    {
        using var reader = new StreamReader(DigitsTable.Open());
        reader.ReadLine();
        var rows = new List<float[]>();
        while (reader.ReadLine() is { } line)
        {
            rows.Add([.. line.Split(',').Select(cell => float.Parse(cell))]);
        }

        return new(rows.Count, [.. rows.SelectMany(row => row[..64].Select(pixel => pixel / 16))], [.. rows.SelectMany(row => new[] { row[64], row[..64].Sum() / 1024 })]);
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"\]\(([^)#:]+)[^)]*\)")]
    private static partial Regex LinkedFile();
}
