namespace Backprop.Interop.Tests.Cli;

/// <summary>Real data that lies beside the repository where its licence does not let it lie within.</summary>
internal static class SharedData
{
    /// <summary>The folder, or null where there is none.</summary>
    internal static string? Folder { get; } = Find();

    private static string? Find()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Backprop.Interop.sln")))
        {
            root = root.Parent;
        }

        var data = root?.Parent is null ? null : Path.Combine(root.Parent.FullName, "shared", "data");
        return Directory.Exists(data) ? data : null;
    }
}

/// <summary>A theory that needs the real data, and is shown as skipped without it.</summary>
public sealed class SharedDataTheoryAttribute : TheoryAttribute
{
    public SharedDataTheoryAttribute()
        => Skip = SharedData.Folder is null ? "There is no folder ../shared/data beside the repository." : null;
}
