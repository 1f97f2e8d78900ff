using System.Text.Json.Nodes;
using Backprop.Comparisons.Measuring;
using Microsoft.ML;

namespace Backprop.Comparisons.MachineLearning;

/// <summary>
/// Reading a view into the table that is trained from, beside a bare cursor loop over the same columns that keeps nothing, and one that
/// copies every number into new arrays of the right size, unchecked.
/// </summary>
/// <param name="Source">What the view is.</param>
/// <param name="Columns">Features of a row.</param>
/// <param name="Count">Rows.</param>
/// <param name="Make">Makes the view.</param>
internal sealed record IntakeCase(string Source, int Columns, int Count, Func<IDataView> Make) : Case("intake")
{
    private const int Many = 50_000;
    private static readonly Library Cursor = new("cursor", "bare cursor loop");
    private static readonly Library CopyingCursor = new("copyingCursor", "cursor loop that copies");

    /// <summary>Dense and sparse rows from memory, with and without ML.NET's cache.</summary>
    public static IEnumerable<Case> All =>
    [
        new IntakeCase("list", 100, Many, () => IntakeData.Dense(Many, 100)),
        new IntakeCase("cache", 100, Many, () => Cached(IntakeData.Dense(Many, 100))),
        new IntakeCase("list, 10 non-zeros", 100, Many, () => IntakeData.Sparse(Many, 100, 10)),
        new IntakeCase("cache, 10 non-zeros", 100, Many, () => Cached(IntakeData.Sparse(Many, 100, 10))),
        new IntakeCase("list, 10 non-zeros", 10_000, Many, () => IntakeData.Sparse(Many, 10_000, 10)),
        new IntakeCase("cache, 10 non-zeros", 10_000, Many, () => Cached(IntakeData.Sparse(Many, 10_000, 10))),
    ];

    /// <inheritdoc/>
    public override string Name => $"{Source}, {Columns} features";

    /// <inheritdoc/>
    public override JsonObject Fields => new() { ["source"] = Source, ["columns"] = Columns };

    /// <inheritdoc/>
    public override int Rows => Count;

    /// <inheritdoc/>
    public override IReadOnlyList<Entrant> Entrants
    {
        get
        {
            var view = new Lazy<IDataView>(Make);
            return
            [
                new(Library.Engine, 1, () => new EngineIntake(view.Value)),
                new(Cursor, 1, () => new BareCursor(view.Value)),
                new(CopyingCursor, 1, () => new CopyingCursor(view.Value, Count)),
            ];
        }
    }

    /// <inheritdoc/>
    public override JsonObject Extras(Outcome outcome) => new() { ["nanosecondsPerRow"] = outcome.Ours.Timing.Median * 1000 / Count };

    /// <summary>The same rows and the same numbers, added up in the same order.</summary>
    public override void Check(Entrant entrant, double[] results, double[] ours) => RequireAgreement(entrant, results, ours, 0);

    private static IDataView Cached(IDataView view) => new MLContext(seed: 1).Data.Cache(view);
}
