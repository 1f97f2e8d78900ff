namespace Backprop.Audit;

/// <summary>Where the engine is not PyTorch on purpose, and why.</summary>
internal static class Deviations
{
    private const string Limit = "the limit, where PyTorch multiplies or divides infinities";
    private const string Nothing = "a row that counts for nothing has no gradient, whatever its logits";

    /// <summary>Every deviation: of all activations, losses, heads of a name, whatever stands in their parentheses.</summary>
    public static IReadOnlyList<(string Family, string At, string Reason)> All { get; } =
    [
        ("relu", "x = NaN", "the slope is that of y > 0: kernels read one number, and y says already that something is wrong"),
        .. Everywhere(["softsign", "smoothclip", "silu", "gelu", "gelutanh", "mish"], ["x = -∞", "x = ∞"], Limit),
        ("hardswish", "x = -∞", Limit),
        .. Everywhere(["poisson"], ["z = -∞, t = 0", "z = ∞, t = 0"], Limit),
        .. Everywhere(
            ["binarycrossentropy", "weightedbinarycrossentropy"], ["z = -∞, t = 0", "z = -∞, t = 1", "z = ∞, t = 1", "z = -∞, t = 0.25"], Limit),
        .. Everywhere(
            ["softmargin"], ["z = 10000, t = -1", "z = -10000, t = 1", "z = ∞, t = -1", "z = -∞, t = 1"], "stable where PyTorch's e^−tz overflows"),
        .. Everywhere(
            ["smoothl1"], ["z = 0, t = 0 at β = 0", "z = 1, t = 1 at β = 0", "z = -2.5, t = -2.5 at β = 0"],
            "with β = 0 it is the absolute error, whose slope there is 0"),
        .. Everywhere(["multiclass"], ["an ignored row of NaN", "an ignored row with ∞", "only a class of weight 0"], Nothing),
        ("multiclass", "a probability of 0 on -∞", "the limit: what cannot happen, and does not, costs nothing"),
        .. Everywhere(["maximum", "minimum"], ["-0 and 0"], "zeros of either sign are equal: the second is taken, where libtorch's sign depends on the path"),
        .. Everywhere(["maximum", "minimum"], ["NaN and 1", "1 and NaN"], "NaN is on no side, as at a tie: a half to each; the value is NaN as PyTorch's"),
        (
            "batchnorm", "a batch of one row, in training",
            "one row has no variance: refused with a sentence, as by Python's PyTorch; TorchSharp's statistics become NaN"),
        (
            "clip_grad_norm", "squares above the largest float, in float",
            "squares are added up in double: where PyTorch's norm overflows, all its gradients become 0"),
        ("adamw", "weight decay of biases", "as textbooks have it; PyTorch's optimizers decay what they are given, for which there is DecayBiases"),
        ("sgd", "gradients below 1e-30", "what an optimizer remembers becomes 0 below 1e-30: denormal numbers slow an update 20 to 40 times"),
    ];

    /// <summary>Why a convention is not PyTorch's; null where it is meant to be.</summary>
    public static string? Reason(string subject, string at) => All.FirstOrDefault(d => Fits(d, subject, at)).Reason;

    /// <summary>Whether a deviation is one of that thing there.</summary>
    public static bool Fits((string Family, string At, string Reason) deviation, string subject, string at)
        => subject.Split('(', ' ')[0] == deviation.Family && (deviation.At == at || at == $"{deviation.At} in float" || at == $"{deviation.At} in double");

    private static IEnumerable<(string, string, string)> Everywhere(string[] families, string[] points, string reason)
        => from family in families from at in points select (family, at, reason);
}
