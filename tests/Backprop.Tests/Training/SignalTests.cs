using Backprop.Formulas;
using Backprop.Models;
using Backprop.Tests.Models;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>Every δ of backpropagation can be read, and is what the book says: δ = ∇L ⊙ τ′, δ(i) = Wᵀ δ(i + 1) ⊙ σ′, ∂W = δ xᵀ, ∂b = Σ δ.</summary>
public class SignalTests
{
    private const int Rows = 5;

    [Fact]
    public void TheDeltasOfAnMlpAreTheBooks()
    {
        var mlp = Mlp.Parse("3-4-2", Activation.Of(new Tanh()), Head.Regression);
        var weights = Initializers.Default<double>(mlp, 1);
        var table = Catalogue.Table(mlp, Rows).To<double>();
        using var pass = new GradientPass<double>(mlp, Rows, keepSignals: true);
        var (gradients, outputs) = (new Weights<double>(mlp), new double[2 * Rows]);
        pass.Run(weights, table, Catalogue.Rows(Rows), gradients, outputs);

        var (x, h) = (pass.ValuesOf(mlp.Signals[0]), pass.ValuesOf(mlp.SignalOf("1")));
        var (above, atActivation, below) = (pass.GradientsOf(mlp.SignalOf("2")), pass.GradientsOf(mlp.SignalOf("1")), pass.GradientsOf(mlp.SignalOf("0")));
        var saliency = pass.GradientsOf(mlp.Signals[0]);
        Assert.Equal(table.Features, x);
        Assert.Equal(outputs, pass.ValuesOf(mlp.SignalOf("2")));
        for (var r = 0; r < Rows; r++)
        {
            for (var o = 0; o < 2; o++)
            {
                Near(2 * (outputs[2 * r + o] - table.Targets[2 * r + o]) * table.Weights![r] / (2 * Rows), above[2 * r + o]);
            }

            for (var u = 0; u < 4; u++)
            {
                Near(Enumerable.Range(0, 2).Sum(o => weights["2.weight"][4 * o + u] * above[2 * r + o]), atActivation[4 * r + u]);
                Near(atActivation[4 * r + u] * (1 - h[4 * r + u] * h[4 * r + u]), below[4 * r + u]);
            }

            for (var i = 0; i < 3; i++)
            {
                Near(Enumerable.Range(0, 4).Sum(u => weights["0.weight"][3 * u + i] * below[4 * r + u]), saliency[3 * r + i]);
            }
        }

        for (var u = 0; u < 4; u++)
        {
            Near(Enumerable.Range(0, Rows).Sum(r => below[4 * r + u]), gradients["0.bias"][u]);
            for (var i = 0; i < 3; i++)
            {
                Near(Enumerable.Range(0, Rows).Sum(r => below[4 * r + u] * x[3 * r + i]), gradients["0.weight"][3 * u + i]);
            }
        }

        // A handful of terms below 1.
        static void Near(double expected, double actual) => Assert.Equal(expected, actual, 1e-15);
    }

    [Theory]
    [MemberData(nameof(Networks.Names), MemberType = typeof(Networks))]
    public void KeepingSignalsChangesNoBit(string name)
    {
        var model = Networks.All[name];
        var weights = Initializers.Default<float>(model, 1);
        var table = Networks.Table(model, Rows).To<float>();
        string Run(bool keep)
        {
            using var pass = new GradientPass<float>(model, Rows, random: new TorchRandom(3), keepSignals: keep);
            var gradients = new Weights<float>(model);
            pass.Run(weights, table, Catalogue.Rows(Rows), gradients, new float[Rows * model.Outputs]);
            Assert.All(keep ? model.Signals : [], signal => Assert.Equal(Rows * signal.Width, pass.GradientsOf(signal).Length));
            return gradients.Hash();
        }

        Assert.Equal(Run(false), Run(true));
    }

    [Fact]
    public void WhatIsNotKeptIsRefused()
    {
        var model = Networks.All["linear"];
        using var pass = new GradientPass<float>(model, Rows);
        Assert.Contains("keepSignals: true", Assert.Throws<ArgumentException>(() => pass.ValuesOf(model.Signals[1])).Message);
        Assert.StartsWith("There is no layer '9'. Choose one of: 0 (linear 40 without bias), 1 (tanh), 2 (linear 3).",
            Assert.Throws<ArgumentException>(() => model.SignalOf("9")).Message);
    }
}
