using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Backprop.Cli.Report;

/// <summary>Where a run took place, and with which versions.</summary>
internal static class Machine
{
    /// <summary>Name and value of each fact.</summary>
    public static IEnumerable<(string Name, string Value)> Facts =>
    [
        ("Processor", $"{Processor()}, {Environment.ProcessorCount} logical cores, "
            + $"vectors of {Planning.EngineOptions.Default.VectorBitsInUse} bits unless told otherwise"),
        ("System", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}"),
        (".NET", RuntimeInformation.FrameworkDescription),
        ("Backprop", VersionOf(typeof(Models.Mlp))),
        ("ML.NET", VersionOf(typeof(Microsoft.ML.MLContext))),
        ("Date", DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)),
    ];

    /// <summary>The version of the package a type comes from.</summary>
    public static string VersionOf(Type type) => BuildOf(type).Split('+')[0];

    /// <summary>The same, and the commit it was built from where that is known.</summary>
    public static string BuildOf(Type type)
        => type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private static string Processor()
    {
        const string LinuxFacts = "/proc/cpuinfo";
        var lines = File.Exists(LinuxFacts) ? File.ReadLines(LinuxFacts) : [];
        return lines.FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
            ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER")
            ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
