using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Kernels;

namespace Backprop.Tests.Graph;

/// <summary>Every op's Bprop is the gradient of its Run.</summary>
public class OpTests
{
    private static readonly TargetMix Mix = new([0.1, 0.2, 0.3], [0.7, 1.4, 2.1], false, null);

    private static readonly Dictionary<string, Node> Examples = new[]
    {
        A(3, 4).Times(B(4, 5)),
        A(6, 3).TransposeTimes(B(6, 2)),
        A(3, 5).Transpose(),
        A(4, 3).AddRow(B(1, 3)),
        A(5, 4).SumRows(),
        A(3, 35) + B(3, 35),
        A(3, 4) * B(3, 4),
        A(2, 3).Apply(Activation.Parse("silu")),
        Node.Of(new ApplyGradient(Activation.Parse("silu")), A(2, 3), Node.Constant(0.3, new(2, 3)), Node.Constant(0.2, new(2, 3))),
        Node.Of(new ElementwiseLoss(Loss.Of(new SquaredError())), A(4, 3), Node.Constant(0.4, new(4, 3)), Node.Constant(0.7, new(4, 1))),
        Node.Of(new SoftmaxCrossEntropy(), A(4, 3), Node.Constant(2, new(4, 1)), Node.Constant(0.7, new(4, 1))),
        new MixedSoftmaxCrossEntropy(Mix, [1, 2, 3], Reduction.Mean).Apply(A(4, 3), Node.Constant(2, new(4, 1)), Node.Constant(0.7, new(4, 1))),
        Node.Of(new QuantileLoss([0.1, 0.5, 0.9], Reduction.Mean), A(4, 3), Node.Constant(0.2, new(4, 1)), Node.Constant(0.7, new(4, 1))),
        Node.Of(new GaussianLoss(Reduction.Sum), A(4, 4), Node.Constant(0.4, new(4, 2)), Node.Constant(0.7, new(4, 1))),
    }.ToDictionary(node => node.Op.GetType().Name);

    // A loss's gradient is an op that refuses to be differentiated again, and says so; so does a share, which depends on targets only.
    private static readonly Type[] NotDifferentiable = [typeof(MeanLossGradient), typeof(RowShare)];

    public static TheoryData<string> Names => [.. Examples.Keys];

    [Theory, MemberData(nameof(Names))]
    public void BpropIsTheGradientOfRun(string name)
    {
        var node = Examples[name];
        var parameters = node.Inputs.Where(input => input.Op is Parameter).Distinct().ToList();
        GradientCheck.Assert(Sum(node), parameters, name);
    }

    [Fact]
    public void EveryOpHasAnExample()
    {
        var ops = typeof(Op).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Op)) && !type.IsAbstract && !type.IsSubclassOf(typeof(Leaf)));
        var missing = ops.Except(NotDifferentiable).Select(type => type.Name).Except(Examples.Keys);
        Assert.True(!missing.Any(), $"Add an example to {nameof(OpTests)} for: {string.Join(", ", missing)}");
    }

    [Fact]
    public void ALossIsDifferentiatedOnce()
    {
        var logits = A(4, 3);
        var loss = SoftmaxCrossEntropy.Of(logits, Node.Constant(2, new(4, 1)), Node.Constant(1, new(4, 1)));
        var gradient = Gradient.Build(loss, [logits])[0];
        Assert.Contains("Differentiate once", Assert.Throws<NotSupportedException>(() => Gradient.Build(Sum(gradient), [logits])).Message);
    }

    private static Node A(int rows, int columns) => Node.Parameter("a", rows, columns);

    private static Node B(int rows, int columns) => Node.Parameter("b", rows, columns);

    /// <summary>A scalar that weighs every element differently, so that no error cancels.</summary>
    private static Node Sum(Node node)
    {
        if (node.Shape == Shape.Scalar)
        {
            return node;
        }

        var weighed = node * node + node;
        return weighed.SumRows().Times(Node.Constant(0.5, new(node.Shape.Columns, 1)));
    }
}
