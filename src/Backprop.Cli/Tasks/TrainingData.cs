using System.Diagnostics;
using Backprop.Cli.Data;
using Backprop.ML;
using Backprop.Models;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Backprop.Cli.Tasks;

/// <summary>A training file and, if given, a test file, read and checked against each other.</summary>
internal sealed class TrainingData
{
    private readonly MLContext ml = new(seed: 0);
    private readonly ColumnChoices choices;
    private readonly TableColumns columns;
    private readonly CsvTable train;
    private readonly CsvTable? test;
    private readonly CsvDialect dialect;

    private TrainingData(TabularTask task, ColumnChoices choices, TableColumns columns, CsvTable train, CsvTable? test, CsvDialect dialect)
        => (Task, this.choices, this.columns, this.train, this.test, this.dialect) = (task, choices, columns, train, test, dialect);

    /// <summary>What the label means.</summary>
    public TabularTask Task { get; }

    /// <summary>Training rows that have a label.</summary>
    public int Rows => train.Rows;

    /// <summary>Test rows that have a label; 0 without a test file.</summary>
    public int TestRows => test?.Rows ?? 0;

    /// <summary>Feature columns.</summary>
    public int Features => columns.Features.Count;

    /// <summary>What the user should know of how the files were understood.</summary>
    public IEnumerable<string> Remarks
    {
        get
        {
            if (Task.Remark is { } remark)
            {
                yield return remark;
            }

            foreach (var line in ColumnRemarks.Of(columns.Features, train, choices.HashBits))
            {
                yield return line;
            }

            if (train.Unlabelled + (test?.Unlabelled ?? 0) is > 0 and var unlabelled)
            {
                yield return $"Rows left out because they have no label: {unlabelled}.";
            }
        }
    }

    /// <summary>Reads the files.</summary>
    /// <exception cref="InputException">A file is not as it has to be.</exception>
    public static TrainingData Read(Head head, CsvSource data, CsvSource? test, ColumnChoices choices, CancellationToken cancellation)
    {
        var columns = choices.In(data, cancellation);
        var train = CsvTable.Read(data, columns, cancellation);
        var task = TabularTask.Of(head, train.Labels, choices.Positive);
        var testTable = test is null ? null : CsvTable.Read(test, columns.ForTest, cancellation);
        if (testTable is not null)
        {
            task.CheckTest(testTable.Labels);
        }

        return new(task, choices, columns, train, testTable, data.Dialect);
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

        var clock = Stopwatch.StartNew();
        var labelled = Labelled(train);
        var featuriser = Featurisation.Of(ml, train.Features, choices.HashBits).Fit(labelled);
        var fitted = Task.Fit(ml, featuriser.Transform(labelled), options);
        var seconds = clock.Elapsed.TotalSeconds;

        return new TrainedModel(ml, this, new TransformerChain<ITransformer>(featuriser, fitted.Transformer), fitted.Model, seconds);
    }

    /// <summary>The columns a prediction needs, and the dialect their file was in.</summary>
    public DataViewSchema InputSchema => SavedDialect.Add(new TableView(train.Rows, train.Features).Schema, dialect);

    /// <summary>The training rows with their mapped label.</summary>
    public IDataView TrainView => Labelled(train);

    /// <summary>The test rows with their mapped label, or null without a test file.</summary>
    public IDataView? TestView => test is null ? null : Labelled(test);

    private IDataView Labelled(CsvTable table)
        => Task.MapLabel(ml, new TableView(table.Rows, [.. table.Features, .. table.Roles, Task.Targets(table.Labels)]));
}
