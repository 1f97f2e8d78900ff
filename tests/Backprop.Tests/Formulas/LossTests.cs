using Backprop.Formulas;
using Real = Backprop.Kernels.Lanes<double, double, Backprop.Kernels.Simd1<double>>;

namespace Backprop.Tests.Formulas;

/// <summary>The losses' names, edges and parameters.</summary>
public class LossTests
{
    private const double Infinity = double.PositiveInfinity;

    /// <summary>With other parameters than the catalogue's.</summary>
    public static TheoryData<string> Parameters
        => ["smoothl1(0.25)", "smoothl1(0)", "huber(0.5)", "huber(7)", "pinball(0.1)", "weightedbinarycrossentropy(3.5)"];

    [Theory, MemberData(nameof(Catalogue.Losses), MemberType = typeof(Catalogue)), MemberData(nameof(Parameters))]
    public void ANameIsReadAsTheLossItNames(string name)
    {
        var loss = Loss.Parse(name);
        Assert.Equal(name, loss.Name);
        Assert.Equal(loss, Loss.Parse(name.ToUpperInvariant()));
        Assert.Equal(loss.GetHashCode(), Loss.Parse(name).GetHashCode());
    }

    [Fact]
    public void AParameterLeftOutIsPyTorchs()
    {
        Assert.Equal(Loss.Of(new Huber(1)), Loss.Parse("huber"));
        Assert.Equal(Loss.Of(new Huber()), Loss.Parse("huber"));
        Assert.Equal(Loss.Of(new SmoothL1()), Loss.Parse("smoothl1(1)"));
        Assert.Equal(Loss.Of(new Pinball()), Loss.Parse("pinball"));
        Assert.Equal(Loss.Of(new WeightedBinaryCrossEntropy()), Loss.Parse("weightedbinarycrossentropy"));
        Assert.NotEqual(Loss.Of(new Huber(1)), Loss.Of(new Huber(2)));
    }

    [Theory]
    [InlineData("hubert", "There is no loss 'hubert'. Choose one of:")]
    [InlineData("huber(wide)", "'huber(wide)' is no loss: huber(1) does not take 'wide'. Choose one of:")]
    [InlineData("softmargin(2)", "'softmargin(2)' is no loss: softmargin does not take '2'. Choose one of:")]
    [InlineData("huber(0)", "The δ of Huber's loss is 0, not a finite number above 0. Correct it.")]
    [InlineData("huber(NaN)", "The δ of Huber's loss is NaN, not a finite number above 0. Correct it.")]
    [InlineData("smoothl1(-1)", "The β of smooth L1 is -1, not 0 or a finite number above. Correct it.")]
    [InlineData("pinball(1)", "A quantile's level is 1, not between 0 and 1. Correct it.")]
    [InlineData("weightedbinarycrossentropy(0)", "The weight of the positive class is 0, not a finite number above 0. Correct it.")]
    public void WhatIsNoLossIsRefused(string name, string message)
        => Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => Loss.Parse(name)).Message);

    [Theory, MemberData(nameof(Parameters))]
    public void DerivativesMatchDualNumbersWhateverTheParameter(string name)
    {
        var loss = Loss.Parse(name);
        for (var z = -9.7; z < 10; z += 0.31)
        {
            foreach (var t in new[] { 0.0, 1.0, 0.3 })
            {
                var (expected, actual) = (loss.Value(Dual<Real>.Variable(z), (Dual<Real>)t).Derivative.Vector, loss.Derivative<Real>(z, t).Vector);
                Assert.True(Math.Abs(expected - actual) <= 16 * 2.2e-16 * Math.Max(1, Math.Abs(expected)), $"{name}′({z}, {t}): "
                    + $"{actual:R}, by dual numbers {expected:R}");
            }
        }
    }

    // What PyTorch gives; where that is NaN although there is a limit, the limit.
    [Theory]
    [InlineData("binarycrossentropy", 1e4, 0, 1e4, 1)]
    [InlineData("binarycrossentropy", 1e4, 1, 0, 0)]
    [InlineData("binarycrossentropy", -1e4, 1, 1e4, -1)]
    [InlineData("binarycrossentropy", -1e4, 0, 0, 0)]
    [InlineData("binarycrossentropy", Infinity, 1, 0, 0)]
    [InlineData("binarycrossentropy", -Infinity, 0, 0, 0)]
    [InlineData("binarycrossentropy", Infinity, 0, Infinity, 1)]
    [InlineData("binarycrossentropy", -Infinity, 1, Infinity, -1)]
    [InlineData("weightedbinarycrossentropy(3)", -1e4, 1, 3e4, -3)]
    [InlineData("weightedbinarycrossentropy(3)", 1e4, 0, 1e4, 1)]
    [InlineData("weightedbinarycrossentropy(3)", Infinity, 1, 0, 0)]
    [InlineData("weightedbinarycrossentropy(3)", -Infinity, 0, 0, 0)]
    [InlineData("softmargin", -1e4, 1, 1e4, -1)]
    [InlineData("softmargin", 1e4, -1, 1e4, 1)]
    [InlineData("softmargin", 1e4, 1, 0, 0)]
    [InlineData("poisson", -Infinity, 0, 0, 0)]
    [InlineData("poisson", -1e4, 2, 2e4, -2)]
    [InlineData("poisson", 1e4, 2, Infinity, Infinity)]
    [InlineData("absoluteerror", 2, 2, 0, 0)]
    [InlineData("absoluteerror", -1e4, 2, 10002, -1)]
    [InlineData("smoothl1(0)", 2, 2, 0, 0)]
    [InlineData("smoothl1(0)", 1, 2, 1, -1)]
    [InlineData("smoothl1(0.5)", 2.5, 2, 0.25, 1)]
    [InlineData("huber(0.5)", 2.5, 2, 0.125, 0.5)]
    [InlineData("huber(0.5)", 1e4, 0, 4999.875, 0.5)]
    [InlineData("pinball(0.9)", 1, 1, 0, 0)]
    [InlineData("pinball(0.9)", -1, 1, 1.8, -0.9)]
    public void EdgesAreTheLimits(string name, double z, double t, double value, double slope)
    {
        var loss = Loss.Parse(name);
        // One rounding of 1 − τ and two of products.
        Assert.Equal(value, loss.Value<Real>(z, t).Vector, 1e-15 * Math.Max(1, Math.Abs(double.IsFinite(value) ? value : 0)));
        Assert.Equal(slope, loss.Derivative<Real>(z, t).Vector, 1e-15);
    }

    [Theory, MemberData(nameof(Catalogue.Losses), MemberType = typeof(Catalogue)), MemberData(nameof(Parameters))]
    public void NaNGivesNaN(string name)
    {
        var loss = Loss.Parse(name);
        Assert.True(double.IsNaN(loss.Value<Real>(double.NaN, 0.5).Vector));
        Assert.True(double.IsNaN(loss.Value<Real>(0.5, double.NaN).Vector));
    }

    [Fact]
    public void HubersLossIsAMultipleOfSmoothL1()
    {
        for (var z = -3.0; z <= 3; z += 0.125)
        {
            // Powers of two: no rounding.
            Assert.Equal(0.5 * Loss.Parse("smoothl1(0.5)").Value<Real>(z, 0).Vector, Loss.Parse("huber(0.5)").Value<Real>(z, 0).Vector);
        }
    }

    [Fact]
    public void StirlingsTermsAreAddedAboveOneOnly()
    {
        double Added(double t) => (Loss.Parse("poisson(full)").Value<Real>(0.5, t) - Loss.Parse("poisson").Value<Real>(0.5, t)).Vector;
        Assert.Equal(0, Added(0));
        Assert.Equal(0, Added(1));
        Assert.Equal(3 * Math.Log(3) - 3 + 0.5 * Math.Log(6 * Math.PI), Added(3), 1e-14);
    }

    [Fact]
    public void GaussianSlopesMatchDualNumbersAboveTheFloor()
    {
        for (var s = -13.0; s < 8; s += 0.37)
        {
            foreach (var (m, t) in new[] { (0.3, 0.3), (-1.0, 2.5), (0.01, 0) })
            {
                var byMean = GaussianLikelihood.Value(Dual<Real>.Variable(m), s, (Dual<Real>)t).Derivative.Vector;
                var byLogVariance = GaussianLikelihood.Value(m, Dual<Real>.Variable(s), (Dual<Real>)t).Derivative.Vector;
                var scale = 1e-14 * Math.Max(1, (m - t) * (m - t) * Math.Exp(-s));
                Assert.Equal(byMean, GaussianLikelihood.MeanSlope<Real>(m, s, t).Vector, scale);
                Assert.Equal(byLogVariance, GaussianLikelihood.LogVarianceSlope<Real>(m, s, t).Vector, scale);
            }
        }
    }

    [Fact]
    public void AGaussianIsFiniteForHugeLogits()
    {
        foreach (var s in new[] { -1e4, 1e4 })
        {
            Assert.True(double.IsFinite(GaussianLikelihood.Value<Real>(1, s, 2).Vector));
            Assert.True(double.IsFinite(GaussianLikelihood.MeanSlope<Real>(1, s, 2).Vector));
            Assert.True(double.IsFinite(GaussianLikelihood.LogVarianceSlope<Real>(1, s, 2).Vector));
        }

        // At the floor: ½ (log ε + d²/ε), and a variance that grows from there is felt.
        Assert.Equal(0.5 * (Math.Log(1e-6) + 1e6), GaussianLikelihood.Value<Real>(1, -50, 2).Vector, 1e-9);
        Assert.Equal(0.5 - 0.5e6, GaussianLikelihood.LogVarianceSlope<Real>(1, Math.Log(1e-6), 2).Vector, 1e-8);
    }
}
