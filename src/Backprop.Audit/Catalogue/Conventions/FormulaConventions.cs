using System.Numerics;
using Backprop.Audit.Bounds;
using Backprop.Formulas;

namespace Backprop.Audit;

/// <summary>Activations and losses of one output at kinks, zeros of either sign, infinities, NaN, where they saturate, and where targets are hit.</summary>
internal static class FormulaConventions
{
    private const string Absolute = "smoothl1(0)";

    // PyTorch's formulas may round twice as often as ours.
    private const double Sides = 4;

    /// <summary>As many as fill libtorch's vectors: what is left over behind them takes another loop, with other NaN.</summary>
    private const int Copies = 64;

    /// <summary>Every one of the catalogue, with its own parameters and others; but PyTorch has no pinball loss.</summary>
    public static IEnumerable<Convention> All
        => AuditedActivation.All.Concat<AuditedFormula>(AuditedLoss.All).Append(new AuditedLoss(Loss.Parse(Absolute)))
            .Where(f => !f.Name.StartsWith("pinball", StringComparison.Ordinal)).SelectMany(f => Of(f, f));

    /// <summary>Those of one, as another has them that is to be it, such as a broken one to see the table fail.</summary>
    public static IEnumerable<Convention> Of(AuditedFormula f, AuditedFormula given)
    {
        (double X, double T)[] points = [.. f.Targets.SelectMany(t => f.SpecialPoints(t).Select(x => (x, t)))];
        var (single, twice) = (In<float>(f, given, points), In<double>(f, given, points));
        return points.SelectMany((at, i) => Convention.InBoth(
            f.At(Element.Short(at.X), Element.Short(at.T)) + (f.Name == Absolute ? " at β = 0" : ""),
            place => single(i, place),
            place => twice(i, place),
            Bounds(f, at, Bounded.Float)));
    }

    private static Func<int, string, Convention> In<T>(AuditedFormula f, AuditedFormula given, (double X, double T)[] points)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double[] Copied(Func<(double X, double T), double> number) => [.. points.SelectMany(at => Enumerable.Repeat(number(at), Copies))];
        double[] x = Copied(at => at.X), t = Copied(at => at.T);
        var (ours, theirs) = (given.Engine<T>(x, t), f.Torch<T>(x, t).Answer!.Value);
        return (i, place) => Convention.Of(
            f.Name, place, [f.ValueName, "slope"], [theirs.Values[i * Copies], theirs.Slopes[i * Copies]],
            [ours.Values[i * Copies], ours.Slopes[i * Copies]], Bounds(f, points[i], Bounded.Unit<T>()));
    }

    /// <summary>
    /// Both round; at a kink each is on a side, so that no doubt counts. PyTorch differentiates by the result y: 1 − y, y + 1, as exact as 1 is.
    /// </summary>
    private static double[] Bounds(AuditedFormula f, (double X, double T) at, double unit)
        => [Sides * unit * f.Value(at.X, at.T).Error, Sides * unit * (1 + f.Rule(at.X, at.T).Error)];
}
