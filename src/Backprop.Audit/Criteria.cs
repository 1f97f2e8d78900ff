namespace Backprop.Audit;

/// <summary>When a tensor of float32 numbers agrees with its float64 reference.</summary>
/// <remarks>
/// 1. Its norm: ‖ours − reference‖ / ‖reference‖ is at most four times libtorch's own, or 2⁻²¹, or 2 + 2/√N times what independent roundings
/// give (<see cref="Accumulation.Independent"/>) for its N numbers, whichever is most: in tensors of few numbers, or small because
/// their terms cancel, libtorch's own error is a matter of luck.
/// 2. Every element: its error is at most what roundings all in one direction give (<see cref="Accumulation.Worst"/>).
/// In double the same bound holds, fourfold: the reference rounds too, and double's exp and log may be off by 2 ulp.
/// An element that a unit at a kink influences may differ by as much as that unit's side changes: indeterminate.
/// </remarks>
internal static class Criteria
{
    private const double Allowance = 4, Floor = 8 * Unit, Unit = Rounded<Torch.Torched>.Unit, DoubleUnit = Unit / (1 << 29);

    public static TensorAgreement Judge(
        NamedTensor ours, NamedTensor torch, NamedTensor precise, NamedTensor reference, double[] worst, double[] typical, double[] kink)
    {
        var shares = Shares(ours, reference, worst, Unit);
        var doubleShare = Shares(precise, reference, worst, 4 * DoubleUnit, kink).Max(NanIsWorst.Comparer);
        var at = Array.IndexOf(shares, shares.Max(NanIsWorst.Comparer));
        var (oursError, torchError) = (RelativeError(ours, reference), RelativeError(torch, reference));
        var expected = Ratio(Unit * Norm(typical), Norm(reference.Values));
        var limit = Math.Max(Math.Max(Allowance * torchError, Floor), (2 + 2 / Math.Sqrt(ours.Values.Length)) * expected);
        var explained = RelativeError(ours, reference, kink) <= limit && Shares(ours, reference, worst, Unit, kink).All(s => s <= 1);
        var verdict = !(doubleShare <= 1) ? Verdict.OursWorse
            : oursError <= limit && shares[at] <= 1 ? Verdict.Agrees
            : explained ? Verdict.Undecided
            : Verdict.OursWorse;
        return new(
            ours.Name, ours.Rows, ours.Columns, oursError, torchError, limit, at / ours.Columns, at % ours.Columns,
            ours.Values[at], torch.Values[at], reference.Values[at], shares[at], verdict)
        {
            DoubleError = RelativeError(precise, reference),
            DoubleShare = doubleShare,
            Spread = ErrorSpread.Of(ours.Rows, ours.Columns, shares, Shares(torch, reference, worst, Unit)),
        };
    }

    private static double[] Shares(NamedTensor ours, NamedTensor reference, double[] worst, double unit, double[]? kink = null)
        => [.. ours.Values.Select((x, i) => Ratio(Math.Abs(x - reference.Values[i]), unit * worst[i] + Unit * (kink?[i] ?? 0)))];

    /// <summary>The relative error in norm, of what kinks leave to explain.</summary>
    private static double RelativeError(NamedTensor ours, NamedTensor reference, double[]? kink = null)
        => Ratio(Norm([.. ours.Values.Select((x, i) => Excess(x - reference.Values[i], Unit * (kink?[i] ?? 0)))]), Norm(reference.Values));

    private static double Excess(double error, double allowed) => Math.Max(0, Math.Abs(error) - allowed);

    private static double Ratio(double error, double scale) => error == 0 ? 0 : error / scale;

    private static double Norm(double[] values) => Math.Sqrt(values.Sum(v => v * v));

    /// <summary>Orders numbers with NaN last: nothing is farther out than what is no number.</summary>
    private sealed class NanIsWorst : IComparer<double>
    {
        public static NanIsWorst Comparer { get; } = new();

        public int Compare(double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? double.IsNaN(a).CompareTo(double.IsNaN(b)) : a.CompareTo(b);
    }
}
