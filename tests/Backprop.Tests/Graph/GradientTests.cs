using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Planning;

namespace Backprop.Tests.Graph;

/// <summary>build_grad on graphs of every kind.</summary>
public class GradientTests
{
    [Fact]
    public void AnInputUsedTwiceGetsBothTerms()
    {
        var x = Scalar("x");
        Assert.Equal([9, 6], Values(x * x, [x], [3]));
    }

    [Fact]
    public void DepthCostsNoStack()
    {
        // x · 1.0001^5000: the derivative is the product of all factors.
        var x = Scalar("x");
        var y = x;
        for (var i = 0; i < 5000; i++)
        {
            y *= Node.Constant(1.0001, Shape.Scalar);
        }

        var expected = Enumerable.Repeat(1.0001, 5000).Aggregate((p, f) => p * f);
        Assert.Equal(expected, Values(y, [x], [1])[1], 1e-12);
    }

    [Fact]
    public void NodesOutsideThePrunedGraphAreNeverBuilt()
    {
        var (w, frozen) = (Scalar("w"), Scalar("frozen"));
        var gradient = Gradient.Build((frozen * frozen + w) * w, [w])[0];
        // ∂/∂w needs frozen² + w, but nothing differentiates with respect to frozen.
        Assert.Single(new Topology([gradient]).Consumers(frozen).Select(use => use.Consumer).Distinct());
    }

    [Fact]
    public void AWeightUsedInTwoLayersGetsTheSumOfBothGradients()
    {
        // ℓ = sum of f(x W) W elements; W is shared, so its gradient has two terms: checked by differences.
        var w = Node.Parameter("w", 3, 3);
        var x = Node.Parameter("x", 2, 3);
        var y = x.Times(w).Apply(Activation.Parse("tanh")).Times(w);
        var loss = y.SumRows().Times(Node.Constant(1, new(3, 1)));
        GradientCheck.Assert(loss, [w, x], "shared weight");
    }

    [Theory, MemberData(nameof(Catalogue.Activations), MemberType = typeof(Catalogue))]
    public void AHiddenLayerReadTwiceGetsBothGradients(string activation)
    {
        // The activation's gradient is a sum here, so it is not fused with a product.
        var (x, w) = (Node.Parameter("x", 2, 3), Node.Parameter("w", 3, 4));
        var (u, v) = (Node.Parameter("u", 4, 1), Node.Parameter("v", 4, 1));
        var h = x.Times(w).AddRow(Node.Parameter("b", 1, 4)).Apply(Activation.Parse(activation));
        var loss = (h.Times(u) * h.Times(v)).SumRows();
        GradientCheck.Assert(loss, [w, x, u, v, h.Inputs[0].Inputs[1]], activation);
    }

    private static Node Scalar(string name) => Node.Parameter(name, 1, 1);

    private static double[] Values(Node result, Node[] targets, double[] at)
    {
        using var numbers = new Numbers<double>();
        foreach (var (target, value) in targets.Zip(at))
        {
            numbers.Fill(target, value);
        }

        return [.. numbers.Values([result, .. Gradient.Build(result, targets)]).Select(value => value[0, 0])];
    }
}
