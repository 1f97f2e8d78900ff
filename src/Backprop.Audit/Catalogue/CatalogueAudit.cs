using Backprop.Models;

namespace Backprop.Audit;

/// <summary>Checks every row of the engine's catalogues: each is audited the moment it exists.</summary>
public static class CatalogueAudit
{
    // A row is audited when it is asked for, not when rows are counted.
    private static readonly (string Area, Func<IEnumerable<Func<IEnumerable<Finding>>>> Rows)[] Parts =
    [
        ("activation", () => Each(AuditedActivation.All, FormulaAudit.Run)),
        ("loss", () => Each(AuditedLoss.All, FormulaAudit.Run)),
        ("head", () => Each(NetworkRows.Heads, NetworkRows.Run)),
        ("layer", () => Each(NetworkRows.Layers, pair => NetworkRows.Run(pair.Layer, pair.Network).Concat(ScoringRows.Run(pair.Layer, pair.Network)))),
        ("optimizer", () => Each(OptimizerAudit.Catalogue, OptimizerAudit.Run)),
        ("update", () => Each(UpdateAudit.Catalogue, UpdateAudit.Run)),
        ("training", () => Each(TrainingRows.All, TrainingRows.Run)),
        ("schedule", () => Each(ScheduleAudit.Catalogue, ScheduleAudit.Run)),
        ("initializer", () => Each(Initializer.All, InitializerAudit.Run)),
        ("second derivative", () => Each(AuditedActivation.All, SecondDerivativeRows.Run).Concat(CurvatureRows.All)),
    ];

    /// <summary>The kinds of things there are to check.</summary>
    public static IReadOnlyList<string> Areas { get; } = [.. Parts.Select(part => part.Area)];

    /// <summary>Checks.</summary>
    /// <param name="areas">Which of the <see cref="Areas"/>; null for all.</param>
    /// <param name="progress">Told of each finding.</param>
    /// <param name="cancellation">Stops between two rows.</param>
    /// <returns>The findings, area by area and row by row.</returns>
    /// <exception cref="ArgumentException">An area is none.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IReadOnlyList<Finding> Run(
        IReadOnlyCollection<string>? areas = null, IProgress<Finding>? progress = null, CancellationToken cancellation = default)
    {
        if (areas?.FirstOrDefault(area => !Areas.Contains(area)) is { } unknown)
        {
            throw new ArgumentException($"There is no area '{unknown}'. Choose of: {string.Join(", ", Areas)}.");
        }

        var findings = new List<Finding>();
        foreach (var row in Parts.Where(part => areas is null || areas.Contains(part.Area)).SelectMany(part => part.Rows()))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var finding in row())
            {
                findings.Add(finding);
                progress?.Report(finding);
            }
        }

        return findings;
    }

    /// <summary>How many rows an area has.</summary>
    /// <exception cref="ArgumentException">The area is none.</exception>
    public static int RowsOf(string area) => RowsIn(area).Count();

    /// <summary>Checks one row of an area, so that a process of its own can.</summary>
    /// <param name="area">One of the <see cref="Areas"/>.</param>
    /// <param name="row">From 0.</param>
    /// <returns>The findings.</returns>
    /// <exception cref="ArgumentException">The area is none, or has no such row.</exception>
    public static IEnumerable<Finding> Run(string area, int row) => RowsIn(area).ElementAt(row)();

    private static IEnumerable<Func<IEnumerable<Finding>>> RowsIn(string area)
        => (Parts.FirstOrDefault(part => part.Area == area).Rows
            ?? throw new ArgumentException($"There is no area '{area}'. Choose of: {string.Join(", ", Areas)}."))();

    private static IEnumerable<Func<IEnumerable<Finding>>> Each<T>(IEnumerable<T> rows, Func<T, IEnumerable<Finding>> run)
        => rows.Select(row => (Func<IEnumerable<Finding>>)(() => run(row)));
}
