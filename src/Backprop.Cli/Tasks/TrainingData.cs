using System.Diagnostics;
using Backprop.Cli.Data;
using Backprop.ML;
using Backprop.Models;
using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Backprop.Cli.Tasks;

/// <summary>A training file and those beside it, read and checked against each other.</summary>
internal sealed class TrainingData
{
    private readonly MLContext ml = new(seed: 0);
    private readonly ColumnChoices choices;
    private readonly TableColumns columns;
    private readonly CsvTable train;

    private TrainingData(TabularTask task, ColumnChoices choices, TableColumns columns, CsvTable train)
        => (Task, this.choices, this.columns, this.train) = (task, choices, columns, train);

    /// <summary>What the label means.</summary>
    public TabularTask Task { get; }

    /// <summary>The model to train further, or null.</summary>
    public StartingPoint? Start { get; private init; }

    /// <summary>Training rows that have a label.</summary>
    public int Rows => train.Rows;

    /// <summary>Test rows that have a label; 0 without a test file.</summary>
    public int TestRows => Test?.Rows ?? 0;

    /// <summary>Feature columns.</summary>
    public int Features => columns.Features.Count;

    /// <summary>A feature column whose texts are hashed for such a training, or null.</summary>
    public string? Hashed(MultilayerPerceptronOptions options) => Start is not null ? Featurisation.HashedBy(Start.Featuriser, InputSchema)
        : Scales(options) ? train.Features.FirstOrDefault(Featurisation.Hashes)?.Name
        : null;

    /// <summary>What chooses the options that are not given: of a model to train further, the plain one.</summary>
    public Preset PresetOf(MultilayerPerceptronOptions options) => Start is null ? options.Preset ?? Preset.Default : Preset.Plain;

    /// <summary>What the user should know of how the files are understood for such a training.</summary>
    public IEnumerable<string> Remarks(MultilayerPerceptronOptions options)
    {
        if (Task.Remark is { } remark)
        {
            yield return remark;
        }

        foreach (var line in Start is null ? ColumnRemarks.Of(columns.Features, train, Scales(options) ? choices.HashBits : null) : [])
        {
            yield return line;
        }

        if (train.Unlabelled + (Validation?.Unlabelled ?? 0) + (Test?.Unlabelled ?? 0) is > 0 and var unlabelled)
        {
            yield return $"Rows left out because they have no label: {unlabelled}.";
        }
    }

    private CsvDialect Dialect { get; init; } = CsvDialect.Standard;

    private CsvTable? Validation { get; init; }

    private CsvTable? Test { get; init; }

    /// <summary>Reads the files.</summary>
    /// <param name="head">The task.</param>
    /// <param name="files">The rows.</param>
    /// <param name="choices">What the columns are for.</param>
    /// <param name="start">A model to train further, whose columns and classes the files must have; null to begin anew.</param>
    /// <param name="cancellation">Asked between rows.</param>
    /// <exception cref="InputException">A file is not as it has to be.</exception>
    public static TrainingData Read(Head head, TrainingFiles files, ColumnChoices choices, StartingPoint? start, CancellationToken cancellation)
    {
        var columns = choices.In(files.Data, start?.Columns, cancellation);
        CsvTable? Read(CsvSource? source, TableColumns wanted) => source is null ? null : CsvTable.Read(source, wanted, cancellation);
        var train = Read(files.Data, columns)!;
        var task = start is null ? TabularTask.Of(head, train.Labels, choices.Positive) : start.TaskOf(head, train.Labels, choices.Positive);
        var validation = Read(files.Validation, columns.ForValidation);
        var test = Read(files.Test, columns.ForTest);
        foreach (var table in new[] { validation, test }.OfType<CsvTable>())
        {
            task.CheckTest(table.Labels);
        }

        return new(task, choices, columns, train) { Start = start, Dialect = files.Data.Dialect, Validation = validation, Test = test };
    }

    /// <summary>Featurises and trains.</summary>
    /// <param name="options">How; its column names are set here.</param>
    /// <param name="warn">Told each warning of ML.NET and of the trainer.</param>
    public TrainedModel Fit(MultilayerPerceptronOptions options, Action<string> warn)
    {
        ml.Log += (_, log) =>
        {
            if (log.Kind == ChannelMessageKind.Warning)
            {
                warn(log.RawMessage);
            }
        };

        (options.LabelColumnName, options.FeatureColumnName) = (ColumnNames.Label, ColumnNames.Features);
        options.Head = Task.Head;
        options.ExampleWeightColumnName = choices.Weight is null ? null : ColumnNames.Weight;
        options.SamplingKeyColumnName = choices.Group is null ? null : ColumnNames.Group;

        var clock = Stopwatch.StartNew();
        var labelled = Labelled(train);
        var featuriser = Start?.Featuriser ?? Featurisation.Of(ml, train.Features, choices.HashBits, Scales(options)).Fit(labelled);
        options.ValidationSet = Validation is null ? null : featuriser.Transform(Labelled(Validation));
        var fitted = Task.Fit(ml, featuriser.Transform(labelled), options, Start?.Network);
        var seconds = clock.Elapsed.TotalSeconds;

        return new TrainedModel(ml, this, new TransformerChain<ITransformer>(featuriser, fitted.Transformer), fitted.Model, seconds);
    }

    /// <summary>The columns a prediction needs, and the dialect their file was in.</summary>
    public DataViewSchema InputSchema => SavedDialect.Add(InputView.Schema, Dialect);

    /// <summary>The training rows as a prediction takes them.</summary>
    public IDataView InputView => new TableView(train.Rows, train.Features);

    /// <summary>The training rows with their mapped label.</summary>
    public IDataView TrainView => Labelled(train);

    /// <summary>The test rows with their mapped label, or null without a test file.</summary>
    public IDataView? TestView => Test is null ? null : Labelled(Test);

    /// <summary>Whether features are scaled before the network: a preset does it inside, unless they are too many.</summary>
    private bool Scales(MultilayerPerceptronOptions options)
        => options.Preset is { ScalesFeatures: false } || Features > MultilayerPerceptronOptions.MostDenseFeatures;

    private IDataView Labelled(CsvTable table)
        => Task.MapLabel(ml, new TableView(table.Rows, [.. table.Features, .. table.Roles, Task.Targets(table.Labels)]));
}
