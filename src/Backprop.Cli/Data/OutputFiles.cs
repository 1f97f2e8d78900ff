using Backprop.Models;

namespace Backprop.Cli.Data;

/// <summary>Files that appear whole or not at all: written under other names beside their places, moved there when complete.</summary>
/// <remarks>They are made before the work begins, so that a place that cannot be written is told at once.</remarks>
internal sealed class OutputFiles : IDisposable
{
    private readonly Dictionary<string, AtomicFile> files = [];

    /// <summary>Reserves the places; a null output is none.</summary>
    /// <param name="inputs">Files being read, which no output may replace.</param>
    /// <param name="outputs">The files to write.</param>
    /// <exception cref="InputException">A place cannot be written, or two files would have the same.</exception>
    public OutputFiles(IEnumerable<string?> inputs, IEnumerable<string?> outputs)
    {
        var taken = new HashSet<string>(inputs.OfType<string>().Select(Path.GetFullPath));
        try
        {
            foreach (var output in outputs.OfType<string>())
            {
                if (!taken.Add(Path.GetFullPath(output)))
                {
                    throw new InputException($"'{output}' is named twice, and would be overwritten. Give each file a path of its own.");
                }

                files.Add(output, Reserve(output));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Refuses a place where no file can be written; nothing happens for a null path.</summary>
    /// <exception cref="InputException">It cannot be written.</exception>
    public static void RequireWritable(string? path)
    {
        if (path is not null)
        {
            Reserve(path).Dispose();
        }
    }

    /// <summary>Fills one of the files and moves it to its place, replacing what was there; nothing happens for a null path.</summary>
    /// <remarks>One after the other, so that what goes wrong with one file takes none of those before it.</remarks>
    public void Write(string? path, Action<Stream> write)
    {
        if (path is not null)
        {
            write(files[path].Stream);
            files[path].Commit();
        }
    }

    /// <summary>Removes what was not written.</summary>
    public void Dispose()
    {
        foreach (var file in files.Values)
        {
            file.Dispose();
        }
    }

    private static AtomicFile Reserve(string path)
    {
        var full = Path.GetFullPath(path);
        if (Directory.Exists(full) || Path.EndsInDirectorySeparator(path))
        {
            throw new InputException($"'{path}' is a folder and cannot be written as a file. Add a file name.");
        }

        if (new[] { "/dev/", "/proc/", "/sys/" }.FirstOrDefault(full.StartsWith) is { } system)
        {
            throw new InputException($"'{path}' cannot be written: {system} does not hold ordinary files. Name a file elsewhere.");
        }

        var folder = Path.GetDirectoryName(full)!;
        if (!Directory.Exists(folder))
        {
            throw new InputException($"'{path}' cannot be written: there is no folder '{folder}'. Make it first, or choose another path.");
        }

        try
        {
            return new(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"'{path}' cannot be written: {e.Message.TrimEnd('.')}. Choose another path.");
        }
    }
}
