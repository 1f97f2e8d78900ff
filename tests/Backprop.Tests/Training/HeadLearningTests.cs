using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>Training with each head recovers what the data were made of.</summary>
public class HeadLearningTests
{
    private const int Rows = 4000;

    private static readonly TrainingOptions Options = new()
    {
        Hidden = [32],
        Activation = Activation.Of(new Tanh()),
        Optimizer = new Adam { LearningRate = 0.002 },
        Epochs = 300,
        BatchSize = 50,
        Engine = Catalogue.Engine(1, null),
    };

    [Fact]
    public void QuantilesCoverTheirShareOfTheTargets()
    {
        double[] levels = [0.1, 0.5, 0.9];
        var (table, fresh) = (Noisy(1), Noisy(2));
        var scores = Scores(Trainer.Fit(Head.Quantile(levels), 3, table, Options), fresh);
        for (var j = 0; j < levels.Length; j++)
        {
            var below = Enumerable.Range(0, Rows).Count(row => fresh.Targets[row] < scores[3 * row + j]) / (double)Rows;
            // Three standard deviations of a share of 4,000 are 0.024, of what was learned from as many again.
            Assert.Equal(levels[j], below, 0.04);
        }
    }

    [Fact]
    public void AGaussianRecoversMeanAndVariance()
    {
        var (table, fresh) = (Noisy(1), Noisy(2));
        var scores = Scores(Trainer.Fit(Head.Gaussian, 2, table, Options), fresh);
        var (meanError, logError) = (0.0, 0.0);
        for (var row = 0; row < Rows; row++)
        {
            var (mean, deviation) = Truth(fresh.Features[row]);
            meanError += Math.Abs(scores[2 * row] - mean) / Rows;
            logError += Math.Abs(Math.Log(scores[2 * row + 1]) - 2 * Math.Log(deviation)) / Rows;
        }

        // Labels are of size 100 with a deviation from 2 to 20.
        Assert.True(meanError < 1.5, $"means are off by {meanError} on average");
        Assert.True(logError < 0.2, $"log-variances are off by {logError} on average");
    }

    [Fact]
    public void APoissonHeadRecoversTheRate()
    {
        var random = new TorchRandom(5);
        var (x, counts) = (new float[Rows], new float[Rows]);
        random.FillUniform<float>(x, -1, 1);
        double Rate(float at) => Math.Exp(1 + at);
        var uniform = new double[1];
        for (var row = 0; row < Rows; row++)
        {
            // Knuth: arrivals until the product of uniforms falls below e^−rate.
            for (var product = 1.0; ; counts[row]++)
            {
                random.FillUniform<double>(uniform, 0, 1);
                product *= uniform[0];
                if (product < Math.Exp(-Rate(x[row])))
                {
                    break;
                }
            }
        }

        var table = new Examples<float>(Rows, x, counts);
        var scores = Scores(Trainer.Fit(Head.Poisson, 1, table, Options), table);
        var error = Enumerable.Range(0, Rows).Average(row => Math.Abs(Math.Log(scores[row] / Rate(x[row]))));
        Assert.True(error < 0.06, $"rates are off by a factor of e^{error} on average");
    }

    [Theory, InlineData("absoluteerror"), InlineData("huber(0.1)"), InlineData("smoothl1(0.1)"), InlineData("pinball(0.5)")]
    public void RobustLossesPassOverOutliers(string loss)
    {
        var table = Line();
        double Slope(Head head)
        {
            var scores = Scores(Trainer.Fit(head, 1, table, Options with { Hidden = [] }), new(2, [0, 1], [0, 0]));
            return scores[1] - scores[0];
        }

        // y = 3x but for every tenth row, which lies 50 x² too high … the squared error follows those.
        Assert.Equal(3, Slope(Head.Regression with { OutputLoss = Loss.Parse(loss) }), 0.15);
        Assert.True(Math.Abs(Slope(Head.Regression) - 3) > 1);
    }

    [Fact]
    public void ClassWeightsMoveTheBorder()
    {
        // Two overlapping classes: a weight of w makes the border lie where the other class is w times as likely.
        var random = new TorchRandom(6);
        var (x, labels, uniform) = (new float[Rows], new float[Rows], new float[Rows]);
        random.FillUniform<float>(x, -4, 4);
        random.FillUniform<float>(uniform, 0, 1);
        for (var row = 0; row < Rows; row++)
        {
            labels[row] = uniform[row] < 1 / (1 + MathF.Exp(-x[row])) ? 1 : 0;
        }

        var table = new Examples<float>(Rows, x, labels);
        double Border(Head head, int outputs)
        {
            var network = Trainer.Fit(head, outputs, table, Options with { Hidden = [] }).Network;
            var scores = new float[2 * outputs];
            network.Score([0, 1], scores);
            double Logit(int row) => outputs == 1 ? scores[row] : Math.Log(scores[2 * row + 1] / scores[2 * row]);
            return -Logit(0) / (Logit(1) - Logit(0));
        }

        Assert.Equal(0, Border(Head.Multiclass, 2), 0.15);
        Assert.Equal(-Math.Log(5), Border(Head.Multiclass with { ClassWeights = [1, 5] }, 2), 0.15);
        Assert.Equal(-Math.Log(5), Border(Head.Binary with { PositiveWeight = 5 }, 1), 0.15);
    }

    [Fact]
    public void SmoothingKeepsProbabilitiesFromTheirExtremes()
    {
        var (x, labels) = (new float[400], new float[400]);
        for (var row = 0; row < 400; row++)
        {
            (x[row], labels[row]) = (row % 2 * 2 - 1, row % 2);
        }

        var table = new Examples<float>(400, x, labels);
        var scores = Scores(Trainer.Fit(Head.Multiclass with { LabelSmoothing = 0.2 }, 2, table, Options), table);
        // The least loss is where p is 1 − ε + ε / 2.
        Assert.Equal(0.9, scores[0], 0.01);
        Assert.Equal(0.9, scores[3], 0.01);
    }

    [Fact]
    public void AnEpochsMeanLeavesIgnoredRowsOut()
    {
        // Of batches of one row each second is ignored: the mean is that of the others, and accuracy is a share of those.
        var (x, labels) = (new float[20], new float[20]);
        for (var row = 0; row < 20; row++)
        {
            (x[row], labels[row]) = (1, row % 2 == 0 ? -1 : 1);
        }

        var options = Options with { Hidden = [], BatchSize = 1, Epochs = 1, ValidationFraction = 0, Optimizer = new Sgd { LearningRate = 1e-9 } };
        var report = Trainer.Fit(Head.Multiclass with { IgnoreIndex = -1 }, 2, new Examples<float>(20, x, labels), options).History[0];
        Assert.InRange(report.TrainingLoss, 0.01, 3);
        Assert.True(report.TrainingAccuracy is 0 or 1);
    }

    [Fact]
    public void ASumIsReportedAsAMean()
    {
        var options = Options with { Hidden = [], Epochs = 1, Optimizer = new Sgd { LearningRate = 1e-12 } };
        var (mean, sum) = (
            Trainer.Fit(Head.Regression, 1, Noisy(1), options).History[0],
                Trainer.Fit(Head.Regression with { Reduction = Reduction.Sum }, 1, Noisy(1), options).History[0]);
        Assert.Equal(mean.TrainingLoss, sum.TrainingLoss, 1e-6);
        Assert.Equal(mean.ValidationLoss, sum.ValidationLoss, 1e-6);
    }

    private static (double Mean, double Deviation) Truth(float x) => (100 + 50 * Math.Sin(3 * x), 2 * Math.Exp(1.15 * (x + 1)));

    /// <summary>y = 100 + 50 sin 3x, and noise whose deviation grows with x from 2 to 20.</summary>
    private static Examples<float> Noisy(long seed)
    {
        var random = new TorchRandom(seed);
        var (x, y, uniform) = (new float[Rows], new float[Rows], new double[2 * Rows]);
        random.FillUniform<float>(x, -1, 1);
        random.FillUniform<double>(uniform, 0, 1);
        for (var row = 0; row < Rows; row++)
        {
            var (mean, deviation) = Truth(x[row]);
            var normal = Math.Sqrt(-2 * Math.Log(1 - uniform[2 * row])) * Math.Cos(Math.Tau * uniform[2 * row + 1]);
            y[row] = (float)(mean + deviation * normal);
        }

        return new(Rows, x, y);
    }

    private static Examples<float> Line()
    {
        var (x, y) = (new float[1000], new float[1000]);
        new TorchRandom(4).FillUniform<float>(x, 0, 1);
        for (var row = 0; row < 1000; row++)
        {
            y[row] = 3 * x[row] + (row % 10 == 0 ? 50 * x[row] * x[row] : 0);
        }

        return new(1000, x, y);
    }

    private static float[] Scores(TrainingResult<float> result, Examples<float> table)
    {
        var scores = new float[table.Rows * result.Network.Model.Outputs];
        result.Network.Score(table.Features, scores);
        return scores;
    }
}
