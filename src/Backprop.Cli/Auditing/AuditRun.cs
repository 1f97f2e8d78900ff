using System.Text.Json;
using Backprop.Audit;
using Backprop.Cli.Report;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Planning;
using Spectre.Console;
using Text = Spectre.Console.Text;

namespace Backprop.Cli.Auditing;

/// <summary>One network's gradients and its first steps, beside libtorch's.</summary>
internal sealed record AuditRun(GradientReport Gradients, IReadOnlyList<DriftReport> Drifts)
{
    /// <summary>What could not run, as without libtorch no training can be followed.</summary>
    public IReadOnlyList<NotRun> NotRun { get; init; } = [];

    /// <summary>The two an audit follows unless told otherwise.</summary>
    public static IReadOnlyList<Optimizer> Optimizers { get; } = [new Sgd(), new Adam()];

    /// <summary>Both as parts of an audit.</summary>
    public AuditResult Result => new() { Gradients = [Gradients], Drifts = Drifts, NotRun = NotRun };

    /// <summary>Whether no gradient and no trajectory failed.</summary>
    public bool Agrees => Result.Passes;

    /// <summary>What the audit tells the shell.</summary>
    public int ExitCode => Agrees ? BackpropTool.Ok : BackpropTool.Disagreement;

    /// <summary>Compares the gradients on a batch, then follows each optimizer over batches of that size.</summary>
    public static AuditRun Of(AuditedNetwork network, EngineOptions engine, CancellationToken cancellation)
    {
        var gradients = GradientAudit.Run(network.Weights, network.Batch, engine);
        if (gradients.TorchMissing is { } reason)
        {
            return new(gradients, []) { NotRun = [.. network.Optimizers.Select(optimizer => new NotRun($"trajectory of {optimizer.Name}", reason))] };
        }

        var drifts = new List<DriftReport>();
        foreach (var optimizer in network.Optimizers)
        {
            cancellation.ThrowIfCancellationRequested();
            drifts.Add(DriftAudit.Run(network.Weights, network.Table, network.Batch.Rows, optimizer, network.Steps, network.Seed, engine));
        }

        return new(gradients, drifts);
    }

    /// <summary>Prints both as tables.</summary>
    public void Show(Session session)
    {
        session.Say(
            $"Gradients of {Gradients.Network} on {Gradients.Batch} rows; loss {Html.Number(Gradients.OursLoss, 9)}, "
            + $"{(Gradients.TorchMissing is null ? $"libtorch's {Html.Number(Gradients.TorchLoss, 9)}, " : "")}in float64 {Html.Number(Gradients.ReferenceLoss, 9)}:");
        if (Gradients.TorchMissing is { } reason)
        {
            session.Say($"Without libtorch as a witness: {reason}");
        }

        var tensors = Table("tensor", "size", "error", "libtorch's", "limit", "worst element", "share of limit", "in double", "verdict");
        foreach (var t in Gradients.Tensors)
        {
            tensors.AddRow(
                new Text(t.Name),
                new Text($"{t.Rows}×{t.Columns}"),
                Figure(t.OursError),
                Gradients.TorchMissing is null ? Figure(t.TorchError) : new Text("none"),
                Figure(t.Limit),
                new Text($"[{t.WorstRow}, {t.WorstColumn}]"),
                Figure(t.WorstShare),
                Figure(t.DoubleShare),
                Word(t.Verdict));
        }

        session.Console.Write(tensors);
        foreach (var kink in Gradients.Kinks)
        {
            session.Say(kink);
        }

        foreach (var check in NotRun)
        {
            session.Say($"Not run: {check.Check}.");
        }

        if (Drifts.Count == 0)
        {
            return;
        }

        session.Say("Largest drift of the weights over all steps, relative to the distance travelled, against float64:");
        var drifts = Table("optimizer", "steps", "drift", "libtorch's", "limit", "verdict");
        foreach (var d in Drifts)
        {
            drifts.AddRow(
                new Text(d.Optimizer),
                new Text($"{d.Steps.Count}"),
                Figure(d.OursLargest),
                Figure(d.TorchLargest),
                Figure(d.Limit),
                Word(d.Verdict));
        }

        session.Console.Write(drifts);
    }

    /// <summary>Writes both as JSON.</summary>
    public void Write(Stream stream, Model model, long seed) => JsonSerializer.Serialize(
        stream,
        new
        {
            Mlp = model.ToString(),
            Activation = (model as Mlp)?.Activation.Name,
            Task = string.Join(", ", model.HeadOutputs.Select(output => output.Head.Name)),
            Seed = seed,
            Agrees,
            Gradients,
            Drifts,
        },
        AuditJson.Options);

    private static Table Table(params string[] columns)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in columns)
        {
            table.AddColumn(column);
        }

        return table;
    }

    private static Text Figure(double number) => new(Html.Number(number, 2));

    private static Text Word(Verdict verdict) => new(
        verdict.Words, verdict switch { Verdict.Agrees => Color.Green, Verdict.OursWorse => Color.Red, _ => Color.Yellow });
}
