using Backprop.Audit;
using Backprop.Cli.Auditing;
using Backprop.Cli.Commands;
using Backprop.Cli.Data;
using Backprop.Cli.Tasks;
using Backprop.ML;

namespace Backprop.Cli.Report;

/// <summary>All the demo found, its checks, and its report.</summary>
internal sealed record DemoResult(
    TrainedModel Trained,
    MultilayerPerceptronOptions Options,
    Evaluation Evaluation,
    double LeastAccuracy,
    ModelRoundTrip RoundTrip,
    AuditResult Audit,
    IReadOnlyList<TimingReport> Timings)
{
    /// <summary>Each claim, with what was found.</summary>
    public IReadOnlyList<Tile> Checks
    {
        get
        {
            var accuracy = Score("accuracy");
            var tensors = Audit.Gradients[0].Tensors;
            var agreeing = tensors.Count(t => t.Verdict == Verdict.Agrees);
            var worst = tensors.MaxBy(t => t.OursError / t.Limit)!;
            return
            [
                new(
                    "Accuracy",
                    $"{100 * accuracy:F2} %",
                    $"at least {100 * LeastAccuracy:F1} % asked, log-loss {Readable.Number(Score("logLoss"))}",
                    accuracy >= LeastAccuracy),
                new(
                    "Reloaded elsewhere",
                    RoundTrip.Different == 0 ? "same bits" : $"{RoundTrip.Different} differ",
                    $"{Readable.Count(RoundTrip.Numbers)} probabilities",
                    RoundTrip.Different == 0),
                new(
                    "Gradients",
                    $"{agreeing} of {tensors.Count} agree",
                    $"nearest its limit: {worst.Name}, {Readable.Number(100 * worst.OursError / worst.Limit, 2)} % of it",
                    Audit.Gradients[0].NothingAgainstUs),
                .. Audit.Steps.Select(s => new Tile(
                    $"Steps with {s.Optimizer}",
                    s.Verdict.Words,
                    $"{s.Steps.Count} of {s.Made} looked at, each from the same weights; "
                    + $"farthest out: {Readable.Number(100 * s.Worst.Tensor.WorstShare, 2)} % of the bound",
                    !s.Verdict.IsAgainstUs)),
                .. Audit.Drifts.Select(d => new Tile(
                    $"Drift with {d.Optimizer}",
                    Readable.Number(d.OursLargest, 2),
                    $"at most, libtorch's {Readable.Number(d.TorchLargest, 2)}, {d.Steps.Count} steps",
                    !d.Verdict.IsAgainstUs)),
                .. Timings.Select(t => new Tile(
                    $"Speed with {t.Optimizer}",
                    $"{Readable.Number(t.RatioBest, 2)}×",
                    $"libtorch's at its best; {Readable.Number(t.RatioOneThread, 2)}× on 1 thread")),
            ];
        }
    }

    /// <summary>Whether no check failed.</summary>
    public bool Passed => Checks.All(check => check.Good != false);

    /// <summary>Writes the page.</summary>
    public void WriteReport(Stream stream)
    {
        var network = Trained.Model.Network.Model;
        Page.Write(
            stream,
            "A network on handwritten digits, checked against libtorch",
            $"{network}, trained on {Readable.Count(Trained.Data.Rows)} handwritten digits in {Readable.Number(Trained.Seconds)} s, "
            + $"tested on {Readable.Count(Trained.Data.TestRows)} others.",
            Checks,
            [
                Sections.Loss(Trained.Model.History),
                ConfusionMatrix.Of(Evaluation.Confusion!),
                AuditSections.Agreement(Audit.Gradients[0]),
                StepSection.Of(Audit.Steps),
                AuditSections.Drift(Audit.Drifts),
                AuditSections.Timing(Timings),
                Sections.About(
                [
                    .. TrainingReport.Run(Trained, Options),
                    ("TorchSharp", Machine.VersionOf(typeof(TorchSharp.torch))),
                    ("Data", Optdigits.Attribution),
                ]),
            ]);
    }

    private double Score(string name) => Evaluation.Metrics.Single(m => m.Key == name).Value;
}
