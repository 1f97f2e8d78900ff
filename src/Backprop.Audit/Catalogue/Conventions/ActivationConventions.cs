using System.Numerics;
using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Torch;

namespace Backprop.Audit;

/// <summary>Activations at kinks, zeros of either sign, infinities, NaN and where they saturate.</summary>
internal static class ActivationConventions
{
    /// <summary>As many as fill libtorch's vectors: what is left over behind them takes another loop, with other NaN.</summary>
    private const int Copies = 64;

    private static readonly double[] Everywhere = [double.NegativeInfinity, -1e4, -0.0, 0, 1e4, double.PositiveInfinity, double.NaN];
    private static readonly double[] Candidates = [-6, -3, -1, -0.5, 0.5, 1, 3, 6, 20];

    /// <summary>Every activation of the catalogue, with its own parameters and others.</summary>
    public static IEnumerable<Convention> All => ActivationRows.All.SelectMany(f => Of(f, f));

    /// <summary>Those of one, as another has them that is to be it, such as a broken one to see the table fail.</summary>
    public static IEnumerable<Convention> Of(Activation f, Activation given)
    {
        double[] points = [.. Everywhere.Concat(Candidates.Concat(f.Parameters).Concat(f.Parameters.Select(p => -p)).Where(x => IsKink(f, x)).Distinct().Order())];
        var (single, wide) = (Both<float>(f, given, points), Both<double>(f, given, points));
        return points.SelectMany((x, i) => Shown.InBoth(f.Name, $"x = {Shown.Number(x)}", (type, at) =>
        {
            var (ours, theirs) = type == typeof(float) ? single : wide;
            return Shown.Of(
                f.Name, at, ["y", "slope"], [theirs.Values[i * Copies], theirs.Slopes[i * Copies]], [ours.Values[i * Copies], ours.Slopes[i * Copies]],
                type == typeof(float) ? Curves.Unit<float>() : Curves.Unit<double>());
        }));
    }

    private static bool IsKink(Activation f, double x)
    {
        double Slope(double at) => f.Derivative<Plain>(at, f.Forward<Plain>(at)).Value;
        return Math.Abs(Slope(x * (1 - 1e-9)) - Slope(x * (1 + 1e-9))) > 1e-5 || (f is { Family: "softplus" } && x == f.Parameters[1] / f.Parameters[0]);
    }

    private static ((double[] Values, double[] Slopes) Ours, (double[] Values, double[] Slopes) Theirs) Both<T>(Activation f, Activation given, double[] points)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double[] copies = [.. points.SelectMany(x => Enumerable.Repeat(x, Copies))];
        using var twin = Twins.Of(f);
        return (Curves.Engine<T>(x => x.Apply(given), copies), Curves.Torch<T>(twin.call, copies));
    }
}
