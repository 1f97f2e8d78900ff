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
            var on = $"on {Html.Count(trained.Data.TestRows)} test rows";
            tiles.AddRange(evaluation.Metrics.Take(MostTiles).Select(m => new Tile(m.Key, Html.Number(m.Value, 4), on)));
            if (evaluation.Confusion is { } confusion)
            {
                sections.Add(ConfusionMatrix.Of(confusion));
            }
        }

        var best = EpochReport.BestEpochs(trained.Model.History);
        tiles.Add(new("Epochs", Html.Count(trained.Model.History.Count), best is [0] ? "kept: none" : $"kept: {string.Join(", ", best)}"));
        sections.Add(Sections.About(Run(trained, options)));
        Page.Write(
            stream,
            title,
            $"A network of {network} ({Html.Count(network.Parameters)} weights), "
            + $"trained on {Html.Count(trained.Data.Rows)} rows in {Html.Number(trained.Seconds)} s.",
            tiles,
            sections);
    }

    /// <summary>The choices of a run.</summary>
    public static IEnumerable<(string Name, string Value)> Run(TrainedModel trained, MultilayerPerceptronOptions options)
    {
        var layers = trained.Data.Start is null ? $"{options.Activation}" : "continued";
        return
        [
            ("Network", $"{trained.Model.Network.Model}, {layers}, {trained.Data.Task.Head}"),
            ("Optimizer", Optimizer(options)),
            ("Seed", $"{options.Seed}"),
            ("Weights", $"SHA-256 {trained.Model.WeightHash}"),
        ];
    }

    private static string Optimizer(MultilayerPerceptronOptions options)
    {
        var rate = $"learning rate {Html.Number(options.Lbfgs?.LearningRate ?? options.LearningRate ?? options.Optimizer.LearningRate)}";
        return options.Lbfgs is null
            ? $"{options.Optimizer.Name}, {rate}{(options.Schedule is { } schedule ? $" ({schedule.Name})" : "")}, batches of {options.BatchSize}"
            : $"L-BFGS, {rate}, all rows at once";
    }
}
