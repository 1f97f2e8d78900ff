using System.Text.Json;

namespace Backprop.Interop.Tests.Cli;

/// <summary>Tables nobody wishes for, but which are no mistake, give a model, finite scores and finite predictions of strange rows.</summary>
public class BadTableTests
{
    private static readonly Table[] tables =
    [
        new("constant and empty columns", "binary", 60, (i, x) => $"{x},7,,NA", (i, x) => x > 0 ? "yes" : "no"),
        new("nothing but constants", "multiclass", 60, (_, _) => "7,a", (i, _) => $"{i % 3}"),
        new("nothing but a text that all rows lack but one", "regression", 30, (i, _) => i == 7 ? "once" : "", (_, x) => $"{x}"),
        new("one row", "regression", 1, (_, x) => $"{x}", (_, _) => "1"),
        new("two rows", "binary", 2, (_, x) => $"{x}", (i, _) => $"{i}"),
        new("a class for each row", "multiclass", 10, (_, x) => $"{x}", (i, _) => $"k{i}"),
        new("an identifier", "quantile(0.1,0.9)", 60, (i, x) => $"{x},id{i}", (_, x) => $"{x}"),
        new("outliers", "regression", 60, (i, x) => i % 20 == 3 ? "3.4e38,-1e30" : i % 20 == 4 ? ",3.4e38" : $"{x},{i % 7}", (_, x) => $"{x}"),
        new("labels of 1e-6", "regression", 60, (_, x) => $"{x}", (_, x) => $"{1e-6 * x}"),
        new("labels of 1e30", "regression", 60, (_, x) => $"{x}", (_, x) => $"{1e30 * x}"),
        new("a label of 1e30", "regression", 60, (_, x) => $"{x}", (i, x) => i == 7 ? "1e30" : $"{x}"),
        new("equal labels", "regression", 60, (_, x) => $"{x}", (_, _) => "5"),
        new("counts of 0", "poisson", 60, (_, x) => $"{x}", (_, _) => "0"),
        new("a rare class", "binary", 200, (_, x) => $"{x}", (i, _) => i == 77 ? "rare" : "usual"),
        new("many columns", "binary", 30, Wide, (i, _) => $"{i % 2}"),
    ];

    public static TheoryData<string, string> TablesAndPresets
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var table in tables)
            {
                data.Add(table.Name, "fast");
            }

            foreach (var few in tables.Where(table => table.Rows <= 10))
            {
                data.Add(few.Name, "default");
                data.Add(few.Name, "best");
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(TablesAndPresets))]
    public void ScoresAndPredictionsAreFinite(string name, string preset)
    {
        using var tool = new Tool();
        var table = tables.Single(one => one.Name == name);
        tool.Write("f.csv", table.Text());
        tool.Write("new.csv", table.Strangers());
        tool.Succeed($"train --data @f.csv --label y --task {table.Task} --preset {preset} --test @f.csv --model @m.zip --metrics @m.json --threads 1");
        using var metrics = JsonDocument.Parse(File.ReadAllText(tool["m.json"]));
        Assert.Equal(preset, metrics.RootElement.GetProperty("preset").GetString());
        // Of equal labels there is no R².
        Assert.All(
            metrics.RootElement.GetProperty("metrics").EnumerateObject(),
            metric => Assert.True(metric.Value.ValueKind == JsonValueKind.Number || metric.Name == "r2", metric.Name));
        tool.Succeed("predict --model @m.zip --data @new.csv --out @p.csv");
        var lines = File.ReadAllLines(tool["p.csv"]);
        Assert.Equal(3, lines.Length);
        Assert.DoesNotContain(lines, line => line.Contains("NaN", StringComparison.Ordinal) || line.Contains("Infinity", StringComparison.Ordinal));
    }

    /// <summary>1,100 numbers, one of them missing now and then and one constant.</summary>
    private static string Wide(int row, double x)
        => string.Join(',', Enumerable.Range(0, 1100).Select(k => k == 5 && row % 3 == 0 ? "" : k == 6 ? "1" : $"{(k + row) % 9 * x}"));

    /// <summary>A CSV file.</summary>
    /// <param name="Name">What is wrong with it.</param>
    /// <param name="Task">What its label is.</param>
    /// <param name="Rows">How many.</param>
    /// <param name="Features">The cells of a row but for the label, of its number and one from −1 to 1.</param>
    /// <param name="Label">The label.</param>
    private sealed record Table(string Name, string Task, int Rows, Func<int, double, string> Features, Func<int, double, string> Label)
    {
        private string Header => string.Join(',', Enumerable.Range(0, Features(0, 0).Split(',').Length).Select(i => $"c{i}"));

        /// <summary>The rows to learn from.</summary>
        public string Text()
        {
            var random = new Random(3);
            var rows = Enumerable.Range(0, Rows).Select(i => (i, x: 2 * random.NextDouble() - 1));
            return $"{Header},y\n{string.Concat(rows.Select(row => $"{Features(row.i, row.x)},{Label(row.i, row.x)}\n"))}";
        }

        /// <summary>A row that lacks everything, and one of the largest numbers, or of a text that is in no other.</summary>
        public string Strangers()
        {
            var cells = Header.Split(',').Length;
            string Row(Func<int, string> cell) => string.Join(',', Enumerable.Range(0, cells).Select(cell));
            var isText = Features(7, 1).Split(',').Select(cell => cell.Any(char.IsAsciiLetter) && !cell.Contains('E') && cell != "NA").ToArray();
            return $"{Header}\n{Row(_ => "NA")}\n{Row(i => isText[i] ? "pilot" : "-3.4e38")}\n";
        }
    }
}
