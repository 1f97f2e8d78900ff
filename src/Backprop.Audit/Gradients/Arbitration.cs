using Backprop.Audit.Bounds;
using Backprop.Models;

namespace Backprop.Audit;

/// <summary>What the witnesses in double say of a tensor.</summary>
/// <param name="Ours">Ours beside the plain loops.</param>
/// <param name="Theirs">Theirs; null without them.</param>
/// <param name="DifferenceShare">How far ours is from central differences, as a share of what both may be off; null where there are none.</param>
/// <param name="Verdict">Agrees, or who is worse, or that the reference is doubtful.</param>
/// <param name="Words">Who agrees with whom.</param>
internal sealed record Precise(Judgement Ours, Judgement? Theirs, double? DifferenceShare, Verdict Verdict, string Words);

/// <summary>Settles disputes between the witnesses in double.</summary>
/// <remarks>
/// Ours and theirs are held to the plain loops, whose formulas and rules of differentiation are ours: they would share a mistake. So where
/// theirs differs, central differences of our loss decide about a derivative's rule; and about a value, a second text of its formula.
/// Without theirs and without differences nothing checks a rule, and nothing is decided.
/// </remarks>
internal sealed class Arbitration
{
    // Both sides of a comparison round.
    private const double BothRound = 2 * Bounded.Double;

    private readonly NetworkBounds bounds;
    private readonly Witness ours;
    private readonly Witness? theirs;
    private readonly Differences differences;
    private readonly Weights<double> weights;
    private readonly SidesTaken mine;
    private readonly SidesTaken? yours;

    /// <summary>Finds the sides of kinks that both took.</summary>
    public Arbitration(NetworkBounds bounds, Sides sides, Witness ours, Witness? theirs, Differences differences, Weights<double> weights)
    {
        (this.bounds, this.differences, this.weights) = (bounds, differences, weights);
        this.ours = ours with { Unit = BothRound };
        this.theirs = theirs is null ? null : theirs with { Unit = BothRound };
        (mine, yours) = (sides.Find(this.ours), this.theirs is null ? null : sides.Find(this.theirs));
    }

    /// <summary>Of one tensor.</summary>
    public Precise Of(int i)
    {
        var (my, your) = (mine.Judgements[i], yours?.Judgements[i]);
        var difference = i < 2 ? Difference.None("There is no gradient.") : differences.Along(weights.Tensors.Where(tensor => tensor.Learned).ElementAt(i - 2));
        double? Share(Witness? of, SidesTaken? taken) => of is null || !difference.Decides ? null : difference.ShareOf(of.Tensors[i].Values, taken!.Bounds[i]);
        var (myShare, yourShare) = (Share(ours, mine), Share(theirs, yours));
        var (verdict, words) = Settle(my.Holds, your?.Holds, myShare <= 1, yourShare <= 1, i < 2 ? null : difference);
        return new(my, your, myShare, verdict, words);
    }

    private (Verdict Verdict, string Words) Settle(bool mineHolds, bool? yoursHolds, bool mineFits, bool yoursFits, Difference? difference)
    {
        const string All = "All witnesses in double agree";
        var decides = difference?.Decides == true;
        switch (mineHolds, yoursHolds)
        {
            case (true, null) when difference?.Missing is { } missing:
                return (Verdict.Undecided, $"Ours and the plain loops agree in double, but share their rules, which nobody else checks: there is no libtorch, and no central difference. {missing}");
            case (true, true or null) when !decides || mineFits:
                return (Verdict.Agrees, difference?.Missing is { } why ? $"{All}, but for central differences, of which there are none. {why}" : $"{All}.");
            case (true, null):
                return (Verdict.OursWorse, "Central differences of our loss contradict our gradient.");
            case (true, true):
                // Two rules that nobody wrote together: the differences are too rough here.
                return (Verdict.Agrees, "Ours, theirs and the plain loops agree in double; central differences of our loss are further off.");
            case (true, false) when decides:
                return mineFits && !yoursFits ? (Verdict.TheirsWorse, "Plain loops and central differences side with ours.")
                    : !mineFits && yoursFits ? (Verdict.OursWorse, "Central differences side with theirs.")
                    : FormulasDecide();
            case (true, false):
                return FormulasDecide();
            case (false, true):
                return decides && mineFits && !yoursFits
                    ? (Verdict.ReferenceDoubtful, "Plain loops side with theirs, central differences with ours.")
                    : (Verdict.OursWorse, "Plain loops side with theirs.");
            case (false, null):
                return (Verdict.OursWorse, "Plain loops contradict ours.");
            default:
                return (Verdict.ReferenceDoubtful, "Neither agrees with the plain loops.");
        }
    }

    /// <summary>Plain loops side with ours; if the formulas are what their second text says, that is theirs to answer for.</summary>
    private (Verdict Verdict, string Words) FormulasDecide() => Definitions.Contradiction(bounds.Model) is { } contradiction
        ? (contradiction.IsKnown ? Verdict.OursWorse : Verdict.ReferenceDoubtful, contradiction.Words)
        : (Verdict.TheirsWorse, "Plain loops side with ours, and so does a second text of every formula.");
}
