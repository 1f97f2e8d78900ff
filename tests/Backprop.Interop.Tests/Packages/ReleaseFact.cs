using System.Reflection;

namespace Backprop.Interop.Tests.Packages;

/// <summary>Packages are made of what was built for release: without it, facts about them are skipped, visibly.</summary>
public sealed class ReleaseFactAttribute : FactAttribute
{
    public ReleaseFactAttribute() => Skip = Release.Reason;
}

/// <summary>A theory about packages, skipped likewise.</summary>
public sealed class ReleaseTheoryAttribute : TheoryAttribute
{
    public ReleaseTheoryAttribute() => Skip = Release.Reason;
}

internal static class Release
{
    internal static string? Reason { get; } =
        typeof(Release).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration == "Release"
            ? null
            : "Packages are made of the Release build: run the tests with -c Release.";
}
