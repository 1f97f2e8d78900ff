using Backprop.Audit;
using Backprop.Audit.Bounds;
using Backprop.Graph;

namespace Backprop.Interop.Tests.Audit;

/// <summary>Samples of errors are as large as independent roundings where they are independent, and add up where they are not.</summary>
public sealed class ErrorSamplesTests
{
    private const int Terms = 96, Samples = 200;

    private static readonly Node x = Node.Input("x", Terms), w = Node.Parameter("w", Terms, 1);

    [Fact]
    public void IndependentRoundingsAreSampledAsTheirVarianceSays()
        => Assert.InRange(Ratio(x.Times(w), i => Math.Sin(1.7 * i * i + 1)), 0.5, 1.5);

    /// <summary>n roundings alike are n times one, not √n: a row's product, repeated and added up.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(100)]
    public void EqualNumbersErrAlike(int rows)
    {
        var product = x.Times(w);
        var (one, all) = (Ratio(product, Value), Ratio(product.SumRows(), Value, rows));
        Assert.InRange(all / one, 0.5 * Math.Sqrt(rows), 2 * Math.Sqrt(rows));

        // The same in every row.
        static double Value(int i) => Math.Sin(1.7 * (i % Terms) * (i % Terms) + 1);
    }

    /// <summary>What comes of one number and goes back together has no error of that number's.</summary>
    [Fact]
    public void ErrorsGoWithTheirSigns()
    {
        var product = x.Times(w);
        var nothing = new BoundedGraph([product - product], Leaf(i => Math.Cos(i)), 1);
        Assert.True(nothing[nothing.Topology.Order[^1]][0, 0].Variance > 0);
        Assert.All(Enumerable.Range(1, Samples), sample => Assert.Equal(0, nothing.WithSample(sample)[nothing.Topology.Order[^1]].Errors![0], 1e-6));
    }

    /// <summary>Rounding to float's own numbers is one of the samples' kind: real float errors lie among them.</summary>
    [Fact]
    public void FloatIsNoFartherOffThanSamplesAre()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            double Value(int i) => (float)Math.Sin(1.3 * i * (seed + 1));
            var product = x.Times(w);
            var run = new BoundedGraph([product], Leaf(Value), 1);
            var sum = 0f;
            for (var i = 0; i < Terms; i++)
            {
                sum += (float)Value(i) * (float)Weight(i);
            }

            var mean = Math.Sqrt(Enumerable.Range(1, Samples).Average(sample => Math.Pow(run.WithSample(sample)[product].Errors![0], 2)));
            Assert.InRange(Math.Abs(sum - run[product].Values[0]) / Bounded.Float, 0, 4 * mean);
        }
    }

    /// <summary>A leaf's numbers, as dropout's 1 / (1 − p), are off by a rounding or two in a sample, those that float holds by nothing.</summary>
    [Fact]
    public void LeavesAreOffByTheirRoundings()
    {
        var mask = Node.FilledInput("mask", 3);
        var run = new BoundedGraph([mask], _ => [0, 2, 1 / 0.3], 1).WithSample(1)[mask];
        Assert.Equal([0, 0], run.Errors![..2]);
        Assert.InRange(Math.Abs(run.Errors[2]), 0, 2 * run.Values[2]);
    }

    /// <summary>A sample beyond the range is none: the others' mean square is theirs alone.</summary>
    [Fact]
    public void SamplesBeyondTheRangeAreNotCounted()
    {
        var run = new BoundedGraph([x.Times(w)], Leaf(i => Math.Cos(i)), 1);
        var (all, some) = (ErrorSamples.Of(new Alternating(run, [3]), run)[0], ErrorSamples.Of(new Alternating(run, [3, double.PositiveInfinity]), run)[0]);
        Assert.Equal([9, 9], all.MeanSquares);
        Assert.Equal(9, some.MeanSquares[0]);
        Assert.Equal(9, some.MeanSquares[1], 1e-12);
        // Fewer samples of two equal numbers: Student's limit of 32 instead of 64.
        static double Student(double samples) => Math.Sqrt(samples * (Math.Pow(2e9, 2 / samples) - 1));
        Assert.Equal(Student(32) / Student(64), some.LargestNorm / all.LargestNorm, 1e-9);
        var none = ErrorSamples.Of(new Alternating(run, [double.PositiveInfinity]), run)[0];
        Assert.Equal((0, 0), (none.MeanSquares[1], none.LargestNorm));
    }

    /// <summary>An error that is large where a formula bends says nothing of numbers beside it, nor of a logarithm that is nearly straight there.</summary>
    [Fact]
    public void ABentNumberExcusesOnlyWhatComesOfIt()
    {
        var product = x.Times(w);
        var wave = product.Apply(Backprop.Formulas.Activation.Parse("sine"));
        var (behind, beside, logarithm) = (wave * wave, product + product, product.Log());
        // Some 10⁷, off by several tenths.
        var run = new BoundedGraph([behind, beside, logarithm], leaf => [.. Enumerable.Range(0, Terms).Select(i => leaf == w ? 0.3 + i : 3000.7)], 1);
        var samples = Enumerable.Range(1, 32).Select(run.WithSample).ToList();
        Assert.Contains(samples, sample => sample[behind].IsBent);
        Assert.All(samples, sample => Assert.False(sample[beside].IsBent || sample[logarithm].IsBent));
    }

    /// <summary>Whose samples have, one after another, those errors of their second number.</summary>
    private sealed class Alternating(BoundedGraph run, double[] errors) : IBoundedRun
    {
        private int samples;

        public BoundedGraph Run => run;

        public IReadOnlyList<BoundedTensor> Tensors { get; } = [new("x", 1, 2, [1, 1], [3, 3], [1, 1])];

        public IReadOnlyList<BoundedTensor> TensorsOf(BoundedGraph of) => [Tensors[0] with { Errors = [3, errors[samples++ % errors.Length]] }];
    }

    /// <summary>The root mean square of samples over the standard deviation of independent roundings.</summary>
    private static double Ratio(Node result, Func<int, double> value, int rows = 1)
    {
        var run = new BoundedGraph([result], Leaf(value, rows), rows);
        var squares = Enumerable.Range(1, Samples).Average(sample => Math.Pow(run.WithSample(sample)[result].Errors![0], 2));
        return Math.Sqrt(squares / run[result].Variances![0]);
    }

    private static Func<Node, double[]> Leaf(Func<int, double> value, int rows = 1)
        => leaf => leaf == w ? [.. Enumerable.Range(0, Terms).Select(Weight)] : [.. Enumerable.Range(0, rows * Terms).Select(i => (double)(float)value(i))];

    private static double Weight(int i) => (float)Math.Cos(2.3 * i + 0.1 * i * i);
}
