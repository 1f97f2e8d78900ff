using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;

namespace Backprop.Audit;

/// <summary>Finds the kinks of a run: where a formula's condition is within its error of 0, and its derivative jumps there.</summary>
/// <remarks>
/// A unit is put on the other side by moving the number that its formulas read, by as little as does it: rounding could have done the
/// same. So every formula that reads it, of the value and of the derivative, is on one side with the others.
/// </remarks>
internal static class KinkFinder
{
    // Neighbouring numbers' derivatives differ by rounding where there is no jump.
    private const double Jump = 1e-13;

    /// <summary>The kinks, the nearest ones first, relative to how far rounding usually goes.</summary>
    /// <param name="run">The run.</param>
    /// <param name="loss">The network's loss.</param>
    public static IReadOnlyList<Kink> In(BoundedGraph run, Node loss)
    {
        var forward = new Topology([loss]);
        var kinks = new Dictionary<Place, Kink>();
        foreach (var (node, index) in run.Kinks)
        {
            // A formula's derivative as a graph has the formula's own conditions.
            if (node.Op is Map && !forward.Contains(node))
            {
                continue;
            }

            foreach (var (input, at, probe) in Probes(run, node, index))
            {
                var place = new Place(input, at);
                if (kinks.ContainsKey(place) || Near(run, place, Reach(run, node, index), probe) is not { } kink)
                {
                    continue;
                }

                kinks.Add(place, kink);
                break;
            }
        }

        return [.. kinks.Values.OrderBy(kink => kink.Distance / kink.Deviation)];
    }

    /// <summary>What a formula makes of another number in place of one that it reads: the path it takes, its value and slopes.</summary>
    private static IEnumerable<(Node Input, int Index, Func<double, Probed> Probe)> Probes(BoundedGraph run, Node node, int index)
    {
        switch (node.Op)
        {
            case Apply or ApplyGradient:
                var f = (node.Op as Apply)?.Function ?? ((ApplyGradient)node.Op).Function;
                yield return (node.Inputs[node.Op is Apply ? 0 : 1], index, number =>
                {
                    var (y, slope) = (f.Forward(new Plain(number)), f.Derivative(new Plain(number), f.Forward(new Plain(number))));
                    return new(y.Path + 31 * slope.Path, [y.Value, slope.Value]);
                }
                );
                break;
            case Map map:
                var numbers = node.Inputs.Select(input => run[input].Values[Repeated(run, node, input, index)]).ToArray();
                for (var i = 0; i < numbers.Length; i++)
                {
                    var which = i;
                    yield return (node.Inputs[i], Repeated(run, node, node.Inputs[i], index),
                        number => Of(map, [.. numbers.Select((one, k) => k == which ? number : one)]));
                }

                break;
            case MeanLossGradient { Loss: ElementwiseLoss loss }:
                var target = new Plain(run[node.Inputs[1]].Values[index]);
                yield return (node.Inputs[0], index, number => Probed.Of(loss.Formula.Derivative(new Plain(number), target)));
                break;
            case MeanLossGradient { Loss: QuantileLoss loss }:
                var pinball = new Pinball(loss.Levels[index % loss.Levels.Count]);
                var one = new Plain(run[node.Inputs[1]].Values[index / loss.Levels.Count]);
                yield return (node.Inputs[0], index, number => Probed.Of(pinball.Derivative(new Plain(number), one)));
                break;
            case MeanLossGradient { Loss: GaussianLoss }:
                var (columns, logits) = (node.Shape.Columns, run[node.Inputs[0]].Values);
                var (row, column) = (index / columns, index % columns % (columns / 2));
                var (mean, at) = (new Plain(logits[row * columns + column]), row * columns + columns / 2 + column);
                var t = new Plain(run[node.Inputs[1]].Values[row * (columns / 2) + column]);
                yield return (node.Inputs[0], at,
                    number => Probed.Of(GaussianLikelihood.MeanSlope(mean, new Plain(number), t),
                        GaussianLikelihood.LogVarianceSlope(mean, new Plain(number), t)));
                break;
        }
    }

    /// <summary>How far the numbers that a formula reads may be off together.</summary>
    private static double Reach(BoundedGraph run, Node node, int index) => Bounded.Float * (node.Op switch
    {
        Map => node.Inputs.Sum(input => run[input].Errors![Repeated(run, node, input, index)]),
        ApplyGradient => run[node.Inputs[1]].Errors![index],
        _ => run[node.Inputs[0]].Errors![index],
    });

    /// <summary>A formula's value and its partial derivatives.</summary>
    private static Probed Of(Map map, double[] numbers)
    {
        var (path, parts) = (0UL, new List<double>());
        for (var i = 0; i < numbers.Length; i++)
        {
            Dual<Plain> Variable(int k) => k < numbers.Length ? new(new(numbers[k]), k == i ? 1 : 0) : default;
            var (value, slope) = map.Read(Variable(0), Variable(1), Variable(2));
            (path, parts) = (path * 31 + value.Path + 7 * slope.Path, [.. parts, value.Value, slope.Value]);
        }

        return new(path, [.. parts]);
    }

    /// <summary>The index in an input that is repeated.</summary>
    private static int Repeated(BoundedGraph run, Node node, Node input, int index)
    {
        var (of, columns) = (run[input], run[node].Columns);
        return (of.Rows == 1 ? 0 : index / columns) * of.Columns + (of.Columns == 1 ? 0 : index % columns);
    }

    private static Kink? Near(BoundedGraph run, Place place, double reach, Func<double, Probed> probe)
    {
        var (value, own) = (run[place.Node].Values[place.Index], probe(run[place.Node].Values[place.Index]));
        var others = new List<Side>();
        foreach (var end in new[] { value - reach, value + reach })
        {
            if (probe(end).Path == own.Path)
            {
                continue;
            }

            // The nearest number on another path; it may be the kink itself.
            var (inside, outside) = (value, end);
            for (var middle = inside + (outside - inside) / 2; middle != inside && middle != outside; middle = inside + (outside - inside) / 2)
            {
                (inside, outside) = probe(middle).Path == own.Path ? (middle, outside) : (inside, middle);
            }

            var beyond = end > value ? Math.BitIncrement(outside) : Math.BitDecrement(outside);
            var (here, first, second) = (probe(inside), probe(outside), probe(beyond));
            var isBetween = first.IsApart(second, Jump);
            if (first.IsApart(here, Jump))
            {
                others.Add(new(outside, isBetween));
            }

            if (isBetween && second.IsApart(here, Jump))
            {
                others.Add(new(beyond, false));
            }
        }

        var matrix = run[place.Node];
        return others.Count == 0 ? null : new(
            place, place.Index / matrix.Columns, place.Index % matrix.Columns, value, reach,
            Bounded.Float * Math.Sqrt(matrix.Variances![place.Index]), others);
    }

    /// <summary>What a formula makes of a number.</summary>
    private sealed record Probed(ulong Path, double[] Parts)
    {
        public static Probed Of(params Plain[] parts) => new(parts.Aggregate(0UL, (path, part) => path * 31 + part.Path),
            [.. parts.Select(part => part.Value)]);

        public bool IsApart(Probed other, double jump)
            => Parts.Zip(other.Parts).Any(pair => Math.Abs(pair.First - pair.Second) > jump * (1 + Math.Abs(pair.First)));
    }
}
