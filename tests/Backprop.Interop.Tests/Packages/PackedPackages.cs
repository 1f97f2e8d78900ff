using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace Backprop.Interop.Tests.Packages;

/// <summary>Packages are made once for all tests that look at them.</summary>
[CollectionDefinition(Name)]
public class PackagesCollection : ICollectionFixture<PackedPackages>
{
    public const string Name = "packages";
}

/// <summary>What <c>dotnet pack</c> makes of the Release build, in a folder of its own.</summary>
public sealed class PackedPackages : IDisposable
{
    public PackedPackages()
    {
        if (Release.Reason is null)
        {
            DotnetCommand.Run(
                Repository, null, "pack", "-c", "Release", "--no-build", "--disable-build-servers", "-p:PackageOutputPath=" + Source.FullName);
        }
    }

    /// <summary>The folder with the solution.</summary>
    internal static string Repository { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", ".."));

    /// <summary>Where the packages are.</summary>
    internal DirectoryInfo Source { get; } = Directory.CreateTempSubdirectory("backprop-packages-");

    internal string Version => Manifest("Backprop").Element("version")!.Value;

    /// <summary>A package, or its symbols.</summary>
    internal ZipArchive Open(string id, string extension = "nupkg")
        // The id of one package begins another's: the version, which begins with a digit, tells them apart.
        => ZipFile.OpenRead(
            Assert.Single(Directory.GetFiles(Source.FullName, $"{id}.*.{extension}"), path => char.IsDigit(Path.GetFileName(path)[id.Length + 1])));

    /// <summary>The metadata in the manifest, without the namespace, which differs from package to package.</summary>
    internal XElement Manifest(string id)
    {
        using var package = Open(id);
        using var stream = package.GetEntry($"{id}.nuspec")!.Open();
        var metadata = XElement.Load(stream);
        foreach (var element in metadata.DescendantsAndSelf())
        {
            element.Name = element.Name.LocalName;
        }

        return metadata.Element("metadata")!;
    }

    public void Dispose() => Source.Delete(recursive: true);

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
