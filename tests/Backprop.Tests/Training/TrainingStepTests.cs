using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;
using Number = Backprop.Kernels.Lanes<float, float, Backprop.Kernels.Simd1<float>>;

namespace Backprop.Tests.Training;

/// <summary>A planned step is the textbook's step.</summary>
public class TrainingStepTests
{
    [Theory, MemberData(nameof(Catalogue.HeadsAndActivations), MemberType = typeof(Catalogue))]
    public void GradientsEqualTheTextbooksLoops(string head, string activation)
    {
        GradientsEqual(Catalogue.Network("7-40-6", head, activation));
    }

    [Theory, InlineData("multiclass"), InlineData("regression")]
    public void GradientsOfManyOutputsEqualTheTextbooksLoops(string head)
    {
        // Around the 16 lanes of a reduction and the panels of both precisions.
        foreach (var outputs in new[] { 2, 15, 16, 17, 31, 32, 33, 64, 65, 150 })
        {
            GradientsEqual(Mlp.Parse($"5-9-{outputs}", Activation.Parse("tanh"), Head.Parse(head)));
        }
    }

    [Theory, InlineData("binary"), InlineData("multiclass"), InlineData("regression")]
    public void AccuracyCountsTheRowsWhoseScoresAreRight(string head)
    {
        var mlp = Catalogue.Network("6-8", head, "relu");
        var (table, weights, scores) = (Catalogue.Table(mlp, 75), Initializers.Default<float>(mlp, 4), new float[75 * mlp.Outputs]);
        new Network<float>(weights).Score(table.Features, scores);
        var right = scores.Chunk(mlp.Outputs).Zip(table.Targets, (score, label) => mlp.Outputs == 1
            ? score[0] > 0 == label > 0.5f
            : Array.IndexOf(score, score.Max()) == (int)label).Count(correct => correct);
        using var step = new TrainingStep<float>(weights, new Sgd(), 75, Catalogue.Engine(1, null));
        step.Run(table, Catalogue.Rows(75));
        Assert.Equal(head == "regression" ? double.NaN : right / 75.0, step.Accuracy);
    }

    private static void GradientsEqual(Mlp mlp)
    {
        var table = Catalogue.Table(mlp, 90).To<double>();
        var (weights, gradients) = (Initializers.Default<double>(mlp, 5), new Weights<double>(mlp));
        var rows = Catalogue.Rows(90);
        using var pass = new GradientPass<double>(mlp, 90, Catalogue.Engine(1, null));
        var loss = pass.Run(weights, table, rows, gradients, new double[90 * mlp.Outputs]);
        var (expectedLoss, expected) = Textbook.Gradients(weights, table, rows);
        // Sums of up to 90 terms of size about 1, in another order.
        Assert.Equal(expectedLoss, loss, 1e-13);
        for (var i = 0; i < expected.Values.Length; i++)
        {
            Assert.True(Math.Abs(expected.Values[i] - gradients.Values[i]) <= 1e-14, $"weight {i}: {gradients.Values[i]:R} instead of {expected.Values[i]:R}");
        }
    }

    [Theory, MemberData(nameof(Catalogue.OptimizerIndices), MemberType = typeof(Catalogue))]
    public void TenStepsEqualTheTextbooksLoops(int index)
    {
        var optimizer = Optimizer.All[index];
        var mlp = Catalogue.Network("7-40-6", "multiclass", "tanh");
        var table = Catalogue.Table(mlp, 60).To<double>();
        var (weights, expected) = (Initializers.Default<double>(mlp, 5), Initializers.Default<double>(mlp, 5));
        var textbook = new OptimizerLoops(optimizer, expected);
        using var step = new TrainingStep<double>(weights, optimizer, 20, Catalogue.Engine(1, null));
        for (var i = 0; i < 10; i++)
        {
            var rows = Enumerable.Range(i * 5 % 40, 20).ToArray();
            step.Run(table, rows);
            textbook.Step(Textbook.Gradients(expected, table, rows).Gradients);
        }

        step.CopyWeightsTo(weights);
        for (var i = 0; i < weights.Values.Length; i++)
        {
            // Adam divides by √v, so where a gradient nearly vanishes its last bits are enlarged.
            Assert.True(Math.Abs(expected.Values[i] - weights.Values[i]) <= 1e-11, $"weight {i}: {weights.Values[i]:R} instead of {expected.Values[i]:R}");
        }
    }

    [Fact]
    public void BadBatchesAreRefused()
    {
        var mlp = Catalogue.Network("4", "multiclass", "relu");
        using var step = new TrainingStep<float>(new Weights<float>(mlp), new Sgd(), 2);
        string Error(Examples<float> table, params int[] rows) => Assert.Throws<ArgumentException>(() => step.Run(table, rows)).Message;
        Assert.Equal("Rows of 5 features and 1 targets do not fit the network 4-3, which takes 4 and 1. Correct the table, or the network's sizes.",
            Error(new(1, new float[5], [0]), 0));
        Assert.Equal("Row 1 is outside 0 to 0. Choose rows of this table.", Error(new(1, new float[4], [0]), 1));
        Assert.Equal(
            "A batch of 0 rows is outside 1 to 2, for which this step was planned. Give fewer rows, or plan for more.", Error(new(1, new float[4], [0])));
        Assert.Equal("The label of row 0 is 3, not a class number: whole, from 0, below the number of outputs. Leave the row out, or correct it.",
            Error(new(1, new float[4], [3]), 0));
        Assert.Equal("The label of row 0 is NaN, not a class number: whole, from 0, below the number of outputs. Leave the row out, or correct it.",
            Error(new(1, new float[4], [float.NaN]), 0));
    }

    [Fact]
    public void TheDoorIsGuarded()
    {
        var mlp = Catalogue.Network("4", "binary", "relu");
        var (weights, table) = (new Weights<float>(mlp), new Examples<float>(1, new float[4], [-1]));
        using var step = new TrainingStep<float>(weights, new Sgd(), 1);
        using var pass = new GradientPass<float>(mlp, 1);
        var others = new Weights<float>(Catalogue.Network("5", "binary", "relu"));
        Assert.Contains("not a number from 0 to 1", Assert.Throws<ArgumentException>(() => step.Run(table, [0])).Message);
        Assert.Equal(
            "The weights are of a network 5-1, not 4-1. Make them for that one.", Assert.Throws<ArgumentException>(() => step.CopyWeightsTo(others)).Message);
        Assert.Contains("gradients are of a network 5-1", Assert.Throws<ArgumentException>(() => pass.Run(weights, table, [0], others, new float[1])).Message);
        Assert.Contains("0 places do not hold", Assert.Throws<ArgumentException>(() => pass.Run(weights, table, [0], weights, [])).Message);
        Assert.Contains("A batch of 0 rows on 0 threads", Assert.Throws<ArgumentException>(() => new GradientPass<float>(mlp, 0)).Message);
        Assert.Contains("on 5000 threads", Assert.Throws<ArgumentException>(() => new GradientPass<float>(mlp, 1, Catalogue.Engine(5000, null))).Message);
        step.Dispose();
        Assert.Throws<ObjectDisposedException>(() => step.Run(new(1, new float[4], [0]), [0]));
    }

    [Fact]
    public void MomentumThatNobodyFeedsBecomesZeroInsteadOfDenormal()
    {
        var (weight, first, others) = (default(Number), new Number(1e-29f), default(Number));
        var update = new Sgd.WithMomentum(0.1, 0.9, 1);
        update.Apply(new(0), ref weight, ref first, ref others, ref others);
        Assert.True(first.Vector > 0);
        for (var i = 0; i < 30; i++)
        {
            update.Apply(new(0), ref weight, ref first, ref others, ref others);
        }

        Assert.Equal(0, first.Vector);
    }

    [Fact]
    public void LossesStayFiniteForHugeLogits()
    {
        foreach (var head in new[] { "binary", "multiclass" })
        {
            var mlp = Catalogue.Network("1", head, "identity");
            var (weights, gradients) = (new Weights<float>(mlp), new Weights<float>(mlp));
            weights["0.weight"][0] = 1e4f;
            using var pass = new GradientPass<float>(mlp, 2, Catalogue.Engine(1, null));
            var loss = pass.Run(weights, new(2, [1, -1], [1, 1]), [0, 1], gradients, new float[2 * mlp.Outputs]);
            Assert.True(double.IsFinite(loss) && loss > 1000, $"{head}: {loss}");
            Assert.All(gradients.Values.ToArray(), g => Assert.True(float.IsFinite(g)));
        }
    }
}
