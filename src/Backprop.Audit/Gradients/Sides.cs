using Backprop.Audit.Bounds;
using Backprop.Graph;

namespace Backprop.Audit;

/// <summary>Tells which side of its kinks a witness took: the sides of the reference's units with which it agrees.</summary>
/// <remarks>
/// Ours is held to what our formulas make of rounding; libtorch, where that does not do, to what its own make, which cancel where ours do not.
/// Then its errors say nothing of ours.
/// </remarks>
internal sealed class Sides
{
    // Where there are more, nothing can be told.
    private const int MostTried = 48;

    // All combinations of a few: at most 3⁴.
    private const int Few = 4;

    private readonly IBoundedRun bounds;
    private readonly IReadOnlyList<Kink> kinks;

    // Equal numbers of a unit, as of a constant column, are on one side.
    private readonly IReadOnlyList<Kink[]> groups;

    private readonly Lazy<BoundedGraph> plain;
    private readonly Dictionary<(Kink, Side), IReadOnlyList<BoundedTensor>> alone = [];
    private readonly Lazy<IReadOnlyList<ErrorSamples>> unmoved;
    private readonly Lazy<Sides?> ofTheirs;

    /// <summary>Finds the kinks.</summary>
    /// <param name="bounds">The reference.</param>
    /// <param name="loss">The network's loss.</param>
    public Sides(IBoundedRun bounds, Node loss)
    {
        (this.bounds, kinks) = (bounds, KinkFinder.In(bounds.Run, loss));
        groups = [.. kinks.GroupBy(kink => (kink.Place.Node, kink.Column, kink.Value)).Select(group => group.ToArray())];
        (plain, unmoved) = (new(bounds.Run.WithoutErrors), new(() => ErrorSamples.Of(bounds, bounds.Run)));
        ofTheirs = new(() => bounds.OfTheirs is { } other ? new(other, loss) : null);
    }

    /// <summary>The kinks, the most doubtful first; behind them those of libtorch's formulas alone, if it was held to them.</summary>
    public IEnumerable<Kink> AllKinks => ofTheirs is { IsValueCreated: true, Value: { } other } ? kinks.UnionBy(other.kinks, kink => kink.Place) : kinks;

    /// <summary>Looks for the sides.</summary>
    /// <param name="witness">The witness.</param>
    public SidesTaken Find(Witness witness)
    {
        var start = Try(witness, []);
        if (kinks.Count == 0 || start.Judgements.All(judgement => judgement.IsPossible))
        {
            start = Sampled(witness, start);
        }

        if (start.Holds || kinks.Count == 0)
        {
            return start;
        }

        var tried = groups.Take(MostTried).ToList();
        var (best, misfit) = (start, MisfitOf(witness, start.Bounds, start.Bounds));
        var reach = start.Bounds.Select(tensor => new double[tensor.Values.Length]).ToArray();
        for (var round = 0; round < 2 && !best.Holds; round++)
        {
            var before = best;
            foreach (var group in tried)
            {
                foreach (var side in group[0].Others)
                {
                    var moved = With(best.Moved, group, side);
                    var numbers = best.Moved.Count == 0 ? Alone(group, side) : bounds.TensorsOf(plain.Value.Moved(moved));
                    if (round == 0 && group[0].IsOpen)
                    {
                        AddChanges(reach, numbers, start.Bounds);
                    }

                    if (MisfitOf(witness, numbers, start.Bounds) is var other && other < misfit)
                    {
                        (best, misfit) = (Try(witness, moved), other);
                    }
                }

                if (best.Holds)
                {
                    return best;
                }
            }

            if (best == before)
            {
                break;
            }
        }

        if (!best.Holds && tried.Count <= Few)
        {
            best = Combinations(tried).Select(moved => Try(witness, moved)).FirstOrDefault(trial => trial.Holds) ?? best;
        }

        best = Sampled(witness, best);
        return best.Holds ? best : start with { Reach = reach, IsBeyondTelling = groups.Skip(MostTried).Any(group => group[0].IsOpen), Nearest = best };
    }

    /// <summary>Looks for libtorch's sides.</summary>
    /// <param name="witness">libtorch.</param>
    public SidesTaken FindTheirs(Witness witness)
    {
        var taken = Find(witness);
        return taken.Holds || ofTheirs.Value is not { } other ? taken : other.Find(witness) with { IsOfTheirs = true };
    }

    /// <summary>Looks for the sides of both: each alone, then beside the other.</summary>
    public (SidesTaken Mine, SidesTaken? Yours) FindBoth(Witness ours, Witness? theirs)
    {
        var (ourSides, theirSides) = (Find(ours), theirs is null ? null : FindTheirs(theirs));
        return (
            Beside(ours, ourSides, theirSides is { IsOfTheirs: true } ? null : theirSides),
            theirSides is null ? null : Beside(theirs!, theirSides, ourSides));
    }

    /// <summary>Judges by the other library's errors as well.</summary>
    private static SidesTaken Beside(Witness witness, SidesTaken taken, SidesTaken? other)
    {
        SidesTaken Again(SidesTaken one) => one with { Judgements = witness.Judge(one.Bounds, other?.Judgements, one.Samples) };
        return taken.Nearest is { } nearest && Again(nearest) is { Holds: true } holding ? holding : Again(taken);
    }

    /// <summary>Judges by samples of errors in float where independent roundings do not explain them.</summary>
    private SidesTaken Sampled(Witness witness, SidesTaken taken)
    {
        if (taken.Holds || taken.Samples is not null || witness.Unit < Bounded.Float)
        {
            return taken;
        }

        var samples = taken.Moved.Count == 0 ? unmoved.Value : ErrorSamples.Of(bounds, bounds.Run.Moved(taken.Moved));
        return taken with { Judgements = witness.Judge(taken.Bounds, null, samples), Samples = samples };
    }

    /// <summary>What one group on another side makes of the reference: the same for every witness.</summary>
    private IReadOnlyList<BoundedTensor> Alone(Kink[] group, Side side)
        => alone.TryGetValue((group[0], side), out var known) ? known
            : alone[(group[0], side)] = bounds.TensorsOf(plain.Value.Moved(With(new Dictionary<Place, double>(), group, side)));

    private SidesTaken Try(Witness witness, Dictionary<Place, double> moved)
    {
        var tensors = moved.Count == 0 ? bounds.Tensors : bounds.TensorsOf(bounds.Run.Moved(moved));
        return new(moved, tensors, witness.Judge(tensors));
    }

    /// <summary>Every choice of sides.</summary>
    private static IEnumerable<Dictionary<Place, double>> Combinations(IReadOnlyList<Kink[]> of) => of.Aggregate(
        (IEnumerable<Dictionary<Place, double>>)[[]],
        (choices, group) => choices.SelectMany(choice => group[0].Others.Select(side => With(choice, group, side)).Prepend(choice)));

    private static Dictionary<Place, double> With(IReadOnlyDictionary<Place, double> moved, Kink[] group, Side side)
    {
        var result = new Dictionary<Place, double>(moved);
        foreach (var kink in group)
        {
            result[kink.Place] = side.Number;
        }

        return result;
    }

    /// <summary>Σ (error / what is usual)²; what a unit on the wrong side changes stands out.</summary>
    private static double MisfitOf(Witness witness, IReadOnlyList<BoundedTensor> numbers, IReadOnlyList<BoundedTensor> bounds)
    {
        var sum = 0.0;
        foreach (var ((tensor, reference), bound) in witness.Tensors.Zip(numbers).Zip(bounds))
        {
            for (var i = 0; i < bound.Values.Length; i++)
            {
                var (error, usual) = (Math.Abs(tensor.Values[i] - reference.Values[i]), witness.Unit * Math.Sqrt(bound.Variances[i]));
                sum += error == 0 ? 0 : error * error / (usual * usual + witness.Unit * witness.Unit);
            }
        }

        return sum;
    }

    private static void AddChanges(double[][] reach, IReadOnlyList<BoundedTensor> to, IReadOnlyList<BoundedTensor> from)
    {
        for (var k = 0; k < reach.Length; k++)
        {
            for (var i = 0; i < reach[k].Length; i++)
            {
                reach[k][i] += Math.Abs(to[k].Values[i] - from[k].Values[i]);
            }
        }
    }
}

/// <summary>The sides a witness took, as far as they can be told.</summary>
/// <param name="Moved">The numbers of the reference that had to be put on the other side.</param>
/// <param name="Bounds">The reference, so put.</param>
/// <param name="Judgements">The witness beside it.</param>
internal sealed record SidesTaken(Dictionary<Place, double> Moved, IReadOnlyList<BoundedTensor> Bounds, Judgement[] Judgements)
{
    /// <summary>Sampled errors of every tensor; null where independent roundings explain all.</summary>
    public IReadOnlyList<ErrorSamples>? Samples { get; init; }

    /// <summary>Whether it is held to what libtorch's formulas make of rounding.</summary>
    public bool IsOfTheirs { get; init; }

    /// <summary>Whether more units are at kinks than were tried.</summary>
    public bool IsBeyondTelling { get; init; }

    /// <summary>The sides that come nearest, where none explain all.</summary>
    public SidesTaken? Nearest { get; init; }

    /// <summary>How far the units whose sides could not be told may change each number; null where they were told.</summary>
    public double[][]? Reach { get; init; }

    /// <summary>Whether the witness agrees with the reference in all tensors.</summary>
    public bool Holds => Judgements.All(judgement => judgement.Holds);

    /// <summary>Whether what could not be told explains what a tensor is off by: units' sides, or errors so large that formulas bend.</summary>
    public bool Explains(int tensor, Witness witness)
    {
        if (!Array.TrueForAll(witness.Tensors[tensor].Values, double.IsFinite))
        {
            return false;
        }

        var isOpen = IsBeyondTelling || (Samples ?? Nearest?.Samples)?[tensor].AreBent == true;
        if (isOpen || Reach is null)
        {
            return isOpen;
        }

        var (bound, numbers, reach) = (Bounds[tensor], witness.Tensors[tensor].Values, Reach[tensor]);
        var rest = new double[numbers.Length];
        for (var i = 0; i < rest.Length; i++)
        {
            var error = numbers[i] - bound.Values[i];
            rest[i] = bound.Values[i] + Math.Sign(error) * Math.Max(0, Math.Abs(error) - reach[i]);
        }

        return Criteria.Judge(rest, bound, witness.Unit, null, Samples?[tensor]).Holds;
    }
}
