using Backprop.Formulas;
using Backprop.Models;
using Backprop.Tests.Training;
using Real = Backprop.Kernels.Lanes<double, double, Backprop.Kernels.Simd1<double>>;

namespace Backprop.Tests.Notes;

/// <summary>The lecture notes' part B, outputs and losses, with the numbers given there.</summary>
public class OutputsAndLosses
{
    [Fact]
    public void ASigmoidsCrossEntropyIsTheSoftplusOfTheSignedLogit()
    {
        var loss = Loss.Of(new BinaryCrossEntropy());
        for (var z = -40.0; z <= 40; z += 0.5)
        {
            foreach (var y in new[] { 0.0, 1.0 })
            {
                var signed = (1 - 2 * y) * z;
                // softplus of a large number is the number itself, and log1p of a small one is nearly it.
                var softplus = Math.Max(signed, 0) + Math.Log(1 + Math.Exp(-Math.Abs(signed)));
                Assert.Equal(softplus, loss.Value<Real>(z, y).Vector, 1e-15 * Math.Max(1, softplus));
                Assert.Equal(1 / (1 + Math.Exp(-z)) - y, loss.Derivative<Real>(z, y).Vector, 1e-15);
            }
        }
    }

    [Fact]
    public void AConfidentMistakeIsLearnedFromAtFullStrengthAndAConfidentHitHardly()
    {
        var loss = Loss.Of(new BinaryCrossEntropy());
        foreach (var z in new[] { 20.0, 1e2, 1e4 })
        {
            Assert.Equal(1, loss.Derivative<Real>(z, 0).Vector, 1e-8);
            Assert.Equal(-1, loss.Derivative<Real>(-z, 1).Vector, 1e-8);
            Assert.Equal(0, loss.Derivative<Real>(z, 1).Vector, 1e-8);
            Assert.Equal(z, loss.Value<Real>(z, 0).Vector, 1e-8);
        }
    }

    [Fact]
    public void ASoftmaxDoesNotChangeWhenAllLogitsMove()
    {
        var here = LossBatch.Run<double>(Head.Multiclass, [[1, 2, 4]], [[1]]);
        foreach (var shift in new[] { -1024.0, 1024, 1 << 20 })
        {
            // The logits are whole numbers, so that moving them loses nothing.
            var there = LossBatch.Run<double>(Head.Multiclass, [[1 + shift, 2 + shift, 4 + shift]], [[1]]);
            Assert.Equal(here.Loss, there.Loss);
            Assert.Equal(here.Gradient[0], there.Gradient[0]);
        }
    }

    [Theory, InlineData("multiclass"), InlineData("multiclass(probabilities)")]
    public void TheGradientIsWhatIsPredictedLessWhatIsTrue(string text)
    {
        var head = Head.Parse(text);
        double[] z = [0.5, -1, 3], y = [0, 0, 1];
        var (loss, gradient, _, _) = LossBatch.Run<double>(head, [z], [head.ClassLabels ? [2] : y]);
        var sum = z.Sum(Math.Exp);
        Assert.Equal(Math.Log(sum) - 3, loss, 1e-15);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(Math.Exp(z[i]) / sum - y[i], gradient[0][i], 1e-15);
        }
    }

    [Fact]
    public void ALinearUnitsLossIsTheMeanOverRowsAndOutputs()
    {
        // (1 + 4 + 0 + 9) / 4.
        var (loss, gradient, _, _) = LossBatch.Run<double>(Head.Regression, [[1, 2], [3, 4]], [[0, 0], [3, 1]]);
        Assert.Equal(3.5, loss);
        Assert.Equal([0.5, 1], gradient[0]);
        Assert.Equal([0, 1.5], gradient[1]);
        var summed = LossBatch.Run<double>(Head.Regression with { Reduction = Reduction.Sum }, [[1, 2], [3, 4]], [[0, 0], [3, 1]]);
        Assert.Equal(14, summed.Loss);
        Assert.Equal([0, 6], summed.Gradient[1]);
    }

    [Fact]
    public void ExampleWeightsMultiplyLossesAndNotTheDenominator()
    {
        var (loss, gradient, _, _) = LossBatch.Run<double>(Head.Regression, [[2], [2]], [[0], [0]], [1, 3]);
        Assert.Equal((1 * 4 + 3 * 4) / 2.0, loss);
        Assert.Equal([6], gradient[1]);
    }
}
