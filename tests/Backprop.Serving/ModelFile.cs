namespace Backprop.Serving;

/// <summary>The model in a file, and its successor as soon as the file is replaced. Requests that have begun end with the model they began with.</summary>
/// <remarks>
/// Replace the file by renaming another one over it, as <c>mv</c> does within a file system: a file that is written in place is looked at
/// before it is whole, and each look that finds it damaged is a line in the log. A model that is no longer served is left to the garbage
/// collector, since a request may still hold it.
/// </remarks>
/// <typeparam name="TInput">A row; its members are the columns the model wants.</typeparam>
/// <typeparam name="TOutput">The columns wanted of the model.</typeparam>
public sealed class ModelFile<TInput, TOutput> : IDisposable
    where TInput : class
    where TOutput : class, new()
{
    private readonly string path;
    private readonly ILogger logger;
    private readonly FileSystemWatcher watcher;
    private readonly Lock loading = new();
    private volatile LoadedModel<TInput, TOutput> current;
    private string seen;

    /// <summary>Loads the model and watches the file.</summary>
    /// <exception cref="InvalidDataException">There is no such file, or it is not such a model: a service does not begin without one.</exception>
    /// <exception cref="ArgumentException">There is no such folder.</exception>
    public ModelFile(string path, ILogger<ModelFile<TInput, TOutput>> logger)
    {
        this.path = Path.GetFullPath(path);
        this.logger = logger;
        // Watched before it is read: a replacement in between is not missed, and waits for the lock.
        watcher = new(Path.GetDirectoryName(this.path)!, Path.GetFileName(this.path));
        watcher.Created += (_, _) => Reload();
        watcher.Changed += (_, _) => Reload();
        watcher.Renamed += (_, _) => Reload();
        // So many changes at once that some were not reported.
        watcher.Error += (_, _) => Reload();
        lock (loading)
        {
            try
            {
                watcher.EnableRaisingEvents = true;
                current = new(File.ReadAllBytes(this.path));
                seen = current.Id;
                Announce();
            }
            catch (Exception e)
            {
                watcher.Dispose();
                throw new InvalidDataException($"There is no model to serve: {this.path} is missing, damaged or of other columns ({Reason(e)}).", e);
            }
        }
    }

    /// <summary>The model to serve a request with, from its beginning to its end.</summary>
    public LoadedModel<TInput, TOutput> Current => current;

    /// <summary>Watches no longer.</summary>
    public void Dispose() => watcher.Dispose();

    private void Reload()
    {
        lock (loading)
        {
            byte[] file;
            try
            {
                file = File.ReadAllBytes(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                logger.LogError(
                    "Keeps serving model {Model}: {Path} could not be read ({Reason}). It is read again when the file changes next.",
                    current.Id, path, Reason(e));
                return;
            }

            try
            {
                var id = LoadedModel<TInput, TOutput>.IdOf(file);
                // A replacement may be reported more than once.
                if (id == seen)
                {
                    return;
                }

                seen = id;
                current = new(file);
                Announce();
            }
            catch (Exception e)
            {
                // Whatever is wrong with a file must not end the service, and ML.NET's exceptions for it are of many types.
                logger.LogError(
                    "Keeps serving model {Model}: {Path} cannot take its place, being damaged or of other columns ({Reason}). "
                    + "Save the model again, and rename it over that file.",
                    current.Id, path, Reason(e));
            }
        }
    }

    private static string Reason(Exception e) => e.GetBaseException().Message.ReplaceLineEndings(" ").TrimEnd('.');

    private void Announce() => logger.LogInformation("Serves model {Model} of {Path}.", current.Id, path);
}
