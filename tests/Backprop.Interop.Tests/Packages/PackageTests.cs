using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Xml.Linq;

namespace Backprop.Interop.Tests.Packages;

/// <summary>What is in the packages, and what is not.</summary>
[Collection(PackagesCollection.Name)]
public sealed class PackageTests(PackedPackages packed)
{
    // Source in symbols: the kind of custom debug information that holds a document's text, in the format of portable PDBs.
    private static readonly Guid EmbeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    public static TheoryData<string, string[]> Libraries => new()
    {
        { "Backprop", [] },
        { "Backprop.ML", ["Backprop", "Microsoft.ML", "System.Numerics.Tensors"] },
        { "Backprop.Torch", ["Backprop", "Google.Protobuf", "SharpZipLib", "SkiaSharp", "TorchSharp"] },
        { "Backprop.Audit", ["Backprop", "Backprop.Torch", "Google.Protobuf", "SharpZipLib", "SkiaSharp", "TorchSharp"] },
    };

    [ReleaseFact]
    public void ThereAreFourLibrariesAndTheTool()
        => Assert.Equal(
            new[] { "Backprop", "Backprop.Audit", "Backprop.Cli", "Backprop.ML", "Backprop.Torch" }
                .SelectMany(id => new[] { $"{id}.{packed.Version}.nupkg", $"{id}.{packed.Version}.snupkg" }).Order(StringComparer.Ordinal),
            packed.Source.GetFiles().Select(file => file.Name).Order(StringComparer.Ordinal));

    [ReleaseTheory, MemberData(nameof(Libraries))]
    public void ALibraryIsOneManagedAssemblyItsDocsAndTheReadme(string id, string[] dependencies)
    {
        using var package = packed.Open(id);
        Assert.Equal(["README.md", $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml"], Payload(package, id));
        Assert.Equal(File.ReadAllText(Path.Combine(PackedPackages.Repository, "src", id, "README.md")), Text(package, "README.md"));
        Assert.Contains($"<name>{id}</name>", Text(package, $"lib/net10.0/{id}.xml"));
        using var assembly = new PEReader(new MemoryStream(Bytes(package, $"lib/net10.0/{id}.dll")));
        Assert.True(assembly.HasMetadata && (assembly.PEHeaders.CorHeader!.Flags & CorFlags.ILOnly) != 0, $"{id}.dll holds native code");

        var declared = packed.Manifest(id).Element("dependencies")!.Element("group")!;
        Assert.Equal("net10.0", declared.Attribute("targetFramework")!.Value);
        Assert.Equal(dependencies, declared.Elements("dependency").Select(dependency => dependency.Attribute("id")!.Value).Order(StringComparer.Ordinal));
    }

    [ReleaseFact]
    public void TheTrainersAreForTheMajorVersionOfMLNetWhoseInternalsTheyUse()
    {
        var dependency = Assert.Single(
            packed.Manifest("Backprop.ML").Descendants("dependency"), dependency => dependency.Attribute("id")!.Value == "Microsoft.ML");
        Assert.Equal("[5.0.1, 6.0.0)", dependency.Attribute("version")!.Value);
    }

    [ReleaseFact]
    public void TheToolHoldsAllItNeedsForLinux()
    {
        using var package = packed.Open("Backprop.Cli");
        var files = Payload(package, "Backprop.Cli");
        Assert.All(files, file => Assert.True(file == "README.md" || file.StartsWith("tools/net10.0/linux-x64/", StringComparison.Ordinal), file));
        string[] needed =
            ["Backprop.Cli.dll", "Backprop.dll", "Backprop.ML.dll", "Microsoft.ML.Data.dll", "TorchSharp.dll", "libtorch_cpu.so", "libLibTorchSharp.so"];
        Assert.All(needed, file => Assert.Contains($"tools/net10.0/linux-x64/{file}", files));
        var command = XElement.Parse(Text(package, "tools/net10.0/linux-x64/DotnetToolSettings.xml")).Descendants("Command").Single();
        Assert.Equal("backprop", command.Attribute("Name")!.Value);
        Assert.Equal("DotnetTool", packed.Manifest("Backprop.Cli").Descendants("packageType").Single().Attribute("name")!.Value);
    }

    [ReleaseTheory, InlineData("Backprop"), InlineData("Backprop.ML"), InlineData("Backprop.Torch"), InlineData("Backprop.Audit"), InlineData("Backprop.Cli")]
    public void TheManifestSaysWhatAPackageIs(string id)
    {
        var manifest = packed.Manifest(id);
        Assert.Equal("README.md", manifest.Element("readme")!.Value);
        Assert.Contains("neural-network", manifest.Element("tags")!.Value.Split(' '));
        Assert.NotEqual("Package Description", manifest.Element("description")!.Value);
        Assert.InRange(manifest.Element("description")!.Value.Length, 40, 4000);
        Assert.NotEqual(id, manifest.Element("authors")!.Value);
    }

    [ReleaseTheory, InlineData("Backprop"), InlineData("Backprop.ML"), InlineData("Backprop.Torch"), InlineData("Backprop.Audit"), InlineData("Backprop.Cli")]
    public void SymbolsHoldTheSourcesAndNoPathOfThisMachine(string id)
    {
        using var symbols = packed.Open(id, "snupkg");
        using var provider = MetadataReaderProvider.FromPortablePdbStream(
            new MemoryStream(Bytes(symbols, symbols.Entries.Single(entry => entry.Name == $"{id}.pdb").FullName)));
        var reader = provider.GetMetadataReader();
        Assert.NotEmpty(reader.Documents);
        foreach (var handle in reader.Documents)
        {
            var path = reader.GetString(reader.GetDocument(handle).Name);
            Assert.StartsWith("/_/", path);
            Assert.True(
                reader.GetCustomDebugInformation(handle)
                    .Any(information => reader.GetGuid(reader.GetCustomDebugInformation(information).Kind) == EmbeddedSource),
                $"{path} is not in the symbols");
        }

        using var package = packed.Open(id);
        var repository = Encoding.UTF8.GetBytes(PackedPackages.Repository);
        foreach (var entry in package.Entries.Where(entry => entry.Name.StartsWith("Backprop", StringComparison.Ordinal) || entry.Name.EndsWith(".nuspec", StringComparison.Ordinal)))
        {
            Assert.True(Bytes(package, entry.FullName).AsSpan().IndexOf(repository) < 0, $"{entry.FullName} holds {PackedPackages.Repository}");
        }
    }

    /// <summary>The files that are not the envelope's.</summary>
    private static List<string> Payload(ZipArchive package, string id) =>
    [
        .. package.Entries.Select(entry => entry.FullName)
            .Where(name => name != $"{id}.nuspec" && name != "[Content_Types].xml" && !name.StartsWith("_rels/", StringComparison.Ordinal)
                && !name.StartsWith("package/services/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    private static string Text(ZipArchive package, string name)
    {
        using var reader = new StreamReader(package.GetEntry(name)!.Open());
        return reader.ReadToEnd();
    }

    private static byte[] Bytes(ZipArchive package, string name)
    {
        var entry = package.GetEntry(name)!;
        var bytes = new byte[entry.Length];
        using var stream = entry.Open();
        stream.ReadExactly(bytes);
        return bytes;
    }
}
