using Backprop.Formulas;
using Backprop.Torch;

namespace Backprop.Interop.Tests.Torch;

/// <summary>Every formula two ways: our derivative rule, and torch's autograd of our formula. (PyTorch's own functions are in the catalogue's audit.)</summary>
[Collection(TorchCollection.Name)]
public sealed class FormulaTests
{
    /// <summary>The formulas have a dozen operations or fewer; their intermediate values are no larger than 1 or the argument.</summary>
    private const double Tolerance = 16 * 1.1102230246251565e-16;

    /// <summary>
    /// Both signs, to where eˣ nearly overflows (autograd would multiply infinity by 0); no kink, whose derivative a formula's branch decides and the
    /// rule defines.
    /// </summary>
    private static readonly double[] Points = [.. from e in Enumerable.Range(-12, 25)
                                                  from sign in new[] { -1.0, 1.0 }
                                                  from m in new[] { 1.07, 1.37, 1.81 }
                                                  select sign * m * Math.Pow(1.6, e)];

    public static TheoryData<string> Activations => [.. Activation.All.Select(a => a.Name)];

    public static TheoryData<string> Losses
        => [.. Loss.All.Select(l => l.Name), "smoothl1(0.3)", "huber(2.5)", "pinball(0.9)", "weightedbinarycrossentropy(3)"];

    [Theory]
    [MemberData(nameof(Activations))]
    public void AutogradOfAnActivationIsItsRule(string name)
    {
        var f = Activation.Parse(name);
        var (values, derivatives) = Torched.Differentiate(f.Forward, Points);
        Compare(name, Points, derivatives, x => f.Derivative(Number(x), f.Forward(Number(x))).Value);
        Compare(name, Points, values, x => f.Forward(Number(x)).Value);
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void AutogradOfALossIsItsRule(string name)
    {
        var loss = Loss.Parse(name);
        foreach (var target in Targets(name))
        {
            double[] points = [.. Points.Where(z => z != target)];
            var (values, derivatives) = Torched.Differentiate(z => loss.Value(z, target), points);
            Compare($"{name}, target {target}", points, derivatives, z => loss.Derivative(Number(z), target).Value);
            Compare($"{name}, target {target}", points, values, z => loss.Value(Number(z), target).Value, squared: true);
        }
    }

    [Fact]
    public void TorchHasTheFunctionsOfFormulas()
    {
        double[] points = [.. Points.Where(x => Math.Abs(x) < 8)];
        var f = new Functions();
        var (values, derivatives) = Torched.Differentiate(f.Forward, points);
        Compare("functions", points, values, x => f.Forward(Number(x)).Value);
        Compare("functions", points, derivatives, x => f.Derivative(Number(x), default).Value);
    }

    [Fact]
    public void AFormulaWithoutATwinAsksForTheLineToAdd()
    {
        var error = Assert.Throws<NotSupportedException>(() => Twins.Of(Activation.Of(new Logistic())));
        Assert.Equal("No PyTorch counterpart of Logistic is named. Add to Twins.cs: Logistic => nn.Logistic(),", error.Message);
    }

    private static double[] Targets(string loss) => Loss.Parse(loss) switch
    {
        var one when one.Name.Contains("crossentropy", StringComparison.Ordinal) => [0, 1, 0.3],
        var one when one.Name.StartsWith("poisson", StringComparison.Ordinal) => [0, 1, 7.5],
        _ => [0, 1, -2.5],
    };

    private static Scalar<double> Number(double x) => new(x);

    private static void Compare(string who, double[] points, double[] theirs, Func<double, double> ours, bool squared = false)
    {
        for (var i = 0; i < points.Length; i++)
        {
            var (x, expected) = (points[i], ours(points[i]));
            var scale = Math.Max(Math.Max(1, Math.Abs(x)), Math.Abs(expected));
            Assert.True(
                Math.Abs(theirs[i] - expected) <= Tolerance * (squared ? scale * scale : scale),
                $"{who} at {x:R}: ours {expected:R}, torch's {theirs[i]:R}");
        }
    }

    /// <summary>The functions that no activation may happen to use; sums of at most 3 in size where they are compared.</summary>
    private readonly record struct Functions : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.Expm1(-TX.Abs(x)) + TX.Erf(x) + TX.Erfc(x) * TX.Sin(x) + TX.Cos(x);

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => Forward(Dual<TX>.Variable(x)).Derivative;
    }

    private readonly record struct Logistic : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => 1 / (1 + TX.Exp(-x));

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => y - y * y;
    }
}
