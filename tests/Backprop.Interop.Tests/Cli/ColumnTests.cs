using System.Globalization;
using Backprop.Cli.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Interop.Tests.Cli;

/// <summary>What columns are for: weights, what is ignored, texts of many values.</summary>
public sealed class ColumnTests : IDisposable
{
    private const string Small = "--hidden 4 --threads 1 --model @m.zip";

    private readonly Tool tool = new();

    [Fact]
    public void APredictionIsTheMeanOfTheLabelsWeighted()
    {
        // Alike but for label and weight, so that the least weighted squares are at (9 · 10 + 1 · 20) / 10.
        tool.Write("f.csv", "a,w,y\n" + string.Concat(Enumerable.Range(0, 100).Select(i => i % 2 == 0 ? "1,9,10\n" : "1,1,20\n")));
        var output = tool.Succeed($"train --data @f.csv --label y --weight w --task regression --optimizer lbfgs --epochs 20 --validation-fraction 0 {Small}");
        Assert.Contains("1 feature columns", output);
        tool.Write("t.csv", "a\n1\n");
        tool.Succeed("predict --model @m.zip --data @t.csv --out @p.csv");
        Assert.Equal(11, Number(File.ReadAllLines(tool["p.csv"])[1].Split(',')[0]), 0.001);
    }

    [Fact]
    public void RowsWithoutAPositiveWeightAreSkippedAndCounted()
    {
        tool.Write("f.csv", "a,w,y\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"{i},{(i % 4 == 0 ? "" : i % 4 == 1 ? "-1" : "2")},{i % 2}\n")));
        var run = tool.Run($"train --data @f.csv --label y --weight w --task binary --epochs 1 {Small}");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Skipped 20 of 40 training rows", run.Error);
        Assert.Contains("20 with a weight not above 0", run.Error);
    }

    [Fact]
    public void ATestFileNeedsNoWeights()
    {
        tool.Write("f.csv", "a,w,y\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"{i},{1 + i % 3},{i % 2}\n")));
        tool.Write("t.csv", "a,y\n1,0\n2,1\n");
        tool.Succeed($"train --data @f.csv --test @t.csv --label y --weight w --task binary --epochs 1 {Small}");
    }

    [Fact]
    public void RowsOfAGroupAreAllTrainedOnOrAllHeldOut()
    {
        // Half the rows are held out: one of the two groups, so that all labels trained on are equal; without groups their mean is near 500.
        tool.Write("f.csv", "a,g,y\n" + string.Concat(Enumerable.Range(0, 80).Select(i => i % 2 == 0 ? "1,left,1\n" : "1,right,1000\n")));
        tool.Write("t.csv", "a\n1\n");
        double Prediction(string options)
        {
            tool.Succeed($"train --data @f.csv --label y --task regression --optimizer lbfgs --epochs 5 --validation-fraction 0.5 {options} {Small}");
            tool.Succeed("predict --model @m.zip --data @t.csv --out @p.csv");
            return Number(File.ReadAllLines(tool["p.csv"])[1].Split(',')[0]);
        }

        Assert.InRange(Prediction("--ignore g"), 300, 700);
        var grouped = Prediction("--group g");
        Assert.True(Math.Abs(grouped - 1) < 10 || Math.Abs(grouped - 1000) < 10, $"{grouped} is a mean of both groups' labels, 1 and 1,000");
    }

    [Fact]
    public void IgnoredColumnsAreNotAskedForAgain()
    {
        tool.Write("f.csv", "id,\"na,me\",a,y\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"#{i},n{i},{i},{i % 2}\n")));
        var output = tool.Succeed($"train --data @f.csv --label y --ignore id,a --task binary --epochs 1 {Small}");
        Assert.Contains("1 feature columns", output);
        tool.Succeed($"train --data @f.csv --label y --ignore na,me --task binary --epochs 1 {Small}");
        tool.Write("t.csv", "id,a\nx,1\n");
        tool.Succeed("predict --model @m.zip --data @t.csv --out @p.csv");
    }

    [Theory, InlineData("plain"), InlineData("default")]
    public void TextsOfManyValuesAreAllLearned(string preset)
    {
        // 400 towns, each with a price of its own, which the first 256 alone would explain to 64 %; hashed, some twenty pairs share an input of 4,096.
        string Rows(string header) => header + string.Concat(Enumerable.Range(0, 2000).Select(i => $"town {i % 400},{i * 7919 % 400}\n"));
        tool.Write("f.csv", Rows("town,price\n"));
        var output = tool.Succeed($"train --preset {preset} --data @f.csv --test @f.csv --label price --task regression --epochs 40 {Small}");
        Assert.Contains($"task regression. Preset {preset}.", output);
        Assert.Equal(preset == "plain", output.Contains("Column 'town' has 400 different texts, hashed to 4,096 inputs (--hash-bits 12)."));
        var r2 = Number(output[(output.IndexOf("r2 ", StringComparison.Ordinal) + 3)..].Split(',')[0]);
        Assert.True(r2 > 0.85, $"R² is {r2}, though the town alone decides");

        tool.Write("t.csv", "town\ntown 7\nnowhere\n");
        tool.Succeed("predict --model @m.zip --data @t.csv --out @p.csv");
        Assert.Equal(3, File.ReadAllLines(tool["p.csv"]).Length);
    }

    [Fact]
    public void CodesAreCategoriesWhereTheUserSaysSo()
    {
        // The price is no function of the code's size; one code is in no training row, and one row has none.
        tool.Write("f.csv", "a,code,y\n"
            + string.Concat(Enumerable.Range(0, 600).Select(i => $"{i % 5},{(i == 7 ? "" : i % 13 * 100)},{i % 13 * 7 % 13}\n")));
        tool.Write("t.csv", "a,code\n1,999\n1,\n");
        double R2(string options)
        {
            var output = tool.Succeed(
                $"train --data @f.csv --test @f.csv --label y --task regression --epochs 30 --threads 1 --members 1 {options} --model @m.zip");
            return Number(output[(output.IndexOf("r2 ", StringComparison.Ordinal) + 3)..].Split(',')[0]);
        }

        var (ordered, told) = (R2("--ignore a --hidden 4"), R2("--ignore a --hidden 4 --categorical code"));
        // Who knows all 13 codes but one explains twelve thirteenths of the labels, on average over that one.
        Assert.True(told > 12.0 / 13 && told > ordered, $"{told} with categories, {ordered} without");
        R2("--categorical code,a");
        tool.Succeed("predict --model @m.zip --data @t.csv --out @p.csv");
        Assert.All(File.ReadAllLines(tool["p.csv"])[1..], line => Assert.True(double.IsFinite(Number(line.Split(',')[0]))));
        tool.Succeed("train --data @f.csv --label y --task regression --epochs 1 --threads 1 --continue @m.zip");
        Assert.Contains("given to --label and to --categorical", tool.Run("train --data @f.csv --label y --task regression --categorical y").Error);
        Assert.Contains("no column 'b'", tool.Run("train --data @f.csv --label y --task regression --categorical b").Error);
        Assert.Contains("--categorical", tool.Run("train --data @f.csv --label y --task regression --categorical code --continue @m.zip").Error);
    }

    [Theory, InlineData(256, 256, false), InlineData(257, 4096, true)]
    public void OnlyTextsOfMoreThan256ValuesAreHashed(int categories, int inputs, bool hashed)
    {
        var texts = Enumerable.Range(0, 2 * categories).Select(i => $"t{i % categories}".AsMemory()).ToArray();
        var column = new TableColumn<ReadOnlyMemory<char>>("town", TextDataViewType.Instance, texts) { Categories = categories };
        Assert.Equal(hashed, Featurisation.Hashes(column));

        var ml = new MLContext(seed: 0);
        var table = new TableView(texts.Length, [column]);
        var features = Featurisation.Of(ml, [column], Featurisation.UsualHashBits).Fit(table).Transform(table);
        Assert.All(features.GetColumn<VBuffer<float>>(ColumnNames.Features), row =>
        {
            Assert.Equal(inputs, row.Length);
            Assert.Equal(1, row.GetValues().Length);
            Assert.False(row.IsDense);
        });
    }

    [Fact]
    public void IdentifiersAreRemarkedOn()
    {
        tool.Write("f.csv", "key,a,y\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"k{i},{i % 7},{i % 2}\n")));
        const string Train = $"train --data @f.csv --label y --task binary --epochs 1 {Small}";
        Assert.Contains("Consider --ignore key.", tool.Succeed(Train));
        Assert.DoesNotContain("identifier", tool.Succeed($"{Train} --ignore key"));
    }

    public void Dispose() => tool.Dispose();

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
