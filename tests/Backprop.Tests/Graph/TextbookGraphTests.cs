using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Planning;

namespace Backprop.Tests.Graph;

/// <summary>The worked examples of textbooks, with the numbers given there.</summary>
public class TextbookGraphTests
{
    private static readonly Node A = Node.Parameter("a", 1, 1);
    private static readonly Node B = Node.Parameter("b", 1, 1);

    [Fact]
    public void TwoPathsAddUp()
    {
        using var numbers = new Numbers<double> { [A] = new[,] { { 2.0 } }, [B] = new[,] { { 1.0 } } };
        var e = (A + B) * (B + 1);
        Assert.Equal(6, numbers.Scalar(e));
        Assert.Equal([2, 5], numbers.Gradients(e, [A, B]).Select(g => g[0, 0]));
    }

    [Theory, InlineData(-1.3), InlineData(0.0), InlineData(0.4), InlineData(2.0)]
    public void ExponentialOfSineOfASquare(double x)
    {
        using var numbers = new Numbers<double> { [A] = new[,] { { x } } };
        var y = A.Square().Sin().Exp();
        var expected = Math.Exp(Math.Sin(x * x)) * Math.Cos(x * x) * 2 * x;
        // Six functions and products, each within an ulp or two, of numbers below 4 e.
        Assert.Equal(expected, numbers.Gradients(y, [A])[0][0, 0], 20 * 2.2e-16 * Math.Max(1, Math.Abs(expected)));
    }

    [Fact]
    public void TheMeanOfThreeSquares()
    {
        var a = Node.Parameter("a", 2, 2);
        using var numbers = new Numbers<double>();
        numbers.Fill(a, 1);
        var b = a + 2;
        var d = 3 * b.Square();
        Assert.Equal(27, numbers.Scalar(d.Mean()));
        Assert.All(numbers.Gradients(d.Mean(), [a])[0].Cast<double>(), g => Assert.Equal(4.5, g));
    }

    [Fact]
    public void OfAFunctionAppliedThriceEachValueIsComputedOnce()
    {
        var op = new CountingOp();
        Node F(Node x) => Node.Of(op, x.Sin());
        using var numbers = new Numbers<double> { [A] = new[,] { { 0.7 } } };
        var z = F(F(F(A)));
        var (cx, cy) = (Math.Sin(0.7), Math.Sin(Math.Sin(0.7)));
        IReadOnlyList<Node> asked = [z, .. Gradient.Build(z, [A])];
        var expected = Math.Cos(cy) * Math.Cos(cx) * Math.Cos(0.7);
        Assert.Equal(expected, numbers.Values(asked)[1][0, 0], 8 * 2.2e-16);
        Assert.Equal((3, 3), (op.Runs, op.Bprops));
    }

    [Fact]
    public void EveryNodeHasAGradientOnRequest()
    {
        // e = c d, c = a + b, d = b + 1 at a = 2, b = 1.
        var c = (A + B).Named("c");
        var d = (B + 1).Named("d");
        var e = (c * d).Named("e");
        using var numbers = new Numbers<double> { [A] = new[,] { { 2.0 } }, [B] = new[,] { { 1.0 } } };
        Assert.Equal([1, 2, 3, 2, 5], numbers.Gradients(e, [e, c, d, A, B]).Select(g => g[0, 0]));
    }

    [Fact]
    public void TheBooksNamesAreThere()
    {
        var square = A * A;
        var sum = square + B;
        var graph = new Topology([sum]);
        Assert.Equal("Multiplication", Topology.GetOperation(square).Name);
        Assert.Equal([square, B], graph.GetInputs(sum));
        Assert.Equal([square], graph.GetConsumers(A));
        Assert.Equal(2, graph.Consumers(A).Count);
        Assert.Equal([A, square, B, sum], graph.Order);
        var bprop = Topology.GetOperation(square).Bprop(square, 0, B)!;
        using var numbers = new Numbers<double> { [A] = new[,] { { 3.0 } }, [B] = new[,] { { 5.0 } } };
        Assert.Equal(15, numbers.Scalar(bprop));
        Assert.Equal("e (1 × 1) is not in this graph. Make the graph of nodes that are computed from it.",
            Assert.Throws<ArgumentException>(() => graph.GetConsumers(Node.Parameter("e", 1, 1))).Message);
    }

    [Fact]
    public void NodesOutsideThePrunedGraphAreNeitherDifferentiatedNorRun()
    {
        var (used, aside, unasked) = (new CountingOp(), new CountingOp(), new CountingOp());
        var z = Node.Of(used, A) * Node.Of(aside, B);
        Node.Of(unasked, z);
        using var numbers = new Numbers<double> { [A] = new[,] { { 2.0 } }, [B] = new[,] { { 7.0 } } };
        Assert.Equal(7, numbers.Gradients(z, [A])[0][0, 0]);
        // ∂z/∂a = g(b): f is differentiated but need not run, g runs but is not differentiated.
        Assert.Equal((0, 1), (used.Runs, used.Bprops));
        Assert.Equal((1, 0), (aside.Runs, aside.Bprops));
        Assert.Equal((0, 0), (unasked.Runs, unasked.Bprops));
    }

    [Fact]
    public void GradientsAreGraphsToDifferentiateAgain()
    {
        using var numbers = new Numbers<double> { [A] = new[,] { { 1.5 } } };
        var derivative = A * A * A * A;
        foreach (var expected in new[] { 4 * 3.375, 12 * 2.25, 24 * 1.5, 24 })
        {
            derivative = Gradient.Build(derivative, [A])[0];
            Assert.Equal(expected, numbers.Scalar(derivative), 1e-13);
        }

        Assert.Equal(0, numbers.Gradients(derivative, [A], zeros: true)[0][0, 0]);
    }

    [Fact]
    public void TheHessianOfALinearModelsXorLossIsThatOfTheData()
    {
        // ℓ = ¼ Σ (w·x + b − t)²: the Hessian is ½ Σ (x, 1)(x, 1)ᵀ; at its minimum w = 0, b = ½ the gradient is 0.
        var (x, t, w) = (Node.Input("x", 3), Node.Input("t", 1), Node.Parameter("w", 3, 1));
        using var numbers = new Numbers<double>
        {
            [x] = new double[,] { { 0, 0, 1 }, { 0, 1, 1 }, { 1, 0, 1 }, { 1, 1, 1 } },
            [t] = new double[,] { { 0 }, { 1 }, { 1 }, { 0 } },
            [w] = new[,] { { 0 }, { 0 }, { 0.5 } },
        };
        var loss = (x.Times(w) - t).Square().Mean();
        Assert.Equal(0.25, numbers.Scalar(loss));
        Assert.All(numbers.Gradients(loss, [w])[0].Cast<double>(), g => Assert.Equal(0, g));
        Assert.Equal(new[,] { { 1, 0.5, 1 }, { 0.5, 1, 1 }, { 1, 1, 2 } }, numbers.Hessian(loss, w));
        Assert.Equal(new[,] { { 1 }, { 1.5 }, { 3 } }, numbers.HessianTimesVector(loss, w, new double[,] { { -1 }, { 0 }, { 2 } }));
    }

    [Fact]
    public void JacobiansObeyTheChainRule()
    {
        // y = tanh(W x), u = exp(V y) ⊙ y₀: every Jacobian against its formula, products against the matrix.
        var (x, w, v) = (Node.Parameter("x", 3, 1), Node.Parameter("w", 4, 3), Node.Parameter("v", 2, 4));
        using var numbers = new Numbers<double>
        {
            [x] = new[,] { { 0.1 }, { -0.4 }, { 0.7 } },
            [w] = Filled(4, 3, (i, j) => 0.3 * i - 0.2 * j),
            [v] = Filled(2, 4, (i, j) => 0.1 + 0.5 * i - 0.25 * j),
        };
        var y = w.Times(x).Tanh();
        var u = v.Times(y).Exp();
        var (value, weights) = (numbers.Value(y), numbers[w]);
        var inner = numbers.Jacobian(y, x);
        AssertClose(Filled(4, 3, (i, j) => (1 - value[i, 0] * value[i, 0]) * weights[i, j]), inner);
        var (outer, whole) = (numbers.Jacobian(u, y), numbers.Jacobian(u, x));
        AssertClose(Times(outer, inner), whole);

        var (left, right) = (new[,] { { 0.5 }, { -2 } }, new[,] { { 1.0 }, { -1 }, { 0.25 } });
        AssertClose(Times(whole, right), numbers.JacobianTimesVector(u, x, right));
        AssertClose(Transposed(Times(Transposed(left), whole)), numbers.VectorTimesJacobian(left, u, x));
    }

    [Fact]
    public void HessianVectorProductsAreProductsWithTheHessian()
    {
        var (x, w) = (Node.Parameter("x", 5, 3), Node.Parameter("w", 3, 2));
        using var numbers = new Numbers<double> { [x] = Filled(5, 3, (i, j) => 0.4 * i - 0.7 * j), [w] = Filled(3, 2, (i, j) => 0.2 * i - 0.3 * j) };
        var loss = x.Times(w).Apply(Activation.Parse("silu")).LogSoftmax().Square().Mean();
        var hessian = numbers.Hessian(loss, w);
        var v = Filled(6, 1, (i, _) => i - 2.5);
        var product = numbers.HessianTimesVector(loss, w, Filled(3, 2, (i, j) => v[2 * i + j, 0]));
        AssertClose(Times(hessian, v), Filled(6, 1, (i, _) => product[i / 2, i % 2]));
        AssertClose(Transposed(hessian), hessian);
    }

    [Fact]
    public void SharedWeightsGetTheSumOverTheirUses()
    {
        // x₁ = φ₁(x₀; w₁), x₂ = φ₂(x₀, x₁; w₂), x₃ = φ₃(x₁, x₂; w₁).
        Node Graph(Node x0, Node w1, Node w2, Node w1Again)
        {
            var x1 = x0.Times(w1).Tanh();
            var x2 = (x0.Times(w2) + x1).Sigmoid();
            return (x1 * x2).Times(w1Again).Sin().Square().Sum();
        }

        var (x0, w1, w2, apart) = (Node.Parameter("x0", 2, 3), Node.Parameter("w1", 3, 3), Node.Parameter("w2", 3, 3), Node.Parameter("apart", 3, 3));
        var weights = Filled(3, 3, (i, j) => 0.3 * i - 0.4 * j + 0.1);
        using var numbers = new Numbers<double> { [x0] = Filled(2, 3, (i, j) => i - 0.5 * j), [w1] = weights, [apart] = weights, [w2] = Filled(3, 3, (i, j) => 0.2 * j - 0.1 * i) };
        var both = numbers.Gradients(Graph(x0, w1, w2, apart), [w1, apart]);
        AssertClose(Filled(3, 3, (i, j) => both[0][i, j] + both[1][i, j]), numbers.Gradients(Graph(x0, w1, w2, w1), [w1])[0]);
    }

    [Fact]
    public void TheCostIsTheNumberOfEdgesNotOfPaths()
    {
        for (var (k, paths) = (1, 3L); k <= 12; k++, paths *= 3)
        {
            // Three edges from each node to the next, so 3^k paths.
            var op = new CountingOp();
            var y = Enumerable.Range(0, k).Aggregate(A, (x, _) => Node.Of(op, x, x, x));
            using var numbers = new Numbers<double> { [A] = new[,] { { 1.0 } } };
            Assert.Equal(paths, numbers.Gradients(y, [A])[0][0, 0]);
            Assert.Equal(3 * k, op.Bprops);
            Assert.Equal(3 * k, new Topology([y]).Order.Sum(node => node.Inputs.Count));

            var naive = 0L;
            PathSum(y, ref naive);
            Assert.Equal(paths, naive);
        }

        static void PathSum(Node node, ref long paths)
        {
            paths += node == A ? 1 : 0;
            foreach (var input in node.Inputs)
            {
                PathSum(input, ref paths);
            }
        }
    }

    [Fact]
    public void ThePropagatedErrorOfXorIsComputedOnce()
    {
        // δ₁ = (W₂ δ₂) ⊙ f′ serves ∂L/∂W₁₁, ∂L/∂W₂₁ and the bias's gradient.
        var (x, t, e) = (Node.Input("x", 2), Node.Input("t", 1), Node.Input("e", 1));
        var (w1, b1, w2) = (Node.Parameter("W1", 2, 2), Node.Parameter("b1", 1, 2), Node.Parameter("w2", 2, 1));
        var h = x.Times(w1).AddRow(b1).Apply(Activation.Parse("relu"));
        var loss = ElementwiseLoss.Of(Loss.Of(new SquaredError()), h.Times(w2), t, e);
        var gradients = Gradient.Build(loss, [w1, b1, w2]);
        var graph = new Topology(gradients);
        var delta = Assert.Single(graph.Order, node => node.Op is ApplyGradient);
        Assert.Equal([gradients[0], gradients[1]], graph.GetConsumers(delta));
        var recipes = Fuse.Recipes(graph, gradients, new Dictionary<Node, Node>());
        Assert.Single(recipes, recipe => recipe.Differentiated == delta);
    }

    private static double[,] Filled(int rows, int columns, Func<int, int, double> element)
    {
        var matrix = new double[rows, columns];
        for (var i = 0; i < matrix.Length; i++)
        {
            matrix[i / columns, i % columns] = element(i / columns, i % columns);
        }

        return matrix;
    }

    private static double[,] Times(double[,] a, double[,] b) => Filled(
        a.GetLength(0), b.GetLength(1), (i, j) => Enumerable.Range(0, a.GetLength(1)).Sum(k => a[i, k] * b[k, j]));

    private static double[,] Transposed(double[,] a) => Filled(a.GetLength(1), a.GetLength(0), (i, j) => a[j, i]);

    // Sums of a handful of products of numbers near 1.
    private static void AssertClose(double[,] expected, double[,] actual)
    {
        Assert.Equal((expected.GetLength(0), expected.GetLength(1)), (actual.GetLength(0), actual.GetLength(1)));
        foreach (var (e, a) in expected.Cast<double>().Zip(actual.Cast<double>()))
        {
            Assert.Equal(e, a, 1e-14 * Math.Max(1, Math.Abs(e)));
        }
    }
}
