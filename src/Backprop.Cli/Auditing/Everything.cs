using Backprop.Audit;
using Backprop.Audit.Mutations;
using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Cli.Auditing;

/// <summary>All there is to audit.</summary>
internal static class Everything
{
    private const int UsualSteps = 100;

    private static readonly Mlp network = Mlp.Parse("784-256-128-10", Activation.Of(new Relu()), Head.Multiclass);

    /// <summary>The plan.</summary>
    /// <param name="quick">Whether it is to take less than a minute on two cores.</param>
    /// <param name="cases">Random networks.</param>
    /// <param name="seed">Decides weights, rows and random networks.</param>
    public static AuditPlan Plan(bool quick, int cases, long seed)
    {
        // As many processes as cores work at a time.
        var example = AuditedNetwork.OfInitialWeights(network, seed, AuditedNetwork.UsualRows, quick ? AuditedNetwork.UsualSteps : UsualSteps)
            .Plan(new() { Threads = 1 });
        return new(
            "everything",
            seed,
            [
                .. example.Pieces,
                .. Mutant.All.Select(mutant => new AuditPiece("defects", $"{mutant}", _ => new() { Kills = KillTable.Run([mutant]) })),
                new("conventions", "all", _ => new() { Conventions = Conventions.All }),
                .. CatalogueAudit.Areas.SelectMany(area => Enumerable.Range(0, CatalogueAudit.RowsOf(area)).Select(row => CatalogueRow(area, row))),
                .. Enumerable.Range(0, cases).Select(number => RandomNetwork(seed, number)),
            ],
            example.About);
    }

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

    private static AuditPiece RandomNetwork(long seed, int number) => new("random networks", $"number {number}", at => new()
    {
        Sweep = Sweep.Run(new() { Seed = seed, First = number, Cases = 1, Begin = (_, one) => at(NetworkCase.CommandOf(one.ToString())) }),
    });
}
