using Backprop.Audit.Bounds;

namespace Backprop.Audit;

/// <summary>What one implementation gives in both precisions.</summary>
/// <param name="Single">In float.</param>
/// <param name="Precise">In double.</param>
internal sealed record Witnesses(Witness Single, Witness Precise);

/// <summary>All witnesses of the same numbers, of a pass or of a training step, beside the reference, and the verdict on each tensor.</summary>
internal sealed class Hearing
{
    /// <summary>Both sides of a comparison in double round.</summary>
    public const double BothRound = 2 * Bounded.Double;

    // Beyond it others may leave float's range: a mean loss's sums are larger than its gradients, by as much as a batch has terms.
    private const double LargeInFloat = float.MaxValue / (1 << 20);

    private readonly NetworkBounds network;
    private readonly IBoundedRun single;
    private readonly Witnesses ours;
    private readonly Witnesses? theirs;
    private readonly Sides sides;
    private readonly SidesTaken ourSides, ourSidesInDouble;
    private readonly SidesTaken? theirSides, theirSidesInDouble;
    private readonly Func<FormulaDoubt?> doubt;

    /// <summary>Finds the sides of kinks that everybody took.</summary>
    /// <param name="network">The network.</param>
    /// <param name="single">The reference, with bounds for float.</param>
    /// <param name="precise">The same with bounds for double.</param>
    /// <param name="ours">Ours.</param>
    /// <param name="theirs">Theirs; null without them.</param>
    /// <param name="doubt">Why the formulas cannot be relied on; null where they can.</param>
    public Hearing(NetworkBounds network, IBoundedRun single, IBoundedRun precise, Witnesses ours, Witnesses? theirs, Func<FormulaDoubt?> doubt)
    {
        (this.network, this.single, this.ours, this.theirs, this.doubt) = (network, single, ours, theirs, doubt);
        sides = new(single, network.Loss);
        var inDouble = single == precise ? sides : new(precise, network.Loss);
        (ourSides, theirSides) = sides.FindBoth(ours.Single, theirs?.Single);
        (ourSidesInDouble, theirSidesInDouble) = (inDouble.Find(ours.Precise), theirs is null ? null : inDouble.FindTheirs(theirs.Precise));
    }

    /// <summary>Of a tensor.</summary>
    /// <param name="i">Its number.</param>
    /// <param name="difference">Central differences of our loss; null where none are asked for.</param>
    public TensorAgreement Of(int i, Difference? difference = null)
    {
        double? Fit(Witnesses? of, SidesTaken? taken)
            => of is null || difference is not { Decides: true } ? null : difference.ShareOf(of.Precise.Tensors[i].Values, taken!.Bounds[i]);
        var (bound, judged, torch) = (ourSides.Bounds[i], ourSides.Judgements[i], theirSides?.Judgements[i]);
        var (judgedInDouble, torchInDouble) = (ourSidesInDouble.Judgements[i], theirSidesInDouble?.Judgements[i]);
        var fits = (Ours: Fit(ours, ourSidesInDouble), Theirs: Fit(theirs, theirSidesInDouble));
        var precise = Settlement.InDouble(new(judgedInDouble.Holds), torchInDouble is null ? null : new(torchInDouble.Holds), difference, fits, doubt);
        var settled = Settlement.InFloat(precise, Of(i, ourSides, ours.Single), theirSides is null ? null : Of(i, theirSides, theirs!.Single), RangeOf(i));
        var (at, numbers, others) = (judged.Worst, ours.Single.Tensors[i].Values, theirs?.Single.Tensors[i].Values);
        return new(
            bound.Name, bound.Rows, bound.Columns, judged.Error, torch?.Error, judged.Limit, at / bound.Columns, at % bound.Columns,
            numbers[at], others?[at], bound.Values[at], judged.WorstShare, settled.Verdict)
        {
            DoubleError = judgedInDouble.Error,
            DoubleShare = judgedInDouble.WorstShare,
            IsSampled = judged.IsSampled || torch?.IsSampled == true,
            WorstBound = judged.WorstBound,
            TorchWorst = torch is null ? null : ElementOf(torch, theirSides!.Bounds[i], numbers, others!),
            TorchLimit = torch?.Limit,
            TorchDoubleError = torchInDouble?.Error,
            TorchDoubleShare = torchInDouble?.WorstShare,
            DifferenceShare = fits.Ours,
            Reference = settled.Words,
        };
    }

    /// <summary>How the errors of a tensor's elements are spread.</summary>
    public ErrorSpread SpreadOf(int i)
        => ErrorSpread.Of(ourSides.Bounds[i].Rows, ourSides.Bounds[i].Columns, ourSides.Judgements[i].Shares, theirSides?.Judgements[i].Shares ?? []);

    /// <summary>Units at kinks, one line each, with the side that each took.</summary>
    public IEnumerable<string> Kinks
    {
        get
        {
            foreach (var kink in sides.AllKinks)
            {
                if (kink.IsOpen || ourSides.Moved.ContainsKey(kink.Place) || theirSides?.Moved.ContainsKey(kink.Place) == true)
                {
                    var (our, their) = (SideOf(kink, ourSides), theirSides is null ? null : SideOf(kink, theirSides));
                    yield return FormattableString.Invariant(
                        $"Row {kink.Row}, unit {kink.Column} of {network.NameOf(kink.Place.Node)}: {kink.Value:G4} is within ±{kink.Margin:G2} of a kink; ")
                        + $"ours {our}{(their is null ? "" : $", libtorch {their}")}.";
                }
            }
        }
    }

    private static Testimony Of(int i, SidesTaken taken, Witness witness)
        => taken.Judgements[i].Holds ? new(true) : new(false, taken.Explains(i, witness));

    private NumberRange RangeOf(int i)
    {
        var bound = ourSides.Bounds[i];
        bool IsNone(int k) => !Array.TrueForAll(ours.Single.Tensors[k].Values, double.IsFinite);
        var isInDouble = Array.TrueForAll(bound.Values, IsSquarable) && Array.TrueForAll(bound.Errors, IsSquarable)
            && Array.TrueForAll(bound.Variances, double.IsFinite);
        return !isInDouble ? NumberRange.BeyondDouble
            : !network.IsFinite ? NumberRange.ElsewhereBeyondDouble
            : single.Largest > LargeInFloat && single.Kin(i).Any(IsNone) ? NumberRange.BeyondFloat
            : NumberRange.Kept;
    }

    /// <summary>Whether norms can be taken of a number.</summary>
    private static bool IsSquarable(double number) => Math.Abs(number) < 1e150;

    /// <summary>Theirs' worst element.</summary>
    private static ElementAgreement ElementOf(Judgement theirs, BoundedTensor bound, double[] our, double[] their)
    {
        var at = theirs.Worst;
        return new(at / bound.Columns, at % bound.Columns, our[at], their[at], bound.Values[at], theirs.WorstBound, theirs.WorstShare);
    }

    private static string SideOf(Kink kink, SidesTaken sides) => sides.Reach is not null ? "could not be told"
        : !sides.Moved.TryGetValue(kink.Place, out var other) ? "is on the reference's side"
        : kink.Others.MinBy(side => Math.Abs(side.Number - other)).IsKink ? "is on the kink" : "is on the other side";

    /// <summary>Whether a number on the way to a loss leaves the range of float.</summary>
    public static bool Overflows(NetworkBounds network)
        => network.Forward.Topology.Order.Any(node => Array.Exists(network.Forward[node].Values, value => Math.Abs(value) > LargeInFloat));
}
