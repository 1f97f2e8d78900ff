using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Tests.Formulas;

/// <summary>Names with parameters, formulas of other assemblies, and what is refused.</summary>
public class ActivationNameTests
{
    public static TheoryData<string> Spelled
        => [.. Activation.All.Select(a => a.Name), "leakyrelu(0.2)", "softplus(2.5, 10)", "softplus(1, Infinity)", "hardtanh(-1E-05, 6)", "elu(0.30000000000000004)",
            "celu(3)", "softshrink(0)", "smoothclip(2.5)"];

    [Theory, MemberData(nameof(Spelled))]
    public void ANameIsReadAsTheSameActivation(string name)
    {
        var activation = Activation.Parse(name);
        Assert.Equal(name, activation.Name);
        Assert.Equal(activation, Activation.Parse(activation.Name));
        Assert.True(activation.IsKnown);
    }

    [Fact]
    public void NamesAreDifferent() => Assert.Equal(Activation.All.Count, Activation.All.DistinctBy(a => a.Family).Count());

    [Theory]
    [InlineData("leakyrelu(0.01)", "leakyrelu")]
    [InlineData("LeakyReLU(.25)", "leakyrelu(0.25)")]
    [InlineData("softplus(2)", "softplus(2, 20)")]
    [InlineData("hardtanh(-1,1)", "hardtanh")]
    [InlineData("gelu()", "gelu")]
    public void PartsLeftOutAreTheUsualOnes(string name, string full) => Assert.Equal(full, Activation.Parse(name).Name);

    [Theory]
    [InlineData("gelo", "There is no activation 'gelo'. Choose one of: identity, relu, ")]
    [InlineData("relu(2)", "relu does not take '2' in 'relu(2)'. Write relu.")]
    [InlineData("leakyrelu(x)", "leakyrelu does not take 'x' in 'leakyrelu(x)'. Write leakyrelu or leakyrelu(0.01).")]
    [InlineData("hardtanh(0, 1, 2)", "hardtanh does not take ' 2' in 'hardtanh(0, 1, 2)'. Write hardtanh or hardtanh(-1, 1).")]
    [InlineData("leakyrelu(-1)", "The slope of leakyrelu is -1, not 0 or a finite number above. Correct it.")]
    [InlineData("leakyrelu(NaN)", "The slope of leakyrelu is NaN, not 0 or a finite number above. Correct it.")]
    [InlineData("elu(-1)", "The α of elu is -1, not a finite number above 0. Correct it.")]
    [InlineData("celu(0)", "The α of celu is 0, not a finite number above 0. Correct it.")]
    [InlineData("smoothclip(0)", "The bound of smoothclip is 0, not a finite number above 0. Correct it.")]
    [InlineData("smoothclip(Infinity)", "The bound of smoothclip is Infinity, not a finite number above 0. Correct it.")]
    [InlineData("softplus(0)", "The β of softplus is 0, not a finite number above 0. Correct it.")]
    [InlineData("softplus(1, NaN)", "The threshold of softplus is NaN, not 0 or above. Correct it.")]
    [InlineData("softshrink(Infinity)", "The λ of softshrink is Infinity, not 0 or a finite number above. Correct it.")]
    [InlineData("hardtanh(1, 1)", "The upper bound of hardtanh is 1, not a finite number above 1. Correct it.")]
    [InlineData("hardtanh(NaN, 1)", "The lower bound of hardtanh is NaN, not a finite number. Correct it.")]
    public void WhatIsNoActivationIsRefused(string name, string message)
        => Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => Activation.Parse(name)).Message, StringComparison.Ordinal);

    [Fact]
    public void ARegisteredFormulaIsSavedAndLoaded()
    {
        var bent = Activation.Of(new Bent(0.75));
        Assert.False(bent.IsKnown);
        Activation.Register(Activation.Of(new Bent()));
        Activation.Register(bent); // is known by now
        Assert.True(bent.IsKnown);
        Assert.Equal("bent(0.75)", bent.Name);
        Assert.Equal("bent", Activation.Parse("bent").Name);

        var network = new Network<float>(Initializers.Default<float>(new Mlp([4, 9, 2], bent, Head.Multiclass), 3));
        using var stream = new MemoryStream();
        network.Save(new(stream));
        stream.Position = 0;
        var loaded = Network<float>.Load(new(stream));
        Assert.Equal(bent, Assert.IsType<Mlp>(loaded.Model).Activation);
        var (features, scores, again) = (new float[] { 1, -2, 3, 0.5f }, new float[2], new float[2]);
        network.Score(features, scores);
        loaded.Score(features, again);
        Assert.Equal(scores, again);
    }

    [Fact]
    public void AnotherFormulaOfAKnownNameIsRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => Activation.Register(Activation.Of(new Gelu())));
        Assert.Equal("There is another activation 'gelu'. Rename the formula's type: its name must be the only one.", error.Message);
    }

    /// <summary>What the name does not say, a file cannot say either.</summary>
    [Fact]
    public void AFormulaThatHidesItsParametersIsNotKnown()
    {
        Activation.Register(Activation.Of(new Hidden(1)));
        Assert.True(Activation.Of(new Hidden(1)).IsKnown);
        Assert.False(Activation.Of(new Hidden(2)).IsKnown);
    }

    /// <summary>A user's formula, as it would be in another assembly: (√(x² + 1) − 1) · bend + x.</summary>
    private readonly record struct Bent(double Bend) : IActivation
    {
        public Bent() : this(0.5)
        {
        }

        public IReadOnlyList<double> Parameters => [Bend];

        public Activation With(IReadOnlyList<double> parameters) => Activation.Of(new Bent(parameters[0]));

        public TX Forward<TX>(TX x) where TX : IReal<TX> => (TX.Sqrt(x * x + 1) - 1) * Bend + x;

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => x / TX.Sqrt(x * x + 1) * Bend + 1;
    }

    private readonly record struct Hidden(double Factor) : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => Factor * x;

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => Factor;
    }

    private readonly record struct Gelu : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => x;

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => 1;
    }
}
