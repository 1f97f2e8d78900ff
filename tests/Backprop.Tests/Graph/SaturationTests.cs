using Backprop.Graph;
using Backprop.Planning;

namespace Backprop.Tests.Graph;

/// <summary>Softmax, logarithm and sum as nodes apart, beside the two in one: where the pair breaks and the one does not.</summary>
public class SaturationTests
{
    private static readonly Node Z = Node.Input("z", 2);

    // The class that is right, 0, as a number and as a row of probabilities.
    private static readonly Node Fused = Node.CrossEntropy(Z, Node.Constant(0, new(Shape.Batch, 1)));
    private static readonly Node Naive = -(Z.Softmax().Log() * Node.Input("onehot", 2)).Sum();
    private static readonly Node OneHot = new Topology([Naive]).Order.Single(node => node.Name == "onehot");

    [Theory, InlineData(0.5), InlineData(20.0), InlineData(300.0), InlineData(700.0)]
    public void TheyAgreeWhileTheProbabilityIsANormalNumber(double gap)
    {
        var (loss, gradient) = Of<double>(Fused, gap);
        var (naive, naiveGradient) = Of<double>(Naive, gap);
        Assert.Equal(loss, naive, 1e-14 * gap);
        Assert.Equal(gradient, naiveGradient, 1e-14);
    }

    /// <summary>e^−745.2 is 0 in double, so the logarithm is −∞ and its slope ∞ · 0.</summary>
    [Theory, InlineData(746.0), InlineData(1e4)]
    public void TheNaivePairBreaksWhereTheProbabilityUnderflows(double gap)
    {
        Assert.Equal((gap, -1), Of<double>(Fused, gap));
        var (loss, gradient) = Of<double>(Naive, gap);
        Assert.False(double.IsFinite(loss));
        Assert.True(double.IsNaN(gradient));
    }

    /// <summary>In float that happens at 104.</summary>
    [Fact]
    public void InFloatItBreaksAtAGapOf104()
    {
        Assert.Equal(80, Of<float>(Naive, 80).Loss, 1e-4);
        Assert.True(float.IsNaN(Of<float>(Naive, 104).Gradient));
        Assert.Equal((104, -1), Of<float>(Fused, 104));
    }

    /// <summary>The loss and its derivative with respect to the right class's logit, which is that far below the other.</summary>
    private static (T Loss, T Gradient) Of<T>(Node loss, double gap) where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        using var numbers = new Numbers<T>
        {
            [Z] = new[,] { { -T.CreateChecked(gap), T.Zero } },
            [OneHot] = new[,] { { T.One, T.Zero } },
        };
        var values = numbers.Values([loss, .. Gradient.Build(loss, [Z])]);
        return (values[0][0, 0], values[1][0, 0]);
    }
}
