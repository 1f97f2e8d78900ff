using System.Text.Json.Nodes;
using Backprop.Audit;

namespace Backprop.Comparisons.Measuring;

/// <summary>What one entrant took.</summary>
internal sealed record Line(Entrant Entrant, Timing Timing, double[] Results);

/// <summary>A case that was measured.</summary>
/// <param name="Case">What was done.</param>
/// <param name="Lines">Every entrant that could run, in the case's order.</param>
/// <param name="Missing">Why others could not.</param>
/// <param name="Peak">GFLOP/s of one core's fused multiply-adds, the best of the same rounds; 0 where it does not matter.</param>
/// <param name="Rounds">Turns of each.</param>
internal sealed record Outcome(Case Case, IReadOnlyList<Line> Lines, IReadOnlyList<string> Missing, double Peak, int Rounds)
{
    private JsonObject? extras;

    /// <summary>What else the case says of it, computed once: it may take work.</summary>
    public JsonObject Extras => extras ??= Case.Extras(this);

    /// <summary>The engine at its best number of threads.</summary>
    public Line Ours => Best(Library.Engine)!;

    /// <summary>The libraries that competed.</summary>
    public IEnumerable<Library> Others => Lines.Select(l => l.Entrant.Library).Distinct().Where(l => l != Library.Engine && l != Library.Forward);

    /// <summary>The widest spread among those whose times make the ratios: how far these can be trusted.</summary>
    public double Spread => Others.Select(l => Best(l)!).Append(Ours).Max(l => l.Timing.Spread);

    /// <summary>Arithmetic per second at the engine's best.</summary>
    public double? Gflops => Case.Gflops(Ours.Timing.Median);

    /// <summary>That relative to the peak of as many cores.</summary>
    public double? ShareOfPeak => Share(Ours);

    /// <summary>The same on one thread.</summary>
    public double? ShareOfPeakOneThread => Share(On(Library.Engine, 1));

    /// <summary>
    /// The time of the backward pass over that of the forward pass, on one thread: (step − forward) / forward. The update is part of the
    /// backward pass, into which the engine fuses it; the loss is part of the forward pass.
    /// </summary>
    public double? BackwardForward
        => On(Library.Forward, 1) is { } forward && On(Library.Engine, 1) is { } step
            ? (step.Timing.Median - forward.Timing.Median) / forward.Timing.Median
            : null;

    /// <summary>A library at the number of threads where it is fastest; null if it did not run.</summary>
    public Line? Best(Library library) => Lines.Where(l => l.Entrant.Library == library).MinBy(l => l.Timing.Median);

    /// <summary>A library on that many threads; null if it did not run so.</summary>
    public Line? On(Library library, int threads) => Lines.FirstOrDefault(l => l.Entrant.Library == library && l.Entrant.Threads == threads);

    /// <summary>How many times as fast the engine's best is.</summary>
    public double? Ratio(Line? other) => other?.Timing.Median / Ours.Timing.Median;

    private double? Share(Line? line) => Peak > 0 && line is not null ? Case.Gflops(line.Timing.Median) / (Peak * line.Entrant.Threads) : null;
}
