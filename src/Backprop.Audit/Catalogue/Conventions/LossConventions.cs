using System.Numerics;
using Backprop.Torch;
using static TorchSharp.torch;
using Loss = Backprop.Formulas.Loss;

namespace Backprop.Audit;

/// <summary>Elementwise losses where they are hit, at the end of their parabola, at infinities and NaN.</summary>
internal static class LossConventions
{
    private const string Absolute = "smoothl1(0)";

    /// <summary>Every loss that PyTorch has a function for: it has no pinball loss.</summary>
    public static IEnumerable<Convention> All
        => LossRows.All.Append(Loss.Parse(Absolute)).Where(loss => !loss.Name.StartsWith("pinball", StringComparison.Ordinal)).SelectMany(loss => Of(loss, loss));

    /// <summary>Those of one, as another has them that is to be it, such as a broken one to see the table fail.</summary>
    public static IEnumerable<Convention> Of(Loss loss, Loss given)
    {
        var pairs = (from t in LossRows.TargetsOf(loss)
                     from z in new[] { double.NegativeInfinity, -1e4, t - 1, t - 0.75, t, t + 0.75, t + 1, 1e4, double.PositiveInfinity, double.NaN }
                     select (z, t)).ToArray();
        double[] points = [.. pairs.Select(p => p.z)], targets = [.. pairs.Select(p => p.t)];
        var (single, wide) = (Both<float>(loss, given, points, targets), Both<double>(loss, given, points, targets));
        return pairs.SelectMany((pair, i) => Shown.InBoth(loss.Name, $"z = {Shown.Number(pair.z)}, t = {Shown.Number(pair.t)}{(loss.Name == Absolute ? " at β = 0" : "")}", (type, at) =>
        {
            var (ours, theirs) = type == typeof(float) ? single : wide;
            return Shown.Of(
                loss.Name, at, ["loss", "slope"], [theirs.Values[i], theirs.Slopes[i]], [ours.Values[i], ours.Slopes[i]],
                type == typeof(float) ? Curves.Unit<float>() : Curves.Unit<double>());
        }));
    }

    private static ((double[] Values, double[] Slopes) Ours, (double[] Values, double[] Slopes) Theirs) Both<T>(Loss loss, Loss given, double[] points, double[] targets)
        where T : unmanaged, IFloatingPointIeee754<T>
        => (LossRows.Engine<T>(given, points, targets), Curves.Torch<T>(z => Twins.Of(loss, z, tensor(targets).to(z.dtype)), points));
}
