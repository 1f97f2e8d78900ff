using Backprop.Models;

namespace Backprop.Audit;

/// <summary>Holds claimed gradients to slopes of the function itself, and finds the element that is wrong.</summary>
/// <remarks>
/// A small tensor is looked at element by element, a large one along three random directions of numbers of ±[1/2, 1]: an error of one
/// element shows in each by half of it at least. Two that cancel, as those of swapped elements do, are left with |v − w| of it: less than a
/// hundredth in all three directions with a probability of (½ (1 − 0.98²))³ = 8e-6. A wrong one is found by halving the tensor, again and
/// again, on the side that is farther out.
/// </remarks>
internal sealed class SlopeSearch
{
    private const int FewElements = 24, Directions = 3;

    // Of the largest number of all gradients: what a bound may be at most to tell, of one element, and of many moved at once. With that, one
    // of many which is off by twice as much shows, as it is moved by half at least: by 1/32 of the largest number.
    private const double Decisive = 1.0 / 1024, DecisiveTogether = 1.0 / 64;

    private const double FirstStep = 1.0 / 64;

    // Random numbers below 2³² become some below ½.
    private const double HalfOfAll = 0.5 / (1L << 32);

    private readonly IReadOnlyList<Claim> claims;
    private readonly Func<IReadOnlyList<double[]>, double> value;
    private readonly double here, noise, size;
    private readonly bool isRepeatable;
    private readonly TorchRandom random = new(11);

    /// <summary>Runs the function a few times where every number is off by a rounding, to learn how far its values may be.</summary>
    /// <param name="claims">The claimed gradients, one for each tensor.</param>
    /// <param name="value">The function of the tensors' numbers.</param>
    /// <param name="unit">Roundoff of the precision it computes in.</param>
    public SlopeSearch(IReadOnlyList<Claim> claims, Func<IReadOnlyList<double[]>, double> value, double unit)
    {
        (this.claims, this.value) = (claims, value);
        var allowance = Shaking.AllowanceOf(claims.Max(claim => claim.Columns));
        here = Value([.. claims.Select(claim => claim.Numbers)]);
        isRepeatable = here.Equals(Value([.. claims.Select(claim => claim.Numbers)]));
        foreach (var moved in new Shaking(random, unit).Run([.. claims.Select(claim => claim.Numbers)], Value))
        {
            noise = Math.Max(noise, allowance * Math.Abs(moved - here));
        }

        noise += unit * Math.Abs(here);
        var largest = claims.SelectMany(claim => claim.Gradient).Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max();
        // Where all slopes are 0, the value is all there is to compare with.
        size = largest > 0 ? largest : Math.Abs(here);
    }

    /// <summary>The function's value where gradients are taken.</summary>
    public double Here => here;

    /// <summary>The worst of a tensor: its element farthest out of bound, or the slope that comes nearest to it.</summary>
    public Sighting Check(int tensor)
    {
        var claim = claims[tensor];
        if (!isRepeatable)
        {
            return new([0], [1], claim.Gradient[0], double.NaN, 0, double.PositiveInfinity, false, 0) { IsRepeatable = false };
        }

        var none = Array.FindIndex(claim.Gradient, g => !double.IsFinite(g));
        if (none >= 0)
        {
            return Look(tensor, [none], [1]) with { Share = double.PositiveInfinity };
        }

        if (claim.Numbers.Length <= FewElements)
        {
            return Worst(Enumerable.Range(0, claim.Numbers.Length).Select(i => Look(tensor, [i], [1])));
        }

        int[] all = [.. Enumerable.Range(0, claim.Numbers.Length)];
        var worst = Worst(Enumerable.Range(0, Directions)
            .Select(_ => Look(tensor, all, [.. all.Select(_ => random.NextSign() * (0.5 + random.NextUInt32() * HalfOfAll))])));
        while (worst is { Share: > 1, Elements.Length: > 1 })
        {
            var (half, direction) = (worst.Elements.Length / 2, worst.Direction);
            var part = Worst([Look(tensor, worst.Elements[..half], direction[..half]), Look(tensor, worst.Elements[half..], direction[half..])]);
            if (!(part.Share > 1))
            {
                break;
            }

            worst = part;
        }

        return worst;
    }

    private static Sighting Worst(IEnumerable<Sighting> sightings)
    {
        var all = sightings.ToList();
        return all.MaxBy(sighting => sighting.Share)! with
        {
            Kinks = all.Sum(sighting => sighting.Kinks),
            IsDecided = all.TrueForAll(sighting => sighting.IsDecided),
        };
    }

    private Sighting Look(int tensor, int[] elements, double[] direction)
    {
        var claim = claims[tensor];
        var (claimed, rounding, squares) = (0.0, 0.0, 0.0);
        for (var i = 0; i < elements.Length; i++)
        {
            claimed += direction[i] * claim.Gradient[elements[i]];
            rounding += Math.Abs(direction[i]) * claim.Errors[elements[i]];
            squares += claim.Numbers[elements[i]] * claim.Numbers[elements[i]];
        }

        var numbers = claims.Select(of => of.Numbers).ToArray();
        var slope = Slope.Of(
            distance =>
            {
                var moved = (double[])claim.Numbers.Clone();
                for (var i = 0; i < elements.Length; i++)
                {
                    moved[elements[i]] += distance * direction[i];
                }

                numbers[tensor] = moved;
                return Value(numbers);
            },
            here, noise, FirstStep * Math.Max(1, Math.Sqrt(squares / elements.Length)));

        var bound = slope.Bound + rounding;
        var error = Math.Abs(claimed - slope.Value);
        return new(
            elements, direction, claimed, slope.Value, bound, error == 0 ? 0 : double.IsNaN(error) ? double.PositiveInfinity : error / bound,
            bound <= (elements.Length == 1 ? Decisive : DecisiveTogether) * size, slope.IsKink ? 1 : 0);
    }

    private double Value(IReadOnlyList<double[]> numbers) => value(numbers);
}

/// <summary>A claimed slope beside the one that was found.</summary>
/// <param name="Elements">The elements that were moved.</param>
/// <param name="Direction">How far each, for a distance of 1.</param>
/// <param name="Claimed">What the gradient says.</param>
/// <param name="Slope">What differences say.</param>
/// <param name="Bound">How far apart they may be.</param>
/// <param name="Share">How far they are, as a share of that; above 1 the claim is wrong.</param>
/// <param name="IsDecided">Whether the bound is small enough to tell.</param>
/// <param name="Kinks">How many of the slopes looked at have a kink there.</param>
internal sealed record Sighting(int[] Elements, double[] Direction, double Claimed, double Slope, double Bound, double Share, bool IsDecided, int Kinks)
{
    /// <summary>Whether the function gives the same value of the same numbers; if not, no slope can be told.</summary>
    public bool IsRepeatable { get; init; } = true;

    /// <summary>The finding about code whose gradient it is, ours beside slopes that are theirs, or theirs beside slopes of its own values.</summary>
    /// <param name="audited">Whose code it is.</param>
    /// <param name="claim">The tensor.</param>
    /// <param name="area">The finding's area.</param>
    /// <param name="subject">Its subject.</param>
    /// <param name="check">What was compared with what.</param>
    public Finding Judge(Party audited, Claim claim, string area, string subject, string check)
    {
        if (!IsRepeatable)
        {
            return new(area, subject, check, Verdict.ReferenceDoubtful, Share,
                $"{claim.Name}: other values come of the same numbers, so that no differences can be taken. Write every number of a result, and "
                + "draw none at random but from libtorch's stream, which begins anew in each run of a module.");
        }

        var (place, isOurs) = (PlaceIn(claim), audited == Party.Ours);
        var verdict = Share > 1 ? isOurs ? Verdict.OursWorse : Verdict.TheirsWorse : IsDecided ? Verdict.Agrees : Verdict.Undecided;
        return new(area, subject, check, verdict, Share, Remark is var remark && isOurs
            ? Element.Words(place, Claimed, "differences", Slope, null, Bound) + remark
            : Element.Words(place, null, subject, Claimed, ("differences of its own values", Slope), Bound) + remark);
    }

    private string Remark
        => Kinks > 0 ? $"; {Kinks} of the slopes looked at have a kink there, at which any slope between those of both sides is right" : "";

    /// <summary>The element, or the elements along which the slope was taken.</summary>
    private string PlaceIn(Claim claim) => Elements is [var one]
        ? Element.NameOf(claim.Name, one, claim.Columns)
        : $"{Element.NameOf(claim.Name, Elements[0], claim.Columns)} to {Element.NameOf(claim.Name, Elements[^1], claim.Columns)}, all moved at once";
}
