using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Interop.Tests.Torch;
using Number = Backprop.Kernels.Lanes<double, double, Backprop.Kernels.Simd1<double>>;

namespace Backprop.Interop.Tests.Audit;

/// <summary>What is read off formulas and graphs bounds what rounding does to them, and the reference is right.</summary>
public sealed class BoundsTests
{
    /// <summary>
    /// Each operation is rounded once, or is a function that is right to 2 units: so what the reading says is a bound, but for terms of second
    /// order.
    /// </summary>
    [Fact]
    public void ABoundIsReadOffEveryFormula()
    {
        foreach (var activation in Activation.All)
        {
            for (var x = -30f; x < 30; x += 0.37f)
            {
                var input = new Bounded(x, 0);
                var (y, z) = (activation.Forward(input), activation.Forward(new Scalar<float>(x)));
                Check(activation, "value", x, y, z.Value);
                Check(activation, "derivative", x, activation.Derivative(input, y), activation.Derivative(new Scalar<float>(x), z).Value);
            }
        }

        static void Check(Activation who, string what, float x, Bounded bound, float single)
            => Assert.True(
                Math.Abs(single - bound.Value) <= 1.001 * Bounded.Float * bound.Error,
                $"{who}'s {what} at {x:R}: {single:R} for {bound.Value:R}, bound {Bounded.Float * bound.Error:G3}");
    }

    /// <summary>
    /// Of a number off by much, what a function makes of it: the bound has the terms of second order, and is infinite where there is none. In
    /// double it holds everywhere; in float as far as errors are not so large that they are said to be double's.
    /// </summary>
    [Fact]
    public void ABoundHoldsForErrorsOfAnySize()
    {
        (string Name, Func<Bounded, Bounded> Read, Func<double, double> Value, double[] At)[] functions =
        [
            ("sqrt", Bounded.Sqrt, Math.Sqrt, [0, 1e-30, 1e-12, 1e-6, 0.01, 4]),
            ("log", Bounded.Log, Math.Log, [1e-12, 1e-3, 0.5, 1, 30]),
            ("log1p", Bounded.Log1p, PlainFunctions.Log1p, [-0.999, -0.5, 0, 3]),
            ("1 / x", x => 1 / x, x => 1 / x, [1e-12, -1e-3, 0.5, 3]),
            ("exp", Bounded.Exp, Math.Exp, [-20, -1, 0, 5]),
            ("expm1", Bounded.Expm1, PlainFunctions.Expm1, [-20, -1, 0, 5]),
            ("sigmoid", Bounded.Sigmoid, PlainFunctions.Sigmoid, [-20, -1, 0, 5]),
            ("tanh", Bounded.Tanh, Math.Tanh, [-20, -1, 0, 0.1, 5]),
            ("erf", Bounded.Erf, PlainFunctions.Erf, [-3, 0, 0.5]),
            ("erfc", Bounded.Erfc, PlainFunctions.Erfc, [-3, 0, 0.5, 3]),
            ("sin", Bounded.Sin, Math.Sin, [0, 1.5707963267948966, 3]),
            ("cos", Bounded.Cos, Math.Cos, [0, 1.5707963267948966, 3]),
            ("x · x", x => x * x, x => x * x, [0, 1e-3, 2]),
        ];
        foreach (var (name, read, value, points) in functions)
        {
            foreach (var (x, unit, size) in from x in points
                                            from unit in new[] { Bounded.Float, Bounded.Double }
                                            from size in new[] { 1.0, 1e3, 1e5, 1e6, 1e8, 1e12 }
                                            select (x, unit, size))
            {
                // An exact number has no error to carry on, and its function but its own rounding.
                var bound = unit * (read(new(x, size, size * size)).Error - read(new(x, 0)).Error);
                var inFloat = unit == Bounded.Float;
                if (double.IsInfinity(bound) || (inFloat && IsToldByDoubles(name, x, unit * size)))
                {
                    continue;
                }

                for (var i = -8; i <= 8; i++)
                {
                    var moved = value(x + unit * size * i / 8);
                    Assert.True(
                        double.IsNaN(moved) || Math.Abs(moved - value(x)) <= bound + 1e-15 * Math.Abs(value(x)) + 1e-15 * Math.Abs(moved),
                        $"{name} of {x:R} off by {unit * size * i / 8:G3} is off by {Math.Abs(moved - value(x)):G4}, bound {bound:G4}");
                }
            }
        }

        static bool IsToldByDoubles(string name, double x, double error) => name switch
        {
            "sqrt" or "log" or "1 / x" => error > Math.Abs(x) / 2,
            "log1p" => error > (1 + x) / 2,
            "exp" or "expm1" or "sigmoid" => error > 1,
            "tanh" => 2 * error > 1,
            _ => false,
        };
    }

    /// <summary>Errors of logits are no straight line for a softmax: a row's probabilities and its loss, moved by as much.</summary>
    [Theory]
    [InlineData(1e3)]
    [InlineData(3e6)]
    public void ASoftmaxsBoundHoldsForLargeErrors(double size)
    {
        double[] z = [2, -1, 0.5, -30], q = [0, 0, 1, 0];
        Bounded[] Row(Func<int, Bounded> of) => [.. Enumerable.Range(0, z.Length).Select(of)];
        var (counts, off) = (Row(j => Bounded.Exact(q[j])), new SoftmaxRow<Bounded>(Row(j => new(z[j], size))));
        var exact = new SoftmaxRow<Bounded>(Row(j => Bounded.Exact(z[j])));
        for (var signs = 0; signs < 16; signs++)
        {
            double[] moved = [.. z.Select((one, j) => one + (signs >> j & 1) * Bounded.Float * size - (1 - (signs >> j & 1)) * Bounded.Float * size)];
            var other = new SoftmaxRow<Bounded>([.. moved.Select(Bounded.Exact)]);
            Within(other.Loss(counts), exact.Loss(counts), off.Loss(counts));
            foreach (var (one, (of, bound)) in other.Slopes(counts).Zip(exact.Slopes(counts).Zip(off.Slopes(counts))))
            {
                Within(one, of, bound);
            }
        }

        static void Within(Bounded moved, Bounded from, Bounded bound)
            => Assert.InRange(Math.Abs(moved.Value - from.Value), 0, Bounded.Float * (bound.Error - from.Error) + 1e-14);
    }

    /// <summary>Sums made to round in one direction at every addition, or to cancel, in several orders.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(784)]
    [InlineData(5000)]
    public void TheBoundHoldsForAdversarialSums(int n)
    {
        var half = 1f / (1 << 24);
        Func<int, float>[] adversaries =
        [
            // Just below half a unit is rounded away each time; just above it is rounded up to a whole one.
            i => i == 0 ? 1 : 0.99f * half,
            i => i == 0 ? 1 : 1.01f * half,
            i => i == 0 ? -1 : 1.5f * half,
            i => (i % 2 == 0 ? 1 : -1) * (1 + i * half),
            i => 0.1f,
            i => MathF.Pow(2, -(i % 40)) * (i % 3 - 1),
            i => i % 2 == 0 ? 1e6f : -1e6f + 0.1f * i,
        ];
        foreach (var adversary in adversaries)
        {
            float[] terms = [.. Enumerable.Range(0, n).Select(adversary)];
            var (x, w) = (Node.State("x", 1, n), Node.State("w", n, 1));
            var product = x.Times(w);
            var bound = new BoundedGraph([product],
                leaf => leaf == x ? Array.ConvertAll(terms, term => (double)term) : [.. Enumerable.Repeat((double)0.7f, n)], 1)[product][0, 0];
            foreach (var sum in new[] { Sum(terms), Sum([.. terms.Reverse()]), Sum([.. terms.Order()]), Pairwise(terms) })
            {
                Assert.True(Math.Abs(sum - bound.Value) <= Bounded.Float * bound.Error, $"{sum:R} for {bound.Value:R}, bound {Bounded.Float * bound.Error:G3}");
            }
        }

        static float Sum(float[] terms) => terms.Aggregate(0f, (sum, term) => sum + 0.7f * term);
        static float Pairwise(ReadOnlySpan<float> terms)
            => terms.Length == 1 ? 0.7f * terms[0] : Pairwise(terms[..(terms.Length / 2)]) + Pairwise(terms[(terms.Length / 2)..]);
    }

    /// <summary>The variance of independent additions is the mean over all orders, one by one.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    public void TheVarianceOfASumIsTheMeanOverAllOrders(int n)
    {
        double[] terms = [.. Enumerable.Range(0, n).Select(i => 1.0 + i * i % 5 - 1.5 * (i % 2))];
        var (squares, orders) = (0.0, 0);
        Add([.. Enumerable.Range(0, n)], 0);
        var (sum, roundings) = (terms.Sum(), new SumRoundings(n));
        var ofProducts = terms.Sum(term => term * term);
        Assert.Equal(Bounded.Uniform * (ofProducts + squares / orders), roundings.OfSquares * ofProducts + roundings.OfSquaredSum * sum * sum, 1e-12);

        // Of every order of the terms, the squares of its partial sums but the first.
        void Add(int[] order, int first)
        {
            if (first == n)
            {
                var partial = terms[order[0]];
                foreach (var i in order.Skip(1))
                {
                    partial += terms[i];
                    squares += partial * partial;
                }

                orders++;
                return;
            }

            for (var i = first; i < n; i++)
            {
                (order[first], order[i]) = (order[i], order[first]);
                Add(order, first + 1);
                (order[first], order[i]) = (order[i], order[first]);
            }
        }
    }

    /// <summary>The same sum as a row of a matrix product and as a formula's, of ordinary numbers and of some below float's range.</summary>
    [Theory]
    [InlineData(1.0)]
    [InlineData(1e-38)]
    [InlineData(1e-42)]
    public void ASumsBoundIsAProducts(double size)
    {
        double[] a = [size, -0.3 * size, 0, 0.7 * size], b = [0.5, 3, 1, -0.1];
        var (x, w) = (Node.State("x", 1, 4), Node.State("w", 4, 1));
        var product = x.Times(w);
        var ofMatrix = new BoundedGraph([product], leaf => leaf == x ? a : b, 1)[product][0, 0];
        var ofFormula = Bounded.SumOfProducts([.. a.Select(Bounded.Exact)], [.. b.Select(Bounded.Exact)]);
        Assert.Equal(1, ofFormula.Error / ofMatrix.Error, 1e-6);
        Assert.Equal(1, ofFormula.Variance / ofMatrix.Variance, 1e-6);
    }

    /// <summary>By how much an elementary function rounds is the same in a formula and of an operation of a user's own.</summary>
    [Fact]
    public void AnElementaryFunctionRoundsTheSameEverywhere()
    {
        var (error, variance) = Bounded.Rounding(Math.Exp(0.5));
        Assert.Equal((4 * Math.Exp(0.5), error * error / 3), (error, variance));
        var power = Bounded.Exp(Bounded.Exact(0.5));
        Assert.Equal(error, power.Error, 1e-12);
        Assert.Equal(variance, power.Variance, 1e-12);
        // One number over its own size: its slope is 0, so that the rounding is all there is.
        var x = Node.Input("x", 1);
        var own = new BoundedGraph([Node.Of(new Graph.Direction(), x)], _ => [0.25], 1).Topology.Order[^1];
        var direction = new BoundedGraph([own], _ => [0.25], 1)[own][0, 0];
        (error, variance) = Bounded.Rounding(1);
        Assert.Equal(error, direction.Error, 1e-6);
        Assert.Equal(variance, direction.Variance, 1e-6);
    }

    [Fact]
    public void RowsThatAreCopiesAddUpTheirErrors()
    {
        var copies = RowCopies.Of([1, 2, 3, 4, 1, 2, 1, 2], 2);
        var (x, w) = (Node.Input("x", 2), Node.Parameter("w", 2, 1));
        var sum = x.Times(w).SumRows();
        double[] Leaf(Node leaf) => leaf == w ? [0.3, 0.7] : [1, 2, 3, 4, 1, 2, 1, 2];
        var (alone, together) = (new BoundedGraph([sum], Leaf, 4)[sum][0, 0], new BoundedGraph([sum], Leaf, 4, copies)[sum][0, 0]);
        Assert.Equal(alone.Error, together.Error);
        Assert.InRange(together.Variance / alone.Variance, 1, 3);
        Assert.NotEqual(alone.Variance, together.Variance);
    }

    /// <summary>Two implementations that share nothing: the reference's functions, and the engine's kernels in double.</summary>
    [Fact]
    public void PlainFunctionsAreTheEngines()
    {
        (string Name, Func<double, double> Plain, Func<double, double> Engine, double From, double To)[] functions =
        [
            ("expm1", PlainFunctions.Expm1, x => Number.Expm1(x).Vector, -40, 40),
            ("log1p", PlainFunctions.Log1p, x => Number.Log1p(x).Vector, -0.99, 40),
            ("sigmoid", PlainFunctions.Sigmoid, x => Number.Sigmoid(x).Vector, -700, 40),
            ("erf", PlainFunctions.Erf, x => Number.Erf(x).Vector, -6, 6),
            ("erfc", PlainFunctions.Erfc, x => Number.Erfc(x).Vector, -6, 26),
        ];
        foreach (var (name, plain, engine, from, to) in functions)
        {
            for (var i = 0; i <= 2000; i++)
            {
                var x = from + (to - from) * i / 2000;
                Assert.True(Math.Abs(plain(x) - engine(x)) <= 8 * Bounded.Double * Math.Abs(engine(x)),
                    $"{name}({x:R}): {plain(x):R}, the engine's {engine(x):R}");
            }
        }
    }
}
