using Backprop.Cli.Tasks;
using Backprop.ML;
using Backprop.Training;

namespace Backprop.Cli.Report;

/// <summary>The report of <c>train</c>.</summary>
internal static class TrainingReport
{
    private const int MostTiles = 4;

    /// <summary>Writes the page.</summary>
    public static void Write(Stream stream, string title, TrainedModel trained, MultilayerPerceptronOptions options, Evaluation? evaluation)
    {
        var network = trained.Model.Network.Model;
        var sections = new List<Section> { Sections.Loss(trained.Model.History) };
        var tiles = new List<Tile>();
        if (evaluation is not null)
        {
            sections.Add(Sections.Metrics(evaluation, trained.Data.TestRows));
            var on = $"on {Readable.Count(trained.Data.TestRows)} test rows";
            tiles.AddRange(evaluation.Metrics.Take(MostTiles).Select(m => new Tile(m.Key, Readable.Number(m.Value, 4), on)));
            if (evaluation.Confusion is { } confusion)
            {
                sections.Add(ConfusionMatrix.Of(confusion));
            }
        }

        var best = EpochReport.BestEpochs(trained.Model.History);
        tiles.Add(new("Epochs", Readable.Count(trained.Model.History.Count), best is [0] ? "kept: none" : $"kept: {string.Join(", ", best)}"));
        sections.Add(Sections.About(Run(trained, options)));
        Page.Write(
            stream,
            title,
            $"A network of {network} ({Readable.Count(network.Parameters)} weights), "
            + $"trained on {Readable.Count(trained.Data.Rows)} rows in {Readable.Number(trained.Seconds)} s.",
            tiles,
            sections);
    }

    /// <summary>The choices of a run.</summary>
    public static IEnumerable<(string Name, string Value)> Run(TrainedModel trained, MultilayerPerceptronOptions options)
    {
        var continues = trained.Data.Start is not null;
        return
        [
            ("Network", $"{trained.Model.Network.Model}, {(continues ? "continued, " : options.Activation is { } f ? $"{f}, " : "")}{trained.Data.Task.Head}"),
            ("Preset", $"{trained.Data.PresetOf(options)}"),
            ("Optimizer", Optimizer(options)),
            ("Seed", $"{options.Seed}"),
            ("Weights", $"SHA-256 {trained.Model.WeightHash}"),
        ];
    }

    private static string Optimizer(MultilayerPerceptronOptions options)
    {
        string[] given =
        [
            .. options.Lbfgs is not null ? ["L-BFGS, all rows at once"] : options.Optimizer is { } optimizer ? [optimizer.Name] : Array.Empty<string>(),
            .. (options.LearningRate ?? options.Lbfgs?.LearningRate ?? options.Optimizer?.LearningRate) is { } rate
                ? [$"learning rate {Readable.Number(rate)}"] : Array.Empty<string>(),
            .. options.Schedule is { } schedule ? [schedule.Name] : Array.Empty<string>(),
            .. options.BatchSize is { } rows ? [$"batches of {rows}"] : Array.Empty<string>(),
        ];
        return given.Length > 0 ? string.Join(", ", given) : "the preset's";
    }
}
