using Backprop.Audit.Bounds;
using Backprop.Models;

namespace Backprop.Audit;

/// <summary>All witnesses of one training step, and what comes of comparing them.</summary>
internal sealed class StepJudge
{
    // Both sides of a comparison in double round.
    private const double BothRound = 2 * Bounded.Double;

    // PyTorch's optimizers may take two operations for one of the formula's: NAdam's weights move twice in a step.
    private const double TheirRoundings = 2;

    private readonly NetworkBounds network;
    private readonly UpdateBounds inFloat, inDouble;
    private readonly MeantUpdate update;
    private readonly double largest;

    /// <summary>Runs the reference.</summary>
    /// <param name="weights">The weights before the step.</param>
    /// <param name="memory">What the optimizer remembers before it.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="masks">The stream of dropout's masks.</param>
    /// <param name="update">The update as it should be.</param>
    public StepJudge(Weights<double> weights, IReadOnlyList<Weights<double>> memory, Examples<double> batch, TorchRandom masks, MeantUpdate update)
    {
        this.update = update;
        network = NetworkOf(weights, batch, masks);
        (inFloat, inDouble) = (new(network, weights, memory, update, Bounded.Float), new(network, weights, memory, update, BothRound));
        largest = inFloat.Tensors.Max(tensor => tensor.Values.Max(Math.Abs));
        largest = Math.Max(largest, network.Run.Largest);
    }

    /// <summary>The network on the batch, by plain loops.</summary>
    public static NetworkBounds NetworkOf(Weights<double> weights, Examples<double> batch, TorchRandom masks)
        => new(weights, batch, weights.Model.HasDropout ? masks : null);

    /// <summary>Judges.</summary>
    /// <param name="ours">The engine in float.</param>
    /// <param name="precise">The engine in double.</param>
    /// <param name="theirs">libtorch in float, or null.</param>
    /// <param name="theirsPrecise">libtorch in double, or null.</param>
    /// <returns>The tensor with the worst verdict.</returns>
    public StepAgreement Of(StepNumbers ours, StepNumbers precise, StepNumbers? theirs, StepNumbers? theirsPrecise)
    {
        var kinks = KinkFinder.In(network);
        static Witness? Theirs(StepNumbers? numbers, UpdateBounds bounds)
        {
            var witness = numbers is null ? null : bounds.WitnessOf(numbers);
            return witness is null ? null : witness with { Unit = TheirRoundings * witness.Unit };
        }

        var (our, their) = (inFloat.WitnessOf(ours), Theirs(theirs, inFloat));
        var (mine, yours) = new Sides(inFloat, kinks).FindBoth(our, their);
        var (mine64, yours64) = new Sides(inDouble, kinks).FindBoth(inDouble.WitnessOf(precise), Theirs(theirsPrecise, inDouble));
        return StepReport.WorstOf(inFloat.Tensors.Select((_, i) =>
        {
            var (verdict, reason) = Settle(i, our, mine, yours, mine64, yours64);
            var (bound, judged) = (mine.Bounds[i], mine.Judgements[i]);
            var at = judged.Worst;
            return new StepAgreement(
                (int)update.Step, bound.Name, at / bound.Columns, at % bound.Columns,
                our.Tensors[i].Values[at], their?.Tensors[i].Values[at] ?? double.NaN, bound.Values[at],
                judged.WorstShare, mine64.Judgements[i].WorstShare, verdict, reason)
            {
                Bound = judged.WorstBound,
                TorchWorst = yours is null ? null
                    : Comparison.ElementOf(yours.Judgements[i], yours.Bounds[i], our.Tensors[i].Values, their!.Tensors[i].Values),
            };
        }));
    }

    private (Verdict Verdict, string Reason) Settle(int i, Witness ours, SidesTaken mine, SidesTaken? yours, SidesTaken mine64, SidesTaken? yours64)
    {
        var bound = mine.Bounds[i];
        if (!network.IsFinite || !Array.TrueForAll(bound.Values, double.IsFinite) || !Array.TrueForAll(bound.Errors, double.IsFinite))
        {
            return (Verdict.Undecided, "The numbers leave the range of double.");
        }

        return (mine64.Judgements[i].Holds, yours64?.Judgements[i].Holds, mine.Judgements[i].Holds, yours?.Judgements[i].Holds) switch
        {
            (false, false, _, _) => (Verdict.ReferenceDoubtful, "Neither library agrees with the plain loops in double."),
            (false, true, _, _) => (Verdict.OursWorse, "In double the plain loops side with libtorch."),
            (false, null, _, _) => (Verdict.OursWorse, "In double the plain loops contradict ours."),
            (true, _, false, _) when largest > Comparison.LargeInFloat => (Verdict.Undecided, "The numbers leave the range of float."),
            (true, _, false, _) when mine.Explains(i, ours) => (Verdict.Undecided, "Units at a kink explain it, whose sides cannot be told."),
            (true, _, false, _) => (Verdict.OursWorse, "In double all is well, in float rounding does not explain it."),
            (true, false, true, _) => (Verdict.TheirsWorse, "In double the plain loops side with ours."),
            (true, _, true, false) => (Verdict.TheirsWorse, "libtorch's float is further off than rounding explains."),
            _ => (Verdict.Agrees, "All witnesses agree."),
        };
    }
}
