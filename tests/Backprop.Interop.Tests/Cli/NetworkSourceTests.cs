using Backprop.Cli.Data;
using Backprop.Interop.Tests.Export;

namespace Backprop.Interop.Tests.Cli;

/// <summary>The C# source of a network scores raw numbers as the tool does, every bit.</summary>
public sealed class NetworkSourceTests : IDisposable
{
    private readonly Tool tool = new();

    [Theory]
    [InlineData("size,weight,colour", "'size', if missing", "'weight', if missing", "1 if 'colour' is 'red', otherwise 0", "1 if 'colour' is 'blue', otherwise 0")]
    [InlineData("size,weight", "'size', if missing", "'weight', if missing")]
    [InlineData("weight", "'weight', if missing")]
    [InlineData("colour", "1 if 'colour' is 'red', otherwise 0", "1 if 'colour' is 'blue', otherwise 0")]
    public void TheSourceScoresAsTheToolPredicts(string columns, params string[] features)
    {
        ScoresAsTheToolPredicts("plain", columns, features);
        IEnumerable<string> numbered = columns.Contains("colour") ? ["1 if 'colour' is 'blue', 2 if 'colour' is 'red', otherwise 0"] : [];
        ScoresAsTheToolPredicts("default", columns, [.. features.Where(feature => !feature.Contains("colour")), .. numbered]);
    }

    private void ScoresAsTheToolPredicts(string preset, string columns, string[] features)
    {
        string[] all = ["size", "weight", "colour"];
        var rows = Enumerable.Range(0, 120).Select(i => (Size: 0.37f * i, Weight: 1000 - i % 17, Colour: i % 2 == 0 ? "red" : "blue", Price: 3f * i)).ToList();
        tool.Write("f.csv", "size,weight,colour,price\n" + string.Concat(rows.Select(row => $"{NumberText.Point.Write(row.Size)},{row.Weight},{row.Colour},{NumberText.Point.Write(row.Price)}\n")));
        var ignored = string.Join(',', all.Except(columns.Split(',')));
        tool.Succeed($"train --preset {preset} --data @f.csv --label price --task regression {(ignored.Length > 0 ? $"--ignore {ignored}" : "")} --hidden 6 --epochs 3 --threads 1 --model @m.zip --csharp @Prices.cs");
        tool.Succeed("predict --model @m.zip --data @f.csv --out @p.csv");

        var source = File.ReadAllText(tool["Prices.cs"]);
        Assert.Equal(features, source.Split('\n').Skip(1).TakeWhile(line => !line.Contains('<')).Select((line, i) => line[$"// {i}: ".Length..].Split("missing")[0] + (line.Contains("missing") ? "missing" : "")));

        var used = columns.Split(',');
        float[][] numbers =
        [
            .. rows.Select(row => new[]
            {
                used.Contains("size") ? new[] { row.Size } : [],
                used.Contains("weight") ? [row.Weight] : [],
                !used.Contains("colour") ? []
                    : preset == "default" ? [row.Colour == "blue" ? 1f : 2]
                    : row.Colour == "red" ? [1f, 0] : [0, 1f],
            }.SelectMany(part => part).ToArray()),
        ];
        var scores = new float[rows.Count];
        CSharpTests.Compile([source]).GetType("Prices")!.GetMethod("Score")!.CreateDelegate<CSharpTests.Scoring<float>>()(numbers.SelectMany(row => row).ToArray(), scores);
        Assert.Equal(File.ReadLines(tool["p.csv"]).Skip(1).Select(line => line.Split(',')[0]), scores.Select(NumberText.Point.Write));
    }

    [Fact]
    public void GapsComeFirst()
    {
        tool.Write("f.csv", "a,b,y\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"{i},{(i % 5 == 0 ? "" : i)},{i % 2}\n")));
        tool.Succeed("train --preset plain --data @f.csv --label y --task binary --hidden 2 --epochs 1 --threads 1 --csharp @net-1.cs");
        var source = File.ReadAllText(tool["net-1.cs"]);
        Assert.StartsWith("// Features, in order:\n// 0: 1 if 'b' is missing, otherwise 0\n// 1: 'a', if missing 29.5\n// 2: 'b', if missing 30\n", source);
        Assert.NotNull(CSharpTests.Compile([source]).GetType("Network"));

        tool.Succeed("train --data @f.csv --label y --task binary --hidden 2 --epochs 1 --threads 1 --csharp @net-2.cs");
        Assert.StartsWith("// Features, in order:\n// 0: 'a', if missing NaN\n// 1: 'b', if missing NaN\n", File.ReadAllText(tool["net-2.cs"]));
    }

    [Theory, InlineData("Score"), InlineData("Math"), InlineData("System")]
    public void AFileNamedLikeWhatTheSourceUsesHoldsAClassOfTheUsualName(string name)
    {
        tool.Write("f.csv", "a,y\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"{i},{i % 2}\n")));
        tool.Succeed($"train --data @f.csv --label y --task binary --hidden 2 --epochs 1 --threads 1 --csharp @{name}.cs");
        Assert.NotNull(CSharpTests.Compile([File.ReadAllText(tool[$"{name}.cs"])]).GetType("Network"));
    }

    [Fact]
    public void WhetherTextsAreHashedIsTheModelsToSayAlsoWhenItIsTrainedFurther()
    {
        static string Rows(int texts) => "a,y\n" + string.Concat(Enumerable.Range(0, 2 * texts).Select(i => $"t{i / 2},{i % 2}\n"));
        tool.Write("few.csv", Rows(20));
        tool.Write("many.csv", Rows(300));
        const string Train = "train --label y --task binary --epochs 1 --threads 1";
        tool.Succeed($"{Train} --preset plain --hidden 2 --data @many.csv --model @hashed.zip");
        tool.Succeed($"{Train} --preset plain --hidden 2 --data @few.csv --model @told.zip");
        var refused = tool.Run($"{Train} --data @few.csv --continue @hashed.zip --csharp @Net.cs");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("column 'a'", refused.Error);
        tool.Succeed($"{Train} --data @many.csv --continue @told.zip --csharp @Net.cs");
        Assert.Contains("1 if 'a' is 't19', otherwise 0", File.ReadAllText(tool["Net.cs"]));
    }

    public void Dispose() => tool.Dispose();
}
