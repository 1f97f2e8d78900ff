using Backprop.Audit.Bounds;
using Backprop.Models;

namespace Backprop.Audit;

/// <summary>All witnesses of one batch, and what comes of comparing them.</summary>
internal sealed class Comparison
{
    /// <summary>Beyond it others may leave float's range: a mean loss's sums are larger than its gradients, by as much as a batch has terms.</summary>
    public const double LargeInFloat = float.MaxValue / (1 << 20);

    private readonly NetworkBounds bounds;
    private readonly IReadOnlyList<Kink> kinks;
    private readonly Sides sides;
    private readonly (Witness Single, Witness Precise) ours;
    private readonly (Witness Single, Witness Precise)? theirs;
    private readonly Differences differences;
    private readonly Weights<double> weights;

    /// <summary>Runs the witnesses.</summary>
    public Comparison(
        Weights<float> start, Examples<float> batch, GradientsOf<float> single, GradientsOf<double> precise,
        GradientsOf<float>? torch, GradientsOf<double>? torchPrecise)
    {
        weights = start.To<double>();
        var wide = batch.To<double>();
        ours = (new(Tensors.Run(single, start, batch), Bounded.Float), new(Tensors.Run(precise, weights, wide), Bounded.Double));
        theirs = torch is null || torchPrecise is null ? null
            : (new(Tensors.Run(torch, start, batch), Bounded.Float), new(Tensors.Run(torchPrecise, weights, wide), Bounded.Double));
        bounds = new(weights, wide, start.Model.HasDropout ? new TorchRandom(GradientAudit.MaskSeed) : null);
        kinks = KinkFinder.In(bounds);
        sides = new(bounds, kinks);
        differences = new(bounds, weights);
        Report = Judge(start.Model, batch.Rows);
    }

    /// <summary>What comes of it.</summary>
    public GradientReport Report { get; }

    private GradientReport Judge(Model model, int rows)
    {
        var (mine, yours) = sides.FindBoth(ours.Single, theirs?.Single);
        var double64 = new Arbitration(bounds, sides, ours.Precise, theirs?.Precise, differences, weights);
        var tensors = bounds.Tensors.Select((bound, i) => Agreement(i, mine, yours, double64.Of(i))).ToArray();
        return new(
            model.ToString(), rows, ours.Single.Tensors[0].Values[0], theirs?.Single.Tensors[0].Values[0] ?? double.NaN, bounds.Tensors[0].Values[0],
            tensors, [.. KinkLines(mine, yours)])
        {
            OursBits = BitsOf(ours.Single) * 31 + BitsOf(ours.Precise),
            Overflows = bounds.Forward.Topology.Order.Any(node => Array.Exists(bounds.Forward[node].Values, value => Math.Abs(value) > LargeInFloat)),
        };
    }

    private TensorAgreement Agreement(int i, SidesTaken mine, SidesTaken? yours, Precise precise)
    {
        var (bound, judged, torch) = (mine.Bounds[i], mine.Judgements[i], yours?.Judgements[i]);
        var at = judged.Worst;
        // Beyond the range nobody's numbers say anything: of double, or of float where it has become none.
        var isFinite = Array.TrueForAll(bound.Values, IsSquarable) && Array.TrueForAll(bound.Errors, IsSquarable)
            && Array.TrueForAll(bound.Spreads, double.IsFinite);
        var overflows = isFinite && bounds.Run.Largest > LargeInFloat && !Array.TrueForAll(ours.Single.Tensors[i].Values, double.IsFinite);
        var verdict = !isFinite || (overflows && !precise.Verdict.IsAgainstUs) ? Verdict.Undecided
            : precise.Verdict is Verdict.OursWorse or Verdict.ReferenceDoubtful ? precise.Verdict
            : !judged.Holds ? mine.Explains(i, ours.Single) ? Verdict.Undecided : Verdict.OursWorse
            : precise.Verdict == Verdict.TheirsWorse || (torch is { Holds: false } && !yours!.Explains(i, theirs!.Value.Single)) ? Verdict.TheirsWorse
            : precise.Verdict;
        // What is infinite elsewhere bounds nothing here.
        verdict = verdict.IsAgainstUs && !bounds.IsFinite ? Verdict.Undecided : verdict;
        return new(
            bound.Name, bound.Rows, bound.Columns, judged.Error, torch?.Error ?? double.NaN, judged.Limit, at / bound.Columns, at % bound.Columns,
            ours.Single.Tensors[i].Values[at], theirs?.Single.Tensors[i].Values[at] ?? double.NaN, bound.Values[at], judged.WorstShare, verdict)
        {
            DoubleError = precise.Ours.Error,
            DoubleShare = precise.Ours.WorstShare,
            IsSampled = judged.IsSampled || torch?.IsSampled == true,
            WorstBound = judged.WorstBound,
            TorchWorst = torch is null ? null : ElementOf(torch, yours!.Bounds[i], ours.Single.Tensors[i].Values, theirs!.Value.Single.Tensors[i].Values),
            TorchLimit = torch?.Limit,
            TorchDoubleError = precise.Theirs?.Error,
            TorchDoubleShare = precise.Theirs?.WorstShare,
            DifferenceShare = precise.DifferenceShare,
            Reference = !isFinite || !bounds.IsFinite ? "The numbers leave the range of double." : overflows ? $"{precise.Words} The numbers leave the range of float." : precise.Words,
            Spread = ErrorSpread.Of(bound.Rows, bound.Columns, judged.Shares, torch?.Shares ?? []),
        };
    }

    /// <summary>Tells apart, but for chance, witnesses of which any bit differs.</summary>
    private static ulong BitsOf(Witness witness)
        => witness.Tensors.SelectMany(tensor => tensor.Values).Aggregate(17UL, (bits, value) => (bits ^ BitConverter.DoubleToUInt64Bits(value)) * 0x100000001B3 + 1);

    /// <summary>Theirs' worst element.</summary>
    internal static ElementAgreement ElementOf(Judgement theirs, BoundedTensor bound, double[] our, double[] their)
    {
        var at = theirs.Worst;
        return new(at / bound.Columns, at % bound.Columns, our[at], their[at], bound.Values[at], theirs.WorstBound, theirs.WorstShare);
    }

    /// <summary>Whether norms can be taken of a number.</summary>
    private static bool IsSquarable(double number) => Math.Abs(number) < 1e150;

    private IEnumerable<string> KinkLines(SidesTaken mine, SidesTaken? yours)
    {
        foreach (var kink in kinks)
        {
            if (kink.IsOpen || mine.Moved.ContainsKey(kink.Place) || yours?.Moved.ContainsKey(kink.Place) == true)
            {
                var (my, your) = (SideOf(kink, mine), yours is null ? null : SideOf(kink, yours));
                yield return FormattableString.Invariant(
                    $"Row {kink.Row}, unit {kink.Column} of {bounds.NameOf(kink.Place.Node)}: {kink.Value:G4} is within ±{kink.Margin:G2} of a kink; ")
                    + $"ours {my}{(your is null ? "" : $", libtorch {your}")}.";
            }
        }
    }

    private static string SideOf(Kink kink, SidesTaken sides) => sides.Reach is not null ? "could not be told"
        : !sides.Moved.TryGetValue(kink.Place, out var other) ? "is on the reference's side"
        : kink.Others.MinBy(side => Math.Abs(side.Number - other)).IsKink ? "is on the kink" : "is on the other side";
}
