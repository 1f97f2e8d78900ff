using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Interop.Tests.Torch;
using Backprop.Models;
using Backprop.Models.Layers;

namespace Backprop.Interop.Tests.Audit;

/// <summary>A unit that float puts on the other side of a kink is found there, listed, and held to the bounds on that side.</summary>
[Collection(TorchCollection.Name)]
public sealed class KinkTests
{
    // 1 + 2⁻³⁰ is 1 in float, so that a sum with it ends on the kink, and in double beside it.
    private const float Lost = 1f / (1 << 30);

    /// <summary>Every activation with a kink, and where it is.</summary>
    public static TheoryData<string, double> Activations
    {
        get
        {
            var data = new TheoryData<string, double>();
            foreach (var activation in Activation.All)
            {
                // Where the derivative beside a number is another than on its other side.
                foreach (var at in Enumerable.Range(-80, 161).Select(i => i / 10.0))
                {
                    double Slope(double x) => activation.Derivative(new Scalar<double>(x), activation.Forward(new Scalar<double>(x))).Value;
                    if (Math.Abs(Slope(at + 1e-9) - Slope(at - 1e-9)) > 1e-6)
                    {
                        data.Add(activation.Name, at);
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Activations))]
    public void AUnitAtTheKinkOfAnActivation(string activation, double at)
    {
        foreach (var side in new[] { 1, -1 })
        {
            var model = Model.Of(Signal.Features(3).Linear(1).Apply(Activation.Parse(activation)).Linear(1), Head.Regression);
            var weights = new Weights<float>(model);
            weights["0.weight"].Fill(1);
            weights["2.weight"].Fill(1);
            IsSettled(GradientAudit.Run(weights, new(1, [1, side * Lost, (float)at - 1], [-1])), "layer 0");
        }
    }

    [Theory]
    [InlineData("absoluteerror")]
    [InlineData("pinball(0.3)")]
    public void AnOutputAtTheKinkOfALoss(string loss)
    {
        foreach (var side in new[] { 1, -1 })
        {
            var model = Model.Of(Signal.Features(2).Linear(1), Head.Regression with { OutputLoss = Formulas.Loss.Parse(loss) });
            var weights = new Weights<float>(model);
            weights["0.weight"].Fill(1);
            IsSettled(GradientAudit.Run(weights, new(1, [1, side * Lost], [1])), "output");
        }
    }

    [Fact]
    public void AnOutputAtTheKinkOfAQuantile()
    {
        var model = Model.Of(Signal.Features(2).Linear(2), Head.Quantile(0.2, 0.9));
        var weights = new Weights<float>(model);
        weights["0.weight"].Fill(1);
        var report = GradientAudit.Run(weights, new(1, [1, -Lost], [1]));
        Assert.Equal(2, report.Kinks.Count);
        Assert.All(report.Tensors, t => Assert.True(t.Verdict == Verdict.Agrees, t.ToString()));
    }

    [Fact]
    public void PiecesOfMaxoutThatAreEqual()
    {
        var model = Model.Of(Signal.Features(2).Maxout(1, 2).Linear(1), Head.Regression);
        var weights = new Weights<float>(model);
        // Piece by piece: 1 + 2⁻³⁰ against 1.
        weights["0.weight"].Fill(1);
        weights["0.weight"][1] = 0;
        weights["1.weight"].Fill(1);
        IsSettled(GradientAudit.Run(weights, new(1, [1, Lost], [-1])), "");
    }

    [Fact]
    public void AUnitAtTheKinkOfPRelu()
    {
        var model = Model.Of(Signal.Features(3).Linear(1).Through(new PRelu()).Linear(1), Head.Regression);
        var weights = Initializers.Default<float>(model, 1);
        weights["0.weight"].Fill(1);
        weights["0.bias"].Clear();
        IsSettled(GradientAudit.Run(weights, new(1, [1, Lost, -1], [-1])), "layer 0");
    }

    /// <summary>A kink excuses its unit, and no other error.</summary>
    [Fact]
    public void AnErrorBesideAKinkIsSeen()
    {
        var model = Model.Of(Signal.Features(3).Linear(2).Apply(new Relu()).Linear(1), Head.Regression);
        var weights = new Weights<float>(model);
        weights["0.weight"].Fill(1);
        weights["0.bias"][1] = 1;
        weights["2.weight"].Fill(1);
        var batch = new Examples<float>(1, [1, Lost, -1], [-1]);
        using var single = new EnginePass<float>(model, batch, null);
        using var precise = new EnginePass<double>(model, batch, null);
        var report = GradientAudit.Run(weights, batch, (w, examples, rows, gradients, logits) =>
        {
            var loss = single.Run(w, examples, rows, gradients, logits);
            gradients["0.bias"][1] *= 1.001f;
            return loss;
        }, precise.Run);
        Assert.Equal("0.bias", Assert.Single(report.Tensors, t => t.Verdict == Verdict.OursWorse).Name);
    }

    private static void IsSettled(GradientReport report, string where)
    {
        Assert.All(report.Tensors, t => Assert.True(t.Verdict == Verdict.Agrees, $"{t}; {string.Join(' ', report.Kinks)}"));
        Assert.Contains(where, Assert.Single(report.Kinks), StringComparison.Ordinal);
        Assert.DoesNotContain("could not be told", report.Kinks[0], StringComparison.Ordinal);
    }
}
