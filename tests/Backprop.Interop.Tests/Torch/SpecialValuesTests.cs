using Backprop.Formulas;
using Backprop.Torch;

namespace Backprop.Interop.Tests.Torch;

/// <summary>Activations at kinks, zeros of either sign, infinities and NaN are PyTorch's, and where they are not, that is listed here.</summary>
[Collection(TorchCollection.Name)]
public sealed class SpecialValuesTests
{
    /// <summary>As many as fill libtorch's vectors: what is left over behind them takes another loop, with other NaN.</summary>
    private const int Copies = 64;

    private static readonly double[] Points =
        [double.NegativeInfinity, -1e4, -6, -3, -1, -0.5, -0.0, 0, 0.5, 1, 3, 6, 20, 1e4, double.PositiveInfinity, double.NaN];

    /// <summary>What differs: where PyTorch multiplies or divides infinities, ours is the limit.</summary>
    private static readonly Dictionary<string, string[]> Differences = new()
    {
        ["relu"] = ["slope at NaN: 0, PyTorch's 1"],
        ["softsign"] =
            ["value at -Infinity: -1, PyTorch's NaN", "slope at -Infinity: 0, PyTorch's NaN", "value at Infinity: 1, PyTorch's NaN", "slope at Infinity: 0, PyTorch's NaN"],
        ["smoothclip"] =
            ["value at -Infinity: -3, PyTorch's NaN", "slope at -Infinity: 0, PyTorch's NaN", "value at Infinity: 3, PyTorch's NaN", "slope at Infinity: 0, PyTorch's NaN"],
        ["silu"] = ["value at -Infinity: -0, PyTorch's NaN", "slope at -Infinity: 0, PyTorch's NaN", "slope at Infinity: 1, PyTorch's NaN"],
        ["gelu"] = ["value at -Infinity: -0, PyTorch's NaN", "slope at -Infinity: 0, PyTorch's NaN", "slope at Infinity: 1, PyTorch's NaN"],
        ["gelutanh"] = ["value at -Infinity: -0, PyTorch's NaN", "slope at -Infinity: -0, PyTorch's NaN", "slope at Infinity: 1, PyTorch's NaN"],
        ["mish"] = ["value at -Infinity: -0, PyTorch's NaN", "slope at -Infinity: 0, PyTorch's NaN", "slope at Infinity: 1, PyTorch's NaN"],
        ["hardswish"] = ["value at -Infinity: -0, PyTorch's NaN"],
    };

    public static TheoryData<string> Activations => [.. Activation.All.Select(a => a.Name)];

    [Theory, MemberData(nameof(Activations))]
    public void ArePyTorchs(string name)
    {
        var f = Activation.Parse(name);
        using var twin = Twins.Of(f);
        var (values, slopes) = Torched.Differentiate(x => new(twin.call(x.Tensor)), [.. Points.SelectMany(x => Enumerable.Repeat(x, Copies))]);
        var found = new List<string>();
        for (var i = 0; i < Points.Length; i++)
        {
            var x = new Scalar<double>(Points[i]);
            var y = f.Forward(x);
            Note(found, $"value at {Points[i]}", y.Value, values[i * Copies], signOfZero: true);
            Note(found, $"slope at {Points[i]}", f.Derivative(x, y).Value, slopes[i * Copies], signOfZero: false);
        }

        Assert.Equal(Differences.GetValueOrDefault(name, []), found);
    }

    private static void Note(List<string> found, string where, double ours, double theirs, bool signOfZero)
    {
        var same = ours.Equals(theirs) || Math.Abs(ours - theirs) <= 16 * 1.1e-16 * Math.Max(1, Math.Abs(theirs));
        if (!same || signOfZero && ours == 0 && theirs == 0 && double.IsNegative(ours) != double.IsNegative(theirs))
        {
            found.Add(FormattableString.Invariant($"{where}: {ours}, PyTorch's {theirs}"));
        }
    }
}
