using System.Text.Json;
using Backprop.Audit;
using Backprop.Cli.Data;
using Backprop.Cli.Report;
using Backprop.Cli.Tasks;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Comparisons.Ablation;

/// <summary>A set trained one way from one seed, as <c>backprop train</c> does, each of its folds if it has any.</summary>
/// <param name="Set">The table.</param>
/// <param name="Variant">How it is trained.</param>
/// <param name="Seed">Decides first weights, order of rows and split.</param>
internal sealed record AblationRun(TableSet Set, Variant Variant, long Seed)
{
    private const int Resamples = 200;

    /// <summary>What it came to, if a file of the folder says so.</summary>
    public AblationResult? ResultIn(string folder)
        => File.Exists(FileIn(folder)) ? JsonSerializer.Deserialize<AblationResult>(File.ReadAllText(FileIn(folder)), AuditJson.Options) : null;

    /// <summary>Trains, scores, and writes a file.</summary>
    /// <param name="data">The folder of the sets.</param>
    /// <param name="results">The folder of the file.</param>
    /// <param name="cancellation">Stops it; nothing is written.</param>
    public AblationResult Do(string data, string results, CancellationToken cancellation)
    {
        var parts = Set.Splits(data).Select(split => Fit(split.Train, split.Test, cancellation)).ToList();
        var scores = Set.Metrics.ToDictionary(metric => metric.Name, metric => new Score(
            parts.Average(part => part.Rows.Score(metric)),
            Math.Sqrt(parts.Sum(part => Math.Pow(part.Rows.StandardError(metric, Resamples, seed: 1), 2))) / parts.Count));
        var result = new AblationResult(scores, parts.Average(part => part.Seconds), Machine.BuildOf(typeof(Preset)));
        AtomicFile.Write(FileIn(results), stream => JsonSerializer.Serialize(stream, result, AuditJson.Options));
        return result;
    }

    private (ScoredRows Rows, double Seconds) Fit(string train, string test, CancellationToken cancellation)
    {
        var files = new TrainingFiles(CsvSource.File(train, CsvDialect.Standard)) { Test = CsvSource.File(test, CsvDialect.Standard) };
        var data = TrainingData.Read(Variant.HeadFor(Set.Head), files, new(Set.Label), start: null, cancellation);
        var trained = data.Fit(new() { Preset = Variant.Preset, Seed = Seed, Cancellation = cancellation }, warn: _ => { });
        return (ScoredRows.Of(Set, trained), trained.Seconds);
    }

    private string FileIn(string folder) => Path.Combine(folder, $"{Set.Name}-{Variant}-{Seed}.json".Replace(' ', '_'));
}

/// <summary>What a run came to.</summary>
/// <param name="Scores">By metric.</param>
/// <param name="Seconds">To fit, of one fold.</param>
/// <param name="Build">What trained.</param>
internal sealed record AblationResult(IReadOnlyDictionary<string, Score> Scores, double Seconds, string Build);

/// <summary>A score, and its standard error for the choice of the test rows.</summary>
internal readonly record struct Score(double Value, double OfRows);
