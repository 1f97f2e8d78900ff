using Backprop.Audit.Bounds;

namespace Backprop.Audit;

/// <summary>Tells which side of its kinks a witness took: the sides of the reference's units with which it agrees.</summary>
/// <param name="bounds">The reference.</param>
/// <param name="kinks">Its kinks, the most doubtful first.</param>
internal sealed class Sides(IBoundedRun bounds, IReadOnlyList<Kink> kinks)
{
    // Where that many do not explain a difference, more would explain anything.
    private const int MostTried = 48;

    // All combinations of a few: at most 3⁴.
    private const int Few = 4;

    /// <summary>Looks for the sides of both: each alone, then beside the other, which has at most the same kinks to settle.</summary>
    public (SidesTaken Mine, SidesTaken? Yours) FindBoth(Witness ours, Witness? theirs)
    {
        var (mine, yours) = (Find(ours, null), theirs is null ? null : Find(theirs, null));
        return (Find(ours, yours?.Judgements), yours is null ? null : Find(theirs!, mine.Judgements));
    }

    /// <summary>Looks for the sides.</summary>
    /// <param name="witness">The witness.</param>
    /// <param name="other">The other library's numbers judged, or null.</param>
    public SidesTaken Find(Witness witness, IReadOnlyList<Judgement>? other)
    {
        var start = Try(witness, other, bounds.Run, []);
        if (start.Holds || kinks.Count == 0)
        {
            return start;
        }

        var tried = kinks.Take(MostTried).ToList();
        var (best, reach) = (start, bounds.Tensors.Select(tensor => new double[tensor.Values.Length]).ToArray());
        for (var round = 0; round < 2 && !best.Holds; round++)
        {
            var before = best;
            foreach (var kink in tried)
            {
                foreach (var side in kink.Others)
                {
                    var trial = Try(witness, other, bounds.Run, new(best.Moved) { [kink.Place] = side.Number });
                    if (round == 0 && kink.IsOpen)
                    {
                        AddChanges(reach, trial.Bounds, start.Bounds);
                    }

                    best = trial.Misfit < best.Misfit ? trial : best;
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
            best = Combinations(tried).Select(moved => Try(witness, other, bounds.Run, moved)).FirstOrDefault(trial => trial.Holds) ?? best;
        }

        return best.Holds ? best : start with { Reach = reach };
    }

    private SidesTaken Try(Witness witness, IReadOnlyList<Judgement>? other, BoundedGraph run, Dictionary<Place, double> moved)
    {
        var tensors = moved.Count == 0 ? bounds.Tensors : bounds.TensorsOf(run.Moved(moved));
        return new(moved, tensors, witness.Judge(tensors, other), MisfitOf(witness, tensors));
    }

    /// <summary>Every choice of sides.</summary>
    private static IEnumerable<Dictionary<Place, double>> Combinations(IReadOnlyList<Kink> of) => of.Aggregate(
        (IEnumerable<Dictionary<Place, double>>)[[]],
        (choices, kink) => choices.SelectMany(choice => kink.Others.Select(side => new Dictionary<Place, double>(choice) { [kink.Place] = side.Number }).Prepend(choice)));

    /// <summary>Σ (error / what is usual)²; what a unit on the wrong side changes stands out.</summary>
    private static double MisfitOf(Witness witness, IReadOnlyList<BoundedTensor> bounds)
    {
        var sum = 0.0;
        foreach (var (tensor, bound) in witness.Tensors.Zip(bounds))
        {
            for (var i = 0; i < bound.Values.Length; i++)
            {
                var (error, usual) = (Math.Abs(tensor.Values[i] - bound.Values[i]), witness.Unit * Math.Sqrt(bound.Spreads[i]));
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
/// <param name="Misfit">How far all numbers are from it together.</param>
internal sealed record SidesTaken(Dictionary<Place, double> Moved, IReadOnlyList<BoundedTensor> Bounds, Judgement[] Judgements, double Misfit)
{
    /// <summary>How far the units whose sides could not be told may change each number; null where they were told.</summary>
    public double[][]? Reach { get; init; }

    /// <summary>Whether the witness agrees with the reference in all tensors.</summary>
    public bool Holds => Judgements.All(judgement => judgement.Holds);

    /// <summary>Whether the units whose sides could not be told explain what a tensor is off by.</summary>
    public bool Explains(int tensor, Witness witness)
    {
        if (Reach is null)
        {
            return false;
        }

        var (bound, numbers, reach) = (Bounds[tensor], witness.Tensors[tensor].Values, Reach[tensor]);
        var rest = new double[numbers.Length];
        for (var i = 0; i < rest.Length; i++)
        {
            var error = numbers[i] - bound.Values[i];
            rest[i] = bound.Values[i] + Math.Sign(error) * Math.Max(0, Math.Abs(error) - reach[i]);
        }

        return Array.TrueForAll(numbers, double.IsFinite) && Criteria.Judge(rest, bound, witness.Unit).Holds;
    }
}
