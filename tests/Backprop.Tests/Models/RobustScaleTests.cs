using Backprop.Formulas;
using Backprop.Models;
using Backprop.Models.Layers;

namespace Backprop.Tests.Models;

/// <summary>What robust scaling reads off rows, and what it makes of any number.</summary>
public class RobustScaleTests
{
    private const double Missing = double.NaN;

    /// <summary>A column, its median and the inverse of its interquartile range as numpy.percentile gives them, worked out by hand.</summary>
    public static TheoryData<double[], double, double> Columns => new()
    {
        { [4, 1, 10, 3, 2], 3, 1 / 2.0 },
        { [10, 0, 2, 1], 1.5, 1 / (4 - 0.75) },
        { [3, -1], 1, 1 / 2.0 },
        // Missing values and infinities are passed over.
        { [Missing, 4, 1, double.PositiveInfinity, 10, Missing, 3, 2, double.NegativeInfinity], 3, 1 / 2.0 },
        // Equal quartiles: half the whole range.
        { [0, 0, 0, 0, 0, 0, 10, 0, -6], 0, 2 / 16.0 },
        { [5, 5, 5, 5, 5, 1e30], 5, 2 / 1e30 },
        // Two values, of which one is rare or not.
        { [0, 1, 0, 1], 0.5, 1 },
        { [0, 1, 0, 0, 0, 0], 0, 2 },
        // A single value, one row, none.
        { [7, 7, 7], 7, 0 },
        { [-2.5], -2.5, 0 },
        { [Missing, Missing], 0, 0 },
        { [double.PositiveInfinity], 0, 0 },
        // Differences that overflow, and one whose half is none.
        { [-1e308, 1e308, -1e308, 1e308], 0, 0.5e-308 },
        { [0, double.Epsilon], 0, double.PositiveInfinity },
    };

    [Theory, MemberData(nameof(Columns))]
    public void MedianAndQuartilesAreNumpys(double[] column, double center, double scale)
    {
        var fit = new RobustScale().Fit(new(column.Length, 1, (row, _) => column[row]));
        Assert.Equal(center, fit.Tensors["center"][0]);
        // Four roundings.
        var actual = fit.Tensors["scale"][0];
        Assert.True(actual == scale || Math.Abs(actual - scale) <= 4 * 2.3e-16 * scale, $"{actual:R} is not {scale:R}");
        Assert.Equal(column.Contains(Missing) ? [0] : [], ((RobustScale)fit.Layer).Indicators!);
    }

    [Fact]
    public void WhatFewRowsLackIsNotMarked()
    {
        // Columns that 0, 1, … rows lack.
        const int Columns = 5;
        foreach (var least in new[] { 1, 2, 4 })
        {
            var layer = (RobustScale)new RobustScale { LeastMissing = least }.Fit(new(6, Columns, (row, column) => row < column ? Missing : row)).Layer;
            Assert.Equal(Enumerable.Range(0, Columns).Where(column => column >= least), layer.Indicators!);
        }

        Assert.StartsWith(
            "LeastMissing of a RobustScale layer is 0", Assert.Throws<ArgumentException>(() => new RobustScale { LeastMissing = 0 }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ValuesAreClippedSmoothlyAndMissingOnesMarked()
    {
        var network = Network(new RobustScale(2) { Indicators = [0, 2] }, center: [1, 0, -4], scale: [0.5, 2, 0]);
        // (x − c) s is 1.5, 1, 0; then 0, −6 and 0; then beyond the largest number, and 0 times that.
        double[] rows = [4, 0.5, 3, Missing, -3, Missing, double.MaxValue, double.NegativeInfinity, double.PositiveInfinity];
        var scores = new double[15];
        network.Score(rows, scores);
        double[] expected =
        [
            1.5 / Math.Sqrt(1 + 0.5625), 1 / Math.Sqrt(1.25), 0, 0, 0,
            0, -6 / Math.Sqrt(10), 0, 1, 1,
            2, -2, 0, 0, 0,
        ];
        // Six roundings of relative 2⁻⁵³ each, of results up to 2.
        Assert.All(expected.Zip(scores), pair => Assert.Equal(pair.First, pair.Second, 12 * 1.2e-16));
    }

    [Theory]
    [InlineData(0), InlineData(1e-45), InlineData(1e-30), InlineData(1), InlineData(1e30), InlineData(3.4e38)]
    public void EveryNumberGivesAFiniteOne(float unit)
    {
        float[] column = [-unit, unit, unit / 2, 0, -unit / 3, unit, 0, 1e30f, -float.MaxValue];
        var fit = new RobustScale().Fit(new(7, 1, (row, _) => column[row]));
        var network = Network(new RobustScale(), [fit.Tensors["center"][0]], [Math.Min(fit.Tensors["scale"][0], float.MaxValue)]).To();
        float[] rows =
        [
            .. column, float.MaxValue, float.MinValue, float.Epsilon, -float.Epsilon, float.NaN, float.PositiveInfinity, float.NegativeInfinity,
        ];
        var scores = new float[rows.Length];
        network.Score(rows, scores);
        Assert.All(scores, score => Assert.InRange(score, -3, 3));
        var gradients = new float[rows.Length];
        new InputGradients<float>(network).Gradients(rows, [0], gradients);
        Assert.All(gradients, gradient => Assert.True(gradient >= 0, $"{gradient}"));
        Assert.Equal(0, gradients[^3]);
    }

    [Fact]
    public void FeaturesMayBeMissingWhereAllThatReadThemTakeThat()
    {
        var x = Signal.Features(6);
        var scaled = Signal.Concatenate(x.Columns(4, 1), x.Columns(0, 3)).RobustScale();
        bool[] Taken(Signal logits)
        {
            var model = Model.Of(logits, Head.Regression);
            return [.. Enumerable.Range(0, 6).Select(model.TakesMissing)];
        }

        Assert.Equal([true, true, true, false, true, false], Taken(scaled.Linear(2)));
        Assert.Equal([true, true, true, false, true, false], Taken(Signal.Concatenate(scaled.Linear(2), x.Columns(3, 1).Embedding(3, 2))));
        Assert.Equal([true, false, true, false, true, false], Taken(Signal.Concatenate(scaled, x.Columns(1, 1).Linear(1))));
        Assert.Equal([true, true, false, false, true, false], Taken(Signal.Concatenate(scaled, x.Columns(2, 1))));
        Assert.Equal(new bool[6], Taken(x.Linear(3).RobustScale().Linear(1)));
        Assert.Equal(new bool[6], Taken(x.Linear(3)));
    }

    [Fact]
    public void AMissingFeatureContributesNothing()
    {
        var model = Model.Of(Signal.Features(3).Through(new RobustScale { Indicators = [1] }).Linear(8).Apply(new Tanh()).Linear(1), Head.Regression);
        var gradients = new InputGradients<double>(new(Initializers.Default<double>(model, 2)));
        double[] row = [0.5, Missing, -2];
        var (gradient, contribution, integrated, gap) = (new double[3], new double[3], new double[3], new double[1]);
        gradients.Gradients(row, [0], gradient);
        gradients.GradientsTimesInputs(row, [0], contribution);
        gradients.IntegratedGradients(row, [0], integrated, gaps: gap);
        Assert.Equal([gradient[0] * 0.5, 0, gradient[2] * -2], contribution);
        Assert.Equal((0, 0), (gradient[1], integrated[1]));
        // F is smooth: what 64 points miss is below rounding.
        Assert.InRange(gap[0], -1e-14, 1e-14);
        Assert.NotEqual(0, integrated[0]);
    }

    [Fact]
    public void ItsColumnsAreSavedWithTheNetwork()
    {
        var network = Network(new RobustScale(2.5) { Indicators = [0, 1, 3], Name = "scaled" }, [1, 2, 3, 4], [0.5, 1, 2, 4]).To();
        using var stream = new MemoryStream();
        network.Save(new(stream));
        stream.Position = 0;
        var loaded = Network<float>.Load(new(stream));
        float[] row = [float.NaN, 1, float.NaN, 3];
        var (before, after) = (new float[7], new float[7]);
        network.Score(row, before);
        loaded.Score(row, after);
        Assert.Equal(before, after);
        Assert.Equal([1, 0, 0], after[4..]);
        Assert.True(loaded.Model.TakesMissing(2));
    }

    [Fact]
    public void WhatItCannotBeIsRefused()
    {
        var x = Signal.Features(3);
        Assert.Equal(
            "The bound of smoothclip is 0, not a finite number above 0. Correct it.", Assert.Throws<ArgumentException>(() => x.RobustScale(0)).Message);
        foreach (var columns in new int[][] { [1, 1], [2, 0], [3], [-1] })
        {
            var error = Assert.Throws<ArgumentException>(() => x.Through(new RobustScale { Indicators = columns }));
            Assert.EndsWith("for 3 columns. Name columns from 0 in ascending order.", error.Message, StringComparison.Ordinal);
        }

        var model = Model.Of(x.RobustScale().Linear(1), Head.Regression);
        var sparse = new SparseMatrix<float>(1, 3, [0, 1], [2], [1f]);
        Assert.StartsWith(
            "A robust scale 3 layer takes dense features: a sparse table's zeros would not stay zeros.",
            Assert.Throws<NotSupportedException>(() => new Network<float>(Initializers.Default<float>(model, 1)).Score(sparse, new float[1])).Message,
            StringComparison.Ordinal);
    }

    /// <summary>A network of the layer alone.</summary>
    private static Network<double> Network(RobustScale layer, double[] center, double[] scale)
    {
        var weights = new Weights<double>(Model.Of(Signal.Features(center.Length).Through(layer), Head.Regression));
        center.CopyTo(weights.Values);
        scale.CopyTo(weights.Values[center.Length..]);
        return new(weights);
    }
}

file static class Precision
{
    public static Network<float> To(this Network<double> network) => new(network.CopyWeights().To<float>());
}
