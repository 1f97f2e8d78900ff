using System.IO.Compression;
using System.Runtime.CompilerServices;
using Backprop.Formulas;
using Microsoft.ML;

namespace Backprop.Interop.Tests.Readme;

/// <summary>The README is true: its example runs as printed, its formula table is the catalogue's.</summary>
public class ReadmeTests
{
    private static readonly string Here = Path.GetDirectoryName(ThisFile())!;
    private static readonly string Readme = File.ReadAllText(Path.Combine(Here, "..", "..", "..", "README.md"));

    [Fact]
    public void TheExampleInTheReadmeIsTheOneThatRuns()
    {
        var source = File.ReadAllText(Path.Combine(Here, "PipelineExample.cs"));
        var example = source.Split("// <example>\n")[1].Split("// </example>")[0].TrimEnd();
        Assert.True(Readme.Contains($"```csharp\n{example}\n```"), $"README.md must show tests/…/Readme/PipelineExample.cs as it is:\n{example}");
    }

    [Fact]
    public void TheExampleLearnsDigitsAndSavesAModelThatLoads()
    {
        var folder = Directory.CreateTempSubdirectory("backprop").FullName;
        try
        {
            var (csv, zip) = (Path.Combine(folder, "optdigits.csv"), Path.Combine(folder, "digits.zip"));
            using (var sample = new GZipStream(typeof(Backprop.Cli.BackpropTool).Assembly.GetManifestResourceStream("optdigits.train.csv.gz")!, CompressionMode.Decompress))
            using (var file = File.Create(csv))
            {
                sample.CopyTo(file);
            }

            var accuracy = Example.Run(csv, zip);
            Assert.True(accuracy > 0.97, $"accuracy {accuracy}");
            Assert.NotNull(new MLContext().Model.Load(zip, out _));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void TheFormulaTableIsTheCatalogues()
        => Assert.True(Readme.Contains(FormulaTable()), $"README.md must hold this table, made from the catalogue:\n{FormulaTable()}");

    private static string FormulaTable()
    {
        var (x, y, t) = (new Text("x"), new Text("y"), new Text("t"));
        string[] rows =
        [
            "| formula | value | derivative |",
            "|---|---|---|",
            .. Activation.All.Select(f => Row(f.Name, f.Forward(x), f.Derivative(x, y))),
            .. Loss.All.Select(l => Row(l.Name, l.Value(x, t), l.Derivative(x, t))),
        ];
        return string.Join('\n', rows);
    }

    private static string Row(string name, params IEnumerable<Text> cells)
        => $"| {name} | {string.Join(" | ", cells.Select(cell => cell.ToString().Replace("|", "\\|", StringComparison.Ordinal)))} |";

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
