using System.Numerics;
using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Training;

namespace Backprop.Tests.Models;

/// <summary>Which bins are read off rows, and what becomes of any number in them.</summary>
public class PiecewiseLinearEncodingTests
{
    private const double Missing = double.NaN;

    /// <summary>A column, the most bins, and the edges worked out by hand: quantiles of rows, and of distinct values in between.</summary>
    public static TheoryData<double[], int, double[]> Columns => new()
    {
        { [4, 1, 10, 3, 2], 4, [1, 2, 3, 4, 10] },
        { [1, 1, 0, 1, 0], 3, [0, 1] },
        // Rows 0 and 6 of seven; the middle one of the values 1, 2, 3, 4, 9.
        { [1, 1, 1, 2, 3, 4, 9], 2, [1, 3, 9] },
        // Rows 0, 5 and 11 of twelve, of which two are 1; values 1 and 3 of six, from 0. Quantiles of rows alone would leave 1 to 9 in one bin.
        { [1, 1, 1, 1, 1, 1, 1, 2, 3, 4, 5, 9], 4, [1, 2, 4, 9] },
        { [8, 7, 6, 5, 4, 3, 2, 1, 0], 1, [0, 8] },
        { [8, 7, 6, 5, 4, 3, 2, 1, 0], 8, [0, 1, 2, 3, 4, 5, 6, 7, 8] },
        { [8, 7, 6, 5, 4, 3, 2, 1, 0], 4, [0, 2, 4, 5, 8] },
        // What is not finite is passed over.
        { [Missing, 4, double.PositiveInfinity, 3, double.NegativeInfinity], 4, [3, 4] },
        { [7, 7], 4, [] },
        { [Missing, Missing], 4, [] },
        { [-1e308, 1e308], 4, [-1e308, 1e308] },
    };

    [Theory, MemberData(nameof(Columns))]
    public void EdgesAreQuantilesOfRowsAndOfValues(double[] column, int bins, double[] edges)
    {
        var fit = new PiecewiseLinearEncoding(bins).Fit(new(column.Length, 1, (row, _) => column[row]));
        var layer = (PiecewiseLinearEncoding)fit.Layer;
        Assert.Equal(column.Contains(Missing) ? [0] : [], layer.Indicators!);
        Assert.Equal([Math.Max(1, edges.Length - 1)], layer.Counts!);
        Assert.Equal(edges.Length > 0 ? edges[..^1] : [0], fit.Tensors["low"]);
        var widths = edges.Skip(1).Zip(edges, (high, low) => 0.5 / (high / 2 - low / 2));
        Assert.Equal(edges.Length > 0 ? widths : [0], fit.Tensors["scale"]);
    }

    [Fact]
    public void AColumnOfFewerValuesHasOneBin()
    {
        double[] column = [3, 1, 2, 1, 5];
        double[] Bins(int least)
        {
            var tensors = new PiecewiseLinearEncoding(8) { LeastValues = least }.Fit(new(5, 1, (row, _) => column[row])).Tensors;
            return [.. tensors["low"], .. tensors["scale"]];
        }

        Assert.Equal([1, 2, 3, 1, 1, 0.5], Bins(4));
        Assert.Equal([1, 0.25], Bins(5));
        Assert.StartsWith(
            "LeastValues of a PiecewiseLinearEncoding layer is 1", Assert.Throws<ArgumentException>(() => Bins(1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AValueFillsTheBinsBelowItAndAPartOfItsOwn()
    {
        // Bins 0 to 1 to 3; −4 to −2; none; and of the last column 0 to 2.
        var network = Alone(new(2) { Counts = [2, 1, 1, 1], Indicators = [0, 2] }, low: [0, 1, -4, 0, 0], scale: [1, 0.5, 0.5, 0, 0.5]);
        double[] rows =
        [
            0.25, -3, 5, 2,
            2, Missing, Missing, -1,
            Missing, double.MaxValue, double.PositiveInfinity, 1,
            double.NegativeInfinity, -1e300, double.NegativeInfinity, double.PositiveInfinity,
        ];
        var scores = new double[28];
        network.Score(rows, scores);
        Assert.Equal(
            [
                0.25, 0, 0.5, 0, 1, 0, 0,
                1, 0.5, 0, 0, 0, 0, 1,
                0, 0, 1, 0, 0.5, 1, 0,
                0, 0, 0, 0, 1, 0, 0,
            ],
            scores);
    }

    [Theory]
    [InlineData(0), InlineData(1e-45), InlineData(1e-30), InlineData(1), InlineData(1e30), InlineData(3.4e38)]
    public void EveryNumberGivesAFiniteOne(float unit)
    {
        float[] column = [-unit, unit, unit / 2, 0, -unit / 3, unit, 0, 1e30f, -float.MaxValue];
        var table = new Examples<float>(9, column, [.. column.Select(Math.Sign).Select(sign => (float)sign)]);
        var options = new TrainingOptions { Layers = x => x.PiecewiseLinearEncoding(5, "bins"), Epochs = 1, ValidationFraction = 0 };
        var trained = Trainer.Fit(Head.Regression, 1, table, options).Network.CopyWeights();
        var width = trained["bins.low"].Length;
        var network = Alone(new(5) { Counts = [width], Indicators = [0] }, [.. trained["bins.low"]], [.. trained["bins.scale"]]);
        float[] rows =
        [
            .. column, float.MaxValue, float.MinValue, float.Epsilon, -float.Epsilon, float.NaN, float.PositiveInfinity, float.NegativeInfinity,
        ];
        var scores = new float[rows.Length * (width + 1)];
        network.Score(rows, scores);
        Assert.All(scores, score => Assert.InRange(score, 0, 1));
        var gradients = new float[rows.Length];
        new InputGradients<float>(network).Gradients(rows, [0], gradients);
        Assert.All(gradients, gradient => Assert.True(gradient >= 0, $"{gradient}"));
        Assert.Equal([0f, 0f, 0f], gradients[^3..]);
    }

    /// <summary>A linear layer behind it is a piecewise linear function: what no straight line is near, it learns.</summary>
    [Fact]
    public void ALinearLayerBehindItLearnsAnyFunctionOfOneColumn()
    {
        var x = Enumerable.Range(0, 400).Select(i => i / 400.0).ToArray();
        var table = new Examples<double>(400, x, [.. x.Select(value => Math.Abs(value - 0.5) > 0.25 ? 1.0 : -1)]);
        double Loss(Func<Signal, Signal> layers)
            => Trainer.Fit(Head.Regression, 1, table, new() { Layers = layers, Lbfgs = new(), Epochs = 100, ValidationFraction = 0 })
            .History[^1].TrainingLoss;
        Assert.InRange(Loss(h => h), 0.9, 1);
        // Two bins of sixteen are half and half.
        Assert.InRange(Loss(h => h.PiecewiseLinearEncoding(16)), 0, 0.1);
    }

    [Fact]
    public void ItsBinsAreSavedWithTheNetwork()
    {
        var network = Alone(new PiecewiseLinearEncoding(3) { Counts = [3, 1], Indicators = [1], Name = "bins" }, [0f, 1, 2, 3], [1f, 1, 1, 0.5f]);
        using var stream = new MemoryStream();
        network.Save(new(stream));
        stream.Position = 0;
        var loaded = Network<float>.Load(new(stream));
        float[] row = [1.5f, float.NaN, float.NaN, 4];
        var (before, after) = (new float[10], new float[10]);
        network.Score(row, before);
        loaded.Score(row, after);
        Assert.Equal([1, 0.5f, 0, 0, 1, 0, 0, 0, 0.5f, 0], before);
        Assert.Equal(before, after);
        Assert.True(loaded.Model.TakesMissing(1));
    }

    [Fact]
    public void WhatItCannotBeIsRefused()
    {
        var x = Signal.Features(3);
        Assert.StartsWith("The bins of a PiecewiseLinearEncoding layer are 0",
            Assert.Throws<ArgumentException>(() => x.PiecewiseLinearEncoding(0)).Message, StringComparison.Ordinal);
        foreach (var counts in new int[][] { [1, 1], [1, 0, 1], [1, 5, 1] })
        {
            Assert.StartsWith(
                $"Counts of a PiecewiseLinearEncoding layer are {counts.Length} numbers for 3 columns, or one is outside 1 to 4.",
                Assert.Throws<ArgumentException>(() => x.Through(new PiecewiseLinearEncoding(4) { Counts = counts })).Message,
                StringComparison.Ordinal);
        }

        Assert.StartsWith(
            "Indicators of a PiecewiseLinearEncoding layer name column 3 after -1 for 3 columns.",
            Assert.Throws<ArgumentException>(() => x.Through(new PiecewiseLinearEncoding(4) { Indicators = [3] })).Message,
            StringComparison.Ordinal);
        var model = Model.Of(x.PiecewiseLinearEncoding().Linear(1), Head.Regression);
        var sparse = new SparseMatrix<float>(1, 3, [0, 1], [2], [1f]);
        Assert.StartsWith(
            "A piecewise linear encoding 48 layer takes dense features",
            Assert.Throws<NotSupportedException>(() => new Network<float>(Initializers.Default<float>(model, 1)).Score(sparse, new float[1])).Message,
            StringComparison.Ordinal);
    }

    /// <summary>A network of the layer alone.</summary>
    private static Network<T> Alone<T>(PiecewiseLinearEncoding layer, T[] low, T[] scale) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var weights = new Weights<T>(Model.Of(Signal.Features(layer.Counts!.Count).Through(layer), Head.Regression));
        low.CopyTo(weights.Values);
        scale.CopyTo(weights.Values[low.Length..]);
        return new(weights);
    }
}
