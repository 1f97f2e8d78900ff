using System.Numerics;
using Backprop.Audit.Bounds;
using Backprop.Formulas;

namespace Backprop.Audit;

/// <summary>Activations and losses of one output at kinks, zeros of either sign, infinities, NaN, where they saturate, and where targets are hit.</summary>
internal static class FormulaConventions
{
    private const string Absolute = "smoothl1(0)";

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
        return points.SelectMany((at, i) => Shown.InBoth(
            f.Name,
            f.At(Shown.Number(at.X), Shown.Number(at.T)) + (f.Name == Absolute ? " at β = 0" : ""),
            (type, place) => (type == typeof(float) ? single : twice)(i, place)));
    }

    private static Func<int, string, Convention> In<T>(AuditedFormula f, AuditedFormula given, (double X, double T)[] points)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double[] Copied(Func<(double X, double T), double> number) => [.. points.SelectMany(at => Enumerable.Repeat(number(at), Copies))];
        double[] x = Copied(at => at.X), t = Copied(at => at.T);
        var (ours, theirs) = (given.Engine<T>(x, t), f.Torch<T>(x, t)!.Value);
        return (i, place) => Shown.Of(
            f.Name, place, [f.ValueName, "slope"], [theirs.Values[i * Copies], theirs.Slopes[i * Copies]],
            [ours.Values[i * Copies], ours.Slopes[i * Copies]], Bounded.Unit<T>());
    }
}
