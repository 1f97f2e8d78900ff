using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;

namespace Backprop.Tests.Graph;

/// <summary>Every op's Bprop is the gradient of its Run, and so is that of what it builds: derivatives of first and second order.</summary>
public class OpTests
{
    private static readonly Dictionary<string, Node> Examples = new (string, Node)[]
    {
        ("product", A(3, 4).Times(B(4, 5))),
        ("transposed product", A(6, 3).TransposeTimes(B(6, 2))),
        ("transposition", A(3, 5).Transpose()),
        ("column sums", A(5, 4).SumRows()),
        ("row sums", A(3, 35).SumColumns()),
        ("sum of equals", A(3, 35) + B(3, 35)),
        ("a row repeated", A(4, 3) + B(1, 3)),
        ("a column repeated", A(3, 4) * B(3, 1)),
        ("a number repeated", A(1, 1) / B(3, 4).Exp()),
        ("a row and a column", A(1, 4) - B(3, 1) * B2(1, 1)),
        ("three inputs", Node.Map(new Primitives.MultiplyAdd(), A(3, 1), B(1, 4), B2(3, 4))),
        ("a choice", Node.IfPositive(A(3, 4), B(3, 4) * B(3, 4), Node.Constant(0.5, new(3, 4)) * A(3, 4))),
        ("maximum", Node.Max(A(3, 4), B(3, 4))),
        ("minimum", Node.Min(A(3, 4), B(1, 4))),
        ("negation", -A(2, 3)),
        ("sqrt", (A(2, 3) + 2).Sqrt()),
        ("abs", A(2, 3).Abs()),
        ("exp", A(2, 3).Exp()),
        ("expm1", A(2, 3).Expm1()),
        ("log", (A(2, 3) + 2).Log()),
        ("log1p", (A(2, 3) + 1).Log1p()),
        ("sigmoid", A(2, 3).Sigmoid()),
        ("tanh", A(2, 3).Tanh()),
        ("erf", A(2, 3).Erf()),
        ("erfc", A(2, 3).Erfc()),
        ("sin", A(2, 3).Sin()),
        ("cos", A(2, 3).Cos()),
        ("repetition", A(1, 3).RepeatTo(new(4, 3)).Times(B(3, 2))),
        ("softmax", A(3, 5).Softmax()),
        ("log-softmax", A(3, 5).LogSoftmax()),
        ("normalised rows", A(3, 19).NormaliseRows(0.1)),
        ("normalised columns", A(7, 3).NormaliseColumns(0.1)),
        ("a normalisation's gradient", Node.Of(new NormalisationGradient(new(true, 0.1)), A(3, 5), B(3, 5))),
        ("columns", A(3, 40).Columns(30, 7)),
        ("concatenation", Node.Concatenate(A(3, 2), B(3, 33), A(3, 2), B2(3, 1))),
        ("lookup", Index().Lookup(A(4, 3))),
        ("lookup sums", Node.Of(new LookupSums(5), Index(), A(6, 3))),
        ("squared distance", A(3, 4).SquaredDistanceTo(B(4, 5))),
        ("activation gradient", Node.Of(new ApplyGradient(Activation.Parse("silu")), A(2, 3), B(2, 3), B2(2, 3))),
        ("squared error", Node.Of(new ElementwiseLoss(Loss.Of(new SquaredError())), A(4, 3), Node.Constant(0.4, new(4, 3)), Node.Constant(0.7, new(4, 1)))),
        ("cross-entropy", Node.Of(new SoftmaxCrossEntropy(), A(4, 3), Index(4), Node.Constant(0.7, new(4, 1)))),
        ("loss gradient", Node.Of(
            new MeanLossGradient(new ElementwiseLoss(Loss.Of(new BinaryCrossEntropy()))), A(4, 3), B(4, 3), B2(4, 1))),
        ("cross-entropy with options", new MixedSoftmaxCrossEntropy(new([0.1, 0.2, 0.3], [0.7, 1.4, 2.1], false, 1), [1, 2, 3], Reduction.Mean)
            .Apply(A(4, 3), Index(4), Node.Constant(0.7, new(4, 1)))),
        ("cross-entropy of probabilities", new MixedSoftmaxCrossEntropy(new([0.1, 0.2, 0.3], [0.7, 1.4, 2.1], true, null), [1, 2, 3], Reduction.Mean)
            .Apply(A(4, 3), Node.Constant(0.3, new(4, 3)), Node.Constant(0.7, new(4, 1)))),
        ("their totals", A(4, 1) * Node.Of(new TargetTotals(new([0.1, 0.2, 0.3], [0.7, 1.4, 2.1], false, 1)), Index(4))),
        ("quantile loss", Node.Of(new QuantileLoss([0.1, 0.5, 0.9], Reduction.Mean), A(4, 3), Node.Constant(0.2, new(4, 1)), Node.Constant(0.7, new(4, 1)))),
        ("Gaussian loss", Node.Of(new GaussianLoss(Reduction.Sum), A(4, 4), Node.Constant(0.4, new(4, 2)), Node.Constant(0.7, new(4, 1)))),
        ("Gaussian gradient", Node.Of(new MeanLossGradient(new GaussianLoss(Reduction.Mean)), A(4, 4), B(4, 2), B2(4, 1))),
        ("loss of a loss", SoftmaxCrossEntropy.Of(A(4, 3), Index(4), Node.Constant(1, new(4, 1))).Square()),
    }.ToDictionary(example => example.Item1, example => example.Item2);

    public static TheoryData<string> Names => [.. Examples.Keys];

    [Theory, MemberData(nameof(Names))]
    public void BpropIsTheGradientOfRun(string name) => GradientCheck.Assert(Weighed(Examples[name]), Parameters(Examples[name]), name);

    [Theory, MemberData(nameof(Names))]
    public void BpropIsClosedUnderDifferentiation(string name)
    {
        var parameters = Parameters(Examples[name]);
        // Every gradient element weighed differently, so the check covers every row of the Hessian.
        var slopes = Gradient.Build(Weighed(Examples[name]), parameters).Select(Weighed).Aggregate((a, b) => a + b);
        GradientCheck.Assert(slopes, parameters, $"second derivatives of {name}");
    }

    [Theory, MemberData(nameof(Catalogue.Activations), MemberType = typeof(Catalogue))]
    public void ActivationsHaveDerivativesOfEveryOrder(string name)
    {
        var x = A(2, 3);
        Node derivative = x.Apply(Activation.Parse(name));
        for (var order = 1; order <= 3; order++)
        {
            GradientCheck.Assert(Weighed(derivative), [x], $"derivative {order} of {name}");
            derivative = Gradient.Build(derivative.Sum(), [x], zeros: true)[0];
        }
    }

    [Theory, MemberData(nameof(Catalogue.Losses), MemberType = typeof(Catalogue))]
    public void LossesHaveASecondDerivative(string name)
    {
        var z = A(4, 3);
        var loss = ElementwiseLoss.Of(Catalogue.LossOf(name), z, B(4, 3), Node.Constant(0.7, new(4, 1)));
        GradientCheck.Assert(Weighed(Gradient.Build(loss, [z])[0]), Parameters(loss), name);
    }

    [Fact]
    public void EveryOpHasAnExample()
    {
        var ops = typeof(Op).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Op)) && !type.IsAbstract && !type.IsSubclassOf(typeof(Leaf)));
        var shown = new Topology([.. Examples.Values]).Order.Select(node => node.Op.GetType()).Append(typeof(Apply));
        var missing = ops.Except(shown.Select(type => type.IsGenericType ? type.GetGenericTypeDefinition() : type)).Select(type => type.Name);
        Assert.True(!missing.Any(), $"Add an example to {nameof(OpTests)} for: {string.Join(", ", missing)}");
    }

    private static Node A(int rows, int columns) => Node.Parameter("a", rows, columns);

    private static Node B(int rows, int columns) => Node.Parameter("b", rows, columns);

    private static Node B2(int rows, int columns) => Node.Parameter("c", rows, columns);

    /// <summary>Category numbers 2, 0, 1, 2, 0, 1, of which rows repeat.</summary>
    private static Node Index(int rows = 6) => Node.State("index", rows, 1);

    private static List<Node> Parameters(Node node) => [.. new Topology([node]).Order.Where(n => n.Op is Parameter)];

    /// <summary>A scalar that weighs every element differently, so that no error cancels.</summary>
    private static Node Weighed(Node node)
    {
        var weighed = node * node + node * Node.State("weights", node.Shape.Rows, node.Shape.Columns);
        return weighed.SumRows().Times(Node.Constant(0.5, new(node.Shape.Columns, 1)));
    }
}
