using System.Globalization;
using Backprop.Interop.Tests.Readme;
using Microsoft.ML;

namespace Backprop.Interop.Tests.Packages;

/// <summary>A stranger's first minutes: the packages in a new project, and the tool.</summary>
[Collection(PackagesCollection.Name)]
public sealed class InstallTests(PackedPackages packed) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("backprop-stranger-").FullName;

    private string Cache => Path.Combine(folder, "cache");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [ReleaseFact]
    public void ANewProjectRunsTheReadmesPipeline()
    {
        UseOnlyThePackages();
        Write("Stranger.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Backprop.ML" Version="{packed.Version}" />
              </ItemGroup>
            </Project>
            """);
        var readme = File.ReadAllText(Path.Combine(PackedPackages.Repository, "README.md"));
        Write("Example.cs", readme.Split("```csharp\n").Single(example => example.Contains("static class Example\n", StringComparison.Ordinal)).Split("```")[0]);
        Write("Program.cs", "Console.WriteLine(FormattableString.Invariant($\"accuracy {Example.Run(args[0], args[1])}\"));");
        DigitsTable.WriteTo(Path.Combine(folder, "digits.csv"));

        DotnetCommand.Run(folder, Cache, "build", "-c", "Release", "-o", "built", "--disable-build-servers");
        var output = DotnetCommand.Run(folder, Cache, "exec", Path.Combine("built", "Stranger.dll"), "digits.csv", "digits.zip");
        var accuracy = double.Parse(output.Split("accuracy ")[1], CultureInfo.InvariantCulture);
        Assert.True(accuracy > 0.97, $"accuracy {accuracy}");
        Assert.NotNull(new MLContext().Model.Load(Path.Combine(folder, "digits.zip"), out _));
        Assert.All(new[] { "backprop", "backprop.ml" }, id
            => Assert.True(Directory.Exists(Path.Combine(Cache, id, packed.Version)), $"{id} was not installed"));
    }

    [ReleaseFact]
    public void TheToolIsInstalledAndAudits()
    {
        UseOnlyThePackages();
        DotnetCommand.Run(folder, Cache, "tool", "install", "Backprop.Cli", "--version", packed.Version, "--tool-path", "tools");
        var tool = Path.Combine(folder, "tools", "backprop");
        Assert.Contains("Usage:\n  backprop [command] [options]", DotnetCommand.Start(tool, folder, null, "--help").ReplaceLineEndings("\n"));
        Assert.Contains("agree", DotnetCommand.Start(tool, folder, null, "audit", "--mlp", "4-8-3"));
    }

    /// <summary>
    /// Packages of the project come from where they were packed, others from what this machine has already downloaded: nothing is asked
    /// of a network, and nothing of an earlier pack is found in the user's cache.
    /// </summary>
    private void UseOnlyThePackages()
    {
        var downloaded = DotnetCommand.Run(PackedPackages.Repository, null, "nuget", "locals", "global-packages", "--list").Split(':', 2)[1].Trim();
        Write("nuget.config", $"""
            <configuration>
              <packageSources>
                <clear />
                <add key="packed" value="{packed.Source.FullName}" />
                <add key="downloaded" value="{downloaded}" />
              </packageSources>
              <packageSourceMapping>
                <clear />
                <packageSource key="packed"><package pattern="Backprop*" /></packageSource>
                <packageSource key="downloaded"><package pattern="*" /></packageSource>
              </packageSourceMapping>
            </configuration>
            """);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(folder, name), text);
}
