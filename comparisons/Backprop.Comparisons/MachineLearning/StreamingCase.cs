using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Backprop.Audit;
using Backprop.Cli.Commands;
using Backprop.Comparisons.Measuring;
using Backprop.ML;
using Backprop.Models;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Comparisons.MachineLearning;

/// <summary>A Fit on rows that a view makes as they are asked for, in memory and under a cap of a fifth of what they take: time and memory.</summary>
/// <param name="IsCapped">Whether there is a cap.</param>
internal sealed record StreamingCase(bool IsCapped) : Case("streaming")
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

    /// <summary>None: they need processes of their own.</summary>
    public override IReadOnlyList<Entrant> Entrants => [];

    /// <inheritdoc/>
    public override Outcome Measure(int rounds)
    {
        var runs = Enumerable.Range(0, rounds)
            .Select(_ => OtherProcess.Run(typeof(StreamingCase).Assembly, [Command, $"{IsCapped}"], CancellationToken.None).GetAwaiter().GetResult())
            .Select(line => JsonSerializer.Deserialize<Run>(line)!).ToList();
        var timing = new Timing([.. runs.Select(run => run.Seconds * 1e6)], 0);
        var ours = new Entrant(Library.Engine, Environment.ProcessorCount, () => throw new NotSupportedException("Each Fit has a process of its own."));
        double Median(Func<Run, double> number) => Timing.Quantile(runs.Select(number), 0.5);
        return new(this, [new(ours, timing, [Median(run => run.PeakMegabytes), Median(run => run.Loss)])], [], 0, rounds);
    }

    /// <inheritdoc/>
    public override JsonObject Extras(Outcome outcome) => new()
    {
        ["dataMegabytes"] = DataBytes / 1e6,
        ["peakMegabytes"] = outcome.Ours.Results[0],
        ["validationLoss"] = outcome.Ours.Results[1],
    };

    /// <inheritdoc/>
    public override void Check(Entrant entrant, double[] results, double[] ours)
    {
    }

    /// <summary>What the started process does: fits, and writes how long that took and by how much its memory grew as one line of JSON.</summary>
    public static void Report(bool isCapped, TextWriter output)
    {
        Fit(1_000, isCapped);
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        var (before, clock) = (process.WorkingSet64, Stopwatch.StartNew());
        var loss = Fit(Many, isCapped);
        var seconds = clock.Elapsed.TotalSeconds;
        process.Refresh();
        output.WriteLine(JsonSerializer.Serialize(new Run(seconds, (process.PeakWorkingSet64 - before) / 1e6, loss)));
    }

    private static double Fit(int rows, bool isCapped)
    {
        var ml = new MLContext(seed: 1);
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Columns);
        var model = ml.BinaryClassification.Trainers.MultilayerPerceptron(new MultilayerPerceptronOptions
        {
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

    private sealed record Run(double Seconds, double PeakMegabytes, double Loss);

    private sealed class Row
    {
        public float[] Features { get; set; } = new float[Columns];

        public bool Label { get; set; }
    }
}
