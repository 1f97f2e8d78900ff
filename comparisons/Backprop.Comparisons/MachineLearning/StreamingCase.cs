using System.Diagnostics;
using System.Text.Json.Nodes;
using Backprop.Comparisons.Measuring;
using Backprop.ML;
using Backprop.Models;
using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Comparisons.MachineLearning;

/// <summary>A Fit on rows that a view makes as they are asked for, in memory and under a cap of a fifth of what they take: time and memory.</summary>
/// <param name="IsCapped">Whether there is a cap.</param>
internal sealed record StreamingCase(bool IsCapped) : ProcessCase(Command, $"{IsCapped}")
{
    /// <summary>The command of the process that is started.</summary>
    public const string Command = "streaming";

    private const int Columns = 100;
    private const int Many = 800_000;
    private const int Epochs = 5;
    private const long DataBytes = (long)Many * (Columns + 1) * sizeof(float);
    private const long Cap = DataBytes / 5;

    /// <summary>Without the cap and with it.</summary>
    public static IEnumerable<Case> All => [new StreamingCase(false), new StreamingCase(true)];

    /// <inheritdoc/>
    public override string Name => $"{Many} rows of {Columns} features, {(IsCapped ? $"cap {Cap / 1_000_000} MB" : "in memory")}";

    /// <inheritdoc/>
    public override JsonObject Fields => new() { ["columns"] = Columns, ["capMegabytes"] = IsCapped ? Cap / 1e6 : null };

    /// <inheritdoc/>
    public override int Rows => Many * Epochs;

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Figures => ["peakMegabytes", "validationLoss"];

    /// <inheritdoc/>
    public override JsonObject Extras(Outcome outcome)
    {
        var extras = base.Extras(outcome);
        extras.Insert(0, "dataMegabytes", DataBytes / 1e6);
        return extras;
    }

    /// <summary>What the started process does: fits, and tells by how much its memory grew.</summary>
    public static void Report(bool isCapped, TextWriter output)
    {
        Fit(1_000, isCapped);
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        var (before, loss) = (process.WorkingSet64, 0.0);
        ProcessRun.Report(
            () => loss = Fit(Many, isCapped),
            () =>
            {
                process.Refresh();
                return [(process.PeakWorkingSet64 - before) / 1e6, loss];
            },
            output);
    }

    private static double Fit(int rows, bool isCapped)
    {
        var ml = new MLContext(seed: 1);
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Columns);
        var model = ml.BinaryClassification.Trainers.MultilayerPerceptron(new MultilayerPerceptronOptions
        {
            Preset = Preset.Plain,
            HiddenUnits = [128, 64],
            NumberOfIterations = Epochs,
            MemoryCap = isCapped ? Cap : null,
        }).Fit(ml.Data.LoadFromEnumerable(Made(rows), schema)).Model;
        return model.History.Min(report => report.ValidationLoss);
    }

    private static IEnumerable<Row> Made(int rows)
    {
        var (random, row) = (new TorchRandom(1), new Row());
        for (var i = 0; i < rows; i++)
        {
            random.FillUniform<float>(row.Features, -1, 1);
            row.Label = row.Features[0] * row.Features[1] + row.Features[2] > 0;
            yield return row;
        }
    }

    private sealed class Row
    {
        public float[] Features { get; set; } = new float[Columns];

        public bool Label { get; set; }
    }
}
