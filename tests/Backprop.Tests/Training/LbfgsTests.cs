using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>L-BFGS finds minima that gradient descent takes for ever to find.</summary>
public class LbfgsTests
{
    [Theory, InlineData(true), InlineData(false)]
    public void RosenbrocksValleyIsFollowedToItsEnd(bool wolfe)
    {
        var x = new double[] { -1.2, 1 };
        var minimizer = new LbfgsMinimizer<double>(
            new() { StrongWolfe = wolfe, LearningRate = wolfe ? 1 : 0.1, GradientTolerance = 1e-12, ChangeTolerance = 0 }, Rosenbrock);
        for (var i = 0; i < (wolfe ? 4 : 60); i++)
        {
            minimizer.Step(x);
        }

        Assert.All(x, number => Assert.Equal(1, number, 1e-6));
    }

    [Fact]
    public void ABadlyScaledQuadraticTakesFewIterations()
    {
        // With an exact line search quasi-Newton steps would end after four iterations, gradient descent takes thousands.
        var scales = new double[] { 1, 10, 100, 1000 };
        double Bowl(ReadOnlySpan<double> x, Span<double> gradient)
        {
            var sum = 0.0;
            for (var i = 0; i < x.Length; i++)
            {
                gradient[i] = scales[i] * (x[i] - i);
                sum += scales[i] * (x[i] - i) * (x[i] - i) / 2;
            }

            return sum;
        }

        var x = new double[4];
        var minimizer = new LbfgsMinimizer<double>(
            new() { StrongWolfe = true, Iterations = 30, Evaluations = 60, GradientTolerance = 1e-9, ChangeTolerance = 0 }, Bowl);
        minimizer.Step(x);
        Assert.True(minimizer.Iterations < 20, $"{minimizer.Iterations} iterations");
        Assert.All(x.Index(), entry => Assert.Equal(entry.Index, entry.Item, 1e-7));
    }

    [Fact]
    public void EveryLengthTheSearchFindsSatisfiesTheStrongWolfeConditions()
    {
        var random = new TorchRandom(5);
        var start = new double[2];
        for (var round = 0; round < 200; round++)
        {
            random.FillUniform(start, -2, 2);
            var gradient = new double[2];
            var value = Rosenbrock(start, gradient);
            var direction = gradient.Select(g => -g).ToArray();
            var slope = -gradient.Sum(g => g * g);
            var x = new double[2];
            var search = new StrongWolfe<double>(Rosenbrock, start, direction, 1e-12);
            var (found, length) = search.Run(value, slope, gradient, Math.Pow(10, -round % 7), x);
            Assert.Equal(Rosenbrock(x, new double[2]), found);
            Assert.True(found <= value + 1e-4 * length * slope, $"round {round}: {found} is not below {value}");
            Assert.True(Math.Abs(gradient.Zip(direction, (a, b) => a * b).Sum()) <= 0.9 * -slope, $"round {round}: too steep");
        }
    }

    [Fact]
    public void TrainingByLbfgsReachesWhatTheWholeTableAllows()
    {
        // A linear regression, solved to rounding in a few epochs of some evaluations.
        var (random, x) = (new TorchRandom(3), new double[300]);
        random.FillUniform(x, -1, 1);
        var table = new Examples<double>(100, x, [.. x.Chunk(3).Select(row => 2 * row[0] - row[1] + 0.5 * row[2] + 3)]);
        var options = new TrainingOptions
        {
            Hidden = [],
            Epochs = 5,
            BatchSize = 17,
            ValidationFraction = 0,
            Lbfgs = new() { StrongWolfe = true, ChangeTolerance = 0 },
            Engine = Catalogue.Engine(1, null),
        };
        var result = Trainer.Fit(Head.Regression, 1, table, options);
        Assert.True(result.History[^1].TrainingLoss < 1e-14, $"loss {result.History[^1].TrainingLoss}");
        var score = new double[1];
        result.Network.Score([0.3, -0.2, 0.9], score);
        Assert.Equal(2 * 0.3 + 0.2 + 0.45 + 3, score[0], 1e-6);
    }

    [Theory, InlineData(2, 256), InlineData(3, 0)]
    public void ThreadsAndWidthChangeNoBitOfIt(int threads, int bits)
    {
        var table = Catalogue.Table(Catalogue.Network("40", "multiclass", "relu"), 300);
        string Hash(int t, int b) => Trainer.Fit(
            Head.Multiclass,
            3,
            table,
            new() { Hidden = [60], Epochs = 2, BatchSize = 100, Lbfgs = new() { Iterations = 5, StrongWolfe = true }, Engine = Catalogue.Engine(t, b) }).WeightHash;
        Assert.Equal(Hash(1, 512), Hash(threads, bits));
    }

    /// <summary>Batches only bound memory: also where what a mean divides by, or the rows that count, differ from batch to batch.</summary>
    [Theory, InlineData("multiclass(weights=1 3 0.5,ignore=2)"), InlineData("multiclass(weights=1 3 0.5,sum)"), InlineData("regression(sum)"),
        InlineData("gaussian")]
    public void BatchesMakeNoDifference(string head)
    {
        var mlp = Catalogue.Network("4", head, "relu");
        var table = Catalogue.Table(mlp, 90).To<double>();
        double[] Losses(int batchSize) => [.. Trainer.Fit(
            mlp.Head, mlp.Outputs, table, new() { Hidden = [5], Activation = Activation.Parse("tanh"), Epochs = 3, BatchSize = batchSize, ValidationFraction = 0, Lbfgs = new() { Iterations = 4 } })
            .History.Select(epoch => epoch.TrainingLoss)];
        var whole = Losses(90);
        Assert.True(whole[2] < whole[0]);
        // Sums in another order, on which some steps build.
        Assert.All(whole.Zip(Losses(7)), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
    }

    [Fact]
    public void WhatDoesNotGoTogetherIsRefused()
    {
        var table = Catalogue.Table(Catalogue.Network("4", "multiclass", "relu"), 30);
        string Error(TrainingOptions options) => Assert.Throws<ArgumentException>(() => Trainer.Fit(Head.Multiclass, 3, table, options)).Message;
        Assert.StartsWith("Schedule is cosine, not null", Error(new() { Lbfgs = new(), Schedule = new CosineRate() }));
        Assert.StartsWith("Updates is set, not the default, as Lbfgs wants.", Error(new() { Lbfgs = new(), Updates = new() { ClipNorm = 1 } }));
        Assert.StartsWith("Iterations is 0, not 1 or more.", Assert.Throws<ArgumentException>(() => new Lbfgs { Iterations = 0 }).Message);
    }

    private static double Rosenbrock(ReadOnlySpan<double> x, Span<double> gradient)
    {
        var (a, b) = (1 - x[0], x[1] - x[0] * x[0]);
        (gradient[0], gradient[1]) = (-2 * a - 400 * x[0] * b, 200 * b);
        return a * a + 100 * b * b;
    }
}
