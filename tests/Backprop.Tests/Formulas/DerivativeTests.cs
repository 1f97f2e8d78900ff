using Backprop.Formulas;
using Real = Backprop.Kernels.Lanes<double, double, Backprop.Kernels.Simd1<double>>;

namespace Backprop.Tests.Formulas;

/// <summary>Every hand-written derivative is the derivative of its formula, as dual numbers see it.</summary>
public class DerivativeTests
{
    /// <summary>No kinks: there the rule chooses, and <see cref="SpecialValuesTests"/> says what.</summary>
    private static readonly double[] Points = [-30, -4, -1.25, -0.45, -1e-3, -1e-9, 1e-9, 1e-3, 0.25, 1.1, 2.9, 8, 30];

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

    [Theory, MemberData(nameof(Catalogue.Activations), MemberType = typeof(Catalogue))]
    public void ActivationDerivativeMatchesDifferences(string name)
    {
        var f = Activation.Parse(name);
        foreach (var x in Points.Where(x => Math.Abs(x) > 1e-6))
        {
            // The quotient is off by h² f‴ / 6, with f‴ below 3, and by the rounding of f over h.
            var h = 1e-5 * Math.Max(1, Math.Abs(x));
            var quotient = (f.Forward<Real>(x + h) - f.Forward<Real>(x - h)).Vector / (x + h - (x - h));
            var rule = f.Derivative(x, f.Forward<Real>(x)).Vector;
            Assert.True(Math.Abs(quotient - rule) <= 1e-9 * Math.Max(1, Math.Abs(x)), $"{name}′({x}): differences {quotient:R}, rule {rule:R}");
        }
    }

    /// <summary>The rule is a formula too, and its derivative, y's share included, is the second derivative.</summary>
    [Theory, MemberData(nameof(Catalogue.Activations), MemberType = typeof(Catalogue))]
    public void TheDerivativeOfTheRuleIsTheSecondDerivative(string name)
    {
        var f = Activation.Parse(name);
        foreach (var x in Points)
        {
            var twice = f.Forward(new Dual<Dual<Real>>(Dual<Real>.Variable(x), 1.0));
            var dual = Dual<Real>.Variable(x);
            AssertClose(twice.Derivative.Derivative, f.Derivative(dual, f.Forward(dual)).Derivative, $"{name}″({x})", Math.Max(1, x * x));
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
    {
        var x = new Text("x");
        Assert.Equal("x · sigmoid(x)", Activation.Parse("silu").Forward(x).ToString());
        Assert.Equal("max(0, x)", Activation.Parse("relu").Forward(x).ToString());
        Assert.Equal("(x > 0 ? x : 0.2 · x)", Activation.Parse("leakyrelu(0.2)").Forward(x).ToString());
        Assert.Equal("min(0, x) − log1p(exp((x > 0 ? −x : x)))", Activation.Parse("logsigmoid").Forward(x).ToString());
        Assert.Equal("x − tanh(x)", Activation.Parse("tanhshrink").Definition(x).ToString());
    }

    [Theory, MemberData(nameof(Catalogue.Activations), MemberType = typeof(Catalogue))]
    public void ValuesAreWhatTheirDefinitionsSay(string name)
    {
        var f = Activation.Parse(name);
        foreach (var x in Points)
        {
            // Terms of a definition may cancel: they are no larger than x, and off by 4 ulp at most.
            var (defined, value) = (f.Definition<Real>(x).Vector, f.Forward<Real>(x).Vector);
            Assert.True(Math.Abs(defined - value) <= 4 * 2.2e-16 * Math.Abs(x), $"{name}({x:R}): defined as {defined:R}, computed as {value:R}");
        }
    }

    // Both sides round a handful of times; 16 ulp of the larger of 1 and the value bounds the sum, times the size of terms that cancel.
    private static void AssertClose(Real expected, Real actual, string where, double terms = 1)
    {
        var bound = 16 * 2.2e-16 * Math.Max(terms, Math.Abs(expected.Vector));
        Assert.True(Math.Abs(expected.Vector - actual.Vector) <= bound, $"{where}: dual numbers {expected.Vector:R}, rule {actual.Vector:R}");
    }
}
