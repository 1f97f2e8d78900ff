using System.Globalization;
using Backprop.Audit;
using Backprop.Audit.Mutations;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Cli.Auditing;

/// <summary>All there is to audit, in pieces; the same choices make the same pieces in every process.</summary>
/// <param name="Quick">Whether it is to take less than a minute on two cores.</param>
/// <param name="Cases">Random networks.</param>
/// <param name="Seed">Decides weights, rows and random networks.</param>
internal sealed record AuditPlan(bool Quick, int Cases, long Seed)
{
    private const int Rows = 64;
    private const int DifferentBatches = 8;

    private static readonly Mlp network = Mlp.Parse("784-256-128-10", Activation.Of(new Relu()), Head.Multiclass);

    // As many processes as cores work at a time.
    private static readonly EngineOptions engine = new() { Threads = 1 };

    /// <summary>Its pieces, the long ones first, so that no process is left with a long one at the end.</summary>
    public IReadOnlyList<AuditPiece> Pieces =>
    [
        new("gradients", $"{network}", _ => new() { Gradients = [GradientAudit.Run(Weights, Batch(1), engine)] }),
        .. AuditRun.Optimizers.Select(optimizer => new AuditPiece("trajectories", optimizer.Name, _ => new()
        {
            Drifts = [DriftAudit.Run(Weights, Batch(DifferentBatches), Rows, optimizer, Quick ? 20 : 100, Seed, engine)],
        })),
        .. Mutant.All.Select(mutant => new AuditPiece("defects", $"{mutant}", _ => new() { Kills = KillTable.Run([mutant]) })),
        new("conventions", "all", _ => new() { Conventions = Conventions.All }),
        .. CatalogueAudit.Areas.SelectMany(area => Enumerable.Range(0, CatalogueAudit.RowsOf(area)).Select(row => CatalogueRow(area, row))),
        .. Enumerable.Range(0, Cases).Select(RandomNetwork),
    ];

    /// <summary>The words that give another process the same plan.</summary>
    public IReadOnlyList<string> Words =>
    [
        "--cases", Cases.ToString(CultureInfo.InvariantCulture), "--seed", Seed.ToString(CultureInfo.InvariantCulture), .. Quick ? ["--quick"] : Array.Empty<string>(),
    ];

    private static AuditPiece CatalogueRow(string area, int row) => new(area, $"row {row + 1}", at =>
    {
        var findings = new List<Finding>();
        foreach (var finding in CatalogueAudit.Run(area, row))
        {
            findings.Add(finding);
            at($"row {row + 1}, after {finding.Subject}: {finding.Check}");
        }

        return new() { Findings = findings };
    });

    private AuditPiece RandomNetwork(int number) => new("random networks", $"number {number}", at => new()
    {
        Sweep = Sweep.Run(new() { Seed = Seed, First = number, Cases = 1, Begin = (_, one) => at(NetworkCase.CommandOf(one.ToString())) }),
    })
    {
        Ended = how => new() { Sweep = SweepReport.OfCrash(Seed, number, how) },
    };

    private Weights<float> Weights => Initializers.Default<float>(network, Seed);

    private Examples<float> Batch(int batches) => RandomBatch.Of(network, Rows * batches, Seed);
}
