using Backprop.Formulas;
using Real = Backprop.Kernels.Lanes<double, double, Backprop.Kernels.Simd1<double>>;

namespace Backprop.Tests.Formulas;

/// <summary>Every hand-written derivative is the derivative of its formula, as dual numbers see it.</summary>
public class DerivativeTests
{
    private static readonly double[] Points = [-30, -4, -1.25, -0.5, -1e-3, -1e-9, 1e-9, 1e-3, 0.25, 1, 3, 8, 30];

    [Theory, MemberData(nameof(Catalogue.Activations), MemberType = typeof(Catalogue))]
    public void ActivationDerivativeMatchesDualNumbers(string name)
    {
        var f = Activation.Parse(name);
        foreach (var x in Points)
        {
            var dual = f.Forward(Dual<Real>.Variable(x));
            var rule = f.Derivative<Real>(x, dual.Value);
            AssertClose(dual.Derivative, rule, $"{name}′({x})");
        }
    }

    [Theory, MemberData(nameof(Catalogue.Losses), MemberType = typeof(Catalogue))]
    public void LossDerivativeMatchesDualNumbers(string name)
    {
        var loss = Catalogue.LossOf(name);
        // Where z is t a loss may have a kink: there the rule decides.
        foreach (var (z, t) in Points.SelectMany(z => new[] { (z, 0.0), (z, 1.0), (z, 0.3) }).Where(pair => pair.z != pair.Item2))
        {
            AssertClose(loss.Value(Dual<Real>.Variable(z), (Dual<Real>)t).Derivative, loss.Derivative<Real>(z, t), $"{name}′({z}, {t})");
        }
    }

    [Fact]
    public void NestedDualNumbersGiveSecondDerivatives()
    {
        var x = new Dual<Dual<Real>>(Dual<Real>.Variable(0.7), 1.0);
        var y = Activation.Parse("tanh").Forward(x);
        var tanh = Math.Tanh(0.7);
        Assert.Equal(-2 * tanh * (1 - tanh * tanh), y.Derivative.Derivative.Vector, 1e-15);
    }

    [Fact]
    public void DerivativesSayWhatTheyRead()
    {
        Assert.Equal((false, false), Activation.Parse("identity").DerivativeReads);
        Assert.Equal((false, true), Activation.Parse("relu").DerivativeReads);
        Assert.Equal((false, true), Activation.Parse("tanh").DerivativeReads);
        Assert.Equal((true, true), Activation.Parse("silu").DerivativeReads);
    }

    [Fact]
    public void FormulasReadAsText()
        => Assert.Equal("x · sigmoid(x)", Activation.Parse("silu").Forward(new Text("x")).ToString());

    [Fact]
    public void AnUnknownNameListsTheKnownOnes()
    {
        var error = Assert.Throws<ArgumentException>(() => Activation.Parse("gelo"));
        Assert.Equal("There is no activation 'gelo'. Choose one of: identity, relu, sigmoid, tanh, silu.", error.Message);
    }

    // Both sides round a handful of times; 16 ulp of the larger of 1 and the value bounds the sum.
    private static void AssertClose(Real expected, Real actual, string where)
    {
        var bound = 16 * 2.2e-16 * Math.Max(1, Math.Abs(expected.Vector));
        Assert.True(Math.Abs(expected.Vector - actual.Vector) <= bound, $"{where}: dual numbers {expected.Vector:R}, rule {actual.Vector:R}");
    }
}
