using Backprop.Formulas;
using Backprop.Models;
using Backprop.Tests.Models;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>Training that goes on from a network: from its scores, reproducibly, and never to something worse.</summary>
public class ContinuedTrainingTests
{
    private static readonly TrainingOptions Options =
        new() { Epochs = 12, BatchSize = 32, Optimizer = new Adam { LearningRate = 0.01 }, Engine = Catalogue.Engine(1, null) };

    [Theory]
    [MemberData(nameof(Networks.Names), MemberType = typeof(Networks))]
    public void ANetworkThatNoEpochSurpassesIsTheResult(string name)
    {
        var (model, validation) = (Networks.All[name], Networks.Table(Networks.All[name], 60));
        var first = Trainer.Fit(model, Networks.Table(model, 120), Options, validation);

        // Labels of another scale to learn from, in giant steps: the validation loss is as it was only if it is measured in the old scale.
        var (table, giant) = (Rescaled(Networks.Table(model, 120)), Options with { Epochs = 2, Optimizer = new Adam { LearningRate = 1 } });
        var second = Trainer.Fit(first.Network, table, giant, validation);
        Assert.Equal((0, first.History[^1].BestLoss), (second.BestEpoch, second.History[^1].BestLoss));
        Assert.Equal(first.WeightHash, second.WeightHash);
        Assert.Equal(Scores(first.Network, validation), Scores(second.Network, validation));
    }

    [Theory]
    [MemberData(nameof(Networks.Names), MemberType = typeof(Networks))]
    public void TrainingGoesOnWithTheSameBitsEveryTime(string name)
    {
        var (model, table) = (Networks.All[name], Networks.Table(Networks.All[name], 150).To<float>());
        var first = Trainer.Fit(model, table, Options with { Epochs = 2 });
        var second = Trainer.Fit(first.Network, table, Options with { Engine = Catalogue.Engine(1, null) });
        Assert.True(second.BestEpoch > 0, "twelve more epochs did not help");
        Assert.True(second.History[^1].BestLoss < first.History[^1].BestLoss);
        Assert.NotEqual(first.WeightHash, second.WeightHash);
        Assert.Equal(second.WeightHash, Trainer.Fit(first.Network, table, Options).WeightHash);
        Assert.Equal(second.WeightHash, Trainer.Fit(first.Network, table, Options with { Engine = Catalogue.Engine(2, 128) }).WeightHash);
        Assert.Equal(first.Network.OutputScale, second.Network.OutputScale);
        Assert.Equal(first.Network.OutputShift, second.Network.OutputShift);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheFirstBatchSeesTheNetworksScores(bool lbfgs)
    {
        // All rows in one batch: what the epoch reports was measured before its update.
        var model = Catalogue.Network("6-8", "regression", "tanh");
        var table = Catalogue.Table(model, 90).To<double>();
        var options = Options with { BatchSize = 90, ValidationFraction = 0, Lbfgs = lbfgs ? new() { Iterations = 1 } : null };
        var first = Trainer.Fit(model, table, options);
        var (scores, errors) = (Scores(first.Network, table), 0.0);
        for (var row = 0; row < 90; row++)
        {
            for (var i = 0; i < model.Outputs; i++)
            {
                errors += table.Weights![row] * Math.Pow(
                    (scores[row * model.Outputs + i] - table.Targets[row * model.Outputs + i]) / first.Network.OutputScale[i], 2);
            }
        }

        var loss = errors / (90 * model.Outputs);
        Assert.Equal(loss, Trainer.Fit(first.Network, table, options).History[0].TrainingLoss, loss * 1e-12);
    }

    [Fact]
    public void WithoutValidationRowsTheLastEpochIsTheResult()
    {
        var (model, table) = (Networks.All["gated"], Networks.Table(Networks.All["gated"], 90));
        var start = Trainer.Fit(model, table, Options).Network;
        var result = Trainer.Fit(start, table, Options with { ValidationFraction = 0, Epochs = 3 });
        Assert.Equal(3, result.BestEpoch);
        Assert.Equal(result.History[2].TrainingLoss, result.History[2].BestLoss);
    }

    [Fact]
    public void TrainingThatFallsApartAtOnceIsAnErrorThoughThereIsAStart()
    {
        var (model, table) = (Networks.All["gated"], Networks.Table(Networks.All["gated"], 90));
        var start = Trainer.Fit(model, table, Options).Network;
        var error = Assert.Throws<ArithmeticException>(() => Trainer.Fit(start, table, Options with { Optimizer = new Sgd { LearningRate = 1e300 } }));
        Assert.Contains("Lower the learning rate from 1E+300", error.Message);
    }

    public static TheoryData<string, double[], double[]> ForeignScales => new()
    {
        { "regression", [2, 3, 0], [0, 0, 0] },
        { "regression", [2, 3, double.PositiveInfinity], [0, 0, 0] },
        { "regression", [2, 3, -4], [0, 0, 0] },
        { "regression", [2, 3, 4], [0, 0, double.NaN] },
        { "regression(raw)", [1, 1, 2], [0, 0, 0] },
        { "binary", [2], [0] },
        { "multiclass", [1, 1, 1], [0, 0, 0.5] },
        { "poisson", [1, 1, 3], [0, 0, 0] },
        { "quantile(0.1,0.5,0.9)", [2, 2, 3], [1, 1, 1] },
        { "quantile(0.1,0.5,0.9)", [2, 2, 2], [1, 2, 1] },
        { "gaussian", [2, 3, 4, 8], [5, 6, 0, 0] },
        { "gaussian", [2, 3, 4, 9], [5, 6, 0, 1] },
    };

    [Theory, MemberData(nameof(ForeignScales))]
    public void ScalesThatTrainingDoesNotGiveAreRefused(string head, double[] scale, double[] shift)
    {
        var model = Mlp.Parse($"6-{scale.Length}", Activation.Of(new Tanh()), Head.Parse(head));
        var start = new Network<double>(Initializers.Default<double>(model, 1), scale, shift);
        var error = Assert.Throws<ArgumentException>(() => Trainer.Fit(start, Catalogue.Table(model, 30).To<double>(), Options));
        Assert.StartsWith("Output ", error.Message);
        Assert.Contains("of the network to start from is multiplied by", error.Message);
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        var (model, table) = (Networks.All["gated"], Networks.Table(Networks.All["gated"], 90));
        var weights = Initializers.Default<double>(model, 1);
        string Error(Examples<double> other, Weights<double> start)
            => Assert.Throws<ArgumentException>(() => Trainer.Fit(new Network<double>(start), other, Options)).Message;
        Assert.StartsWith("Training rows of 1 features and 1 targets do not fit the network", Error(new(3, new double[3], new double[3]), weights));
        weights["0.weight"][3] = double.NaN;
        Assert.StartsWith("The tensor 0.weight that training starts from has a number that is NaN", Error(table, weights));
    }

    /// <summary>The table with the targets of regressions, which are no whole numbers, in other units.</summary>
    private static Examples<double> Rescaled(Examples<double> table) => new(
        table.Rows, table.Features, [.. table.Targets.Select(target => target == Math.Floor(target) ? target : 1000 + 50 * target)], table.Weights);

    private static double[] Scores(Network<double> network, Examples<double> table)
    {
        var scores = new double[table.Rows * network.Model.Outputs];
        network.Score(table.Features, scores);
        return scores;
    }
}
