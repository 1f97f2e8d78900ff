namespace Backprop.Audit;

/// <summary>When a tensor of float32 numbers agrees with its float64 reference.</summary>
/// <remarks>
/// 1. Its norm: the relative error is at most four times libtorch's own, or 2⁻²¹ if that is more. Correct implementations that
/// add in another order reach twice libtorch's; a gradient scaled by 1 + 10⁻⁵ lies twenty times above. A norm over fewer than
/// <see cref="Statistic"/> numbers is no statistic, so there the second criterion alone decides.
/// 2. Every element: its error is at most 2⁻²⁴ of its scale in the network of absolute values. Correct implementations reach
/// half of that; one weight's gradient that is 1 % off lies twenty times above.
/// Where an element is influenced by a unit at a kink it may differ by as much as that unit's side changes: indeterminate.
/// </remarks>
internal static class Criteria
{
    private const int Statistic = 16;
    private const double OverTorch = 4, Floor = 8 * Unit, Unit = Rounded<Torch.Torched>.Unit, DoubleUnit = Unit / (1 << 29);

    public static TensorAgreement Judge(
        NamedTensor ours, NamedTensor torch, NamedTensor precise, NamedTensor reference, double[] scale, double[] kink)
    {
        var share = Shares(ours, reference, scale, Unit);
        var worst = Array.IndexOf(share, share.Max(NanIsWorst.Comparer));
        var (oursError, torchError) = (RelativeError(ours, reference), RelativeError(torch, reference));
        var limit = Math.Max(OverTorch * torchError, Floor);
        if (scale.Length < Statistic)
        {
            limit = Math.Max(limit, Ratio(Unit * Norm(scale), Norm(reference.Values)));
        }

        // Both sides round in double: two units.
        var doubleShare = Shares(precise, reference, scale, 2 * DoubleUnit, kink).Max(NanIsWorst.Comparer);
        var holds = oursError <= limit && share[worst] <= 1 && doubleShare <= 1;
        var explained = kink.Any(k => k > 0) && doubleShare <= 1 && Shares(ours, reference, scale, Unit, kink).All(s => s <= 1);
        return new(
            ours.Name, ours.Rows, ours.Columns, oursError, torchError, limit, worst / ours.Columns, worst % ours.Columns,
            ours.Values[worst], torch.Values[worst], reference.Values[worst], share[worst],
            holds ? Verdict.Agrees : explained ? Verdict.Indeterminate : Verdict.Fails)
        {
            DoubleError = RelativeError(precise, reference),
            DoubleShare = doubleShare,
        };
    }

    private static double[] Shares(NamedTensor ours, NamedTensor reference, double[] scale, double unit, double[]? kink = null)
        => [.. ours.Values.Select((x, i) => Ratio(Math.Abs(x - reference.Values[i]), unit * scale[i] + Unit * (kink?[i] ?? 0)))];

    private static double RelativeError(NamedTensor ours, NamedTensor reference)
        => Ratio(Norm([.. ours.Values.Zip(reference.Values, (a, b) => a - b)]), Norm(reference.Values));

    private static double Ratio(double error, double scale) => error == 0 ? 0 : error / scale;

    private static double Norm(double[] values) => Math.Sqrt(values.Sum(v => v * v));

    /// <summary>Orders numbers with NaN last: nothing is farther out than what is no number.</summary>
    private sealed class NanIsWorst : IComparer<double>
    {
        public static NanIsWorst Comparer { get; } = new();

        public int Compare(double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? double.IsNaN(a).CompareTo(double.IsNaN(b)) : a.CompareTo(b);
    }
}
