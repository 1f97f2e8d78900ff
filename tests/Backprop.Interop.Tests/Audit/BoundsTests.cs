using Backprop.Audit;
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

    [Fact]
    public void RowsThatAreCopiesAddUpTheirErrors()
    {
        var copies = RowCopies.Of([1, 2, 3, 4, 1, 2, 1, 2], 2);
        var (x, w) = (Node.Input("x", 2), Node.Parameter("w", 2, 1));
        var sum = x.Times(w).SumRows();
        double[] Leaf(Node leaf) => leaf == w ? [0.3, 0.7] : [1, 2, 3, 4, 1, 2, 1, 2];
        var (alone, together) = (new BoundedGraph([sum], Leaf, 4)[sum][0, 0], new BoundedGraph([sum], Leaf, 4, copies)[sum][0, 0]);
        Assert.Equal(alone.Error, together.Error);
        Assert.InRange(together.Spread / alone.Spread, 1, 3);
        Assert.NotEqual(alone.Spread, together.Spread);
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

    [Fact]
    public void EveryFormulaIsDefinedTwice()
    {
        foreach (var activation in Activation.All)
        {
            Assert.True(Definitions.Of(activation) is not null, $"Add {activation.Family} to {nameof(Definitions)}.");
            var model = Backprop.Models.Model.Of(Backprop.Models.Signal.Features(1).Apply(activation), Backprop.Models.Head.Regression);
            Assert.Null(Definitions.Contradiction(model));
        }

        foreach (var loss in Loss.All)
        {
            Assert.True(Definitions.Of(loss) is not null, $"Add {loss.Name} to {nameof(Definitions)}.");
            var model = Backprop.Models.Model.Of(Backprop.Models.Signal.Features(1), Backprop.Models.Head.Regression with { OutputLoss = loss });
            Assert.Null(Definitions.Contradiction(model));
        }
    }
}
