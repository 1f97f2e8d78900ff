using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Backprop.Tests;

/// <summary>Dependencies between the engine's folders point one way.</summary>
public partial class ArchitectureTests
{
    private static readonly string[] Order = ["Formulas", "Kernels", "Graph", "Planning", "Models", "Export", "Training"];

    [Fact]
    public void FoldersDependOnlyOnThoseBeforeThem()
    {
        var engine = Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "src", "Backprop");
        var folders = Directory.GetDirectories(engine).Select(Path.GetFileName).Except(["bin", "obj"]);
        Assert.Equal(Order.Order(), folders.Order());
        foreach (var folder in Order)
        {
            var allowed = Order.TakeWhile(f => f != folder).Append(folder).ToHashSet();
            foreach (var file in Directory.GetFiles(Path.Combine(engine, folder), "*.cs", SearchOption.AllDirectories))
            {
                var used = Usings().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value);
                Assert.All(used, name => Assert.True(allowed.Contains(name), $"{file} uses Backprop.{name}, which comes after {folder}"));
            }
        }
    }

    [Theory]
    [InlineData("Backprop", "")]
    [InlineData("Backprop.ML", "Backprop Publicize")]
    [InlineData("Backprop.Torch", "Backprop")]
    [InlineData("Backprop.Audit", "Backprop Backprop.Torch")]
    [InlineData("Publicize", "")]
    public void ProjectsDependOnlyOnThoseTheyMay(string project, string allowed)
    {
        var file = Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "src", project, $"{project}.csproj");
        var references = ProjectReferences().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value);
        Assert.Equal(allowed.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(), references.Order());
    }

    [Fact]
    public void TheEngineReferencesNoPackage()
        => Assert.All(
            typeof(Backprop.Models.Mlp).Assembly.GetReferencedAssemblies(),
            assembly => Assert.StartsWith("System", assembly.Name));

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"^using (?:static )?Backprop\.(\w+)", RegexOptions.Multiline)]
    private static partial Regex Usings();

    [GeneratedRegex(@"<ProjectReference Include=""[^""]*/([\w.]+)\.csproj""")]
    private static partial Regex ProjectReferences();
}
