using Backprop.Formulas;
using Backprop.Models;
using Backprop.Planning;
using Backprop.Tests.Models;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>Options together: on every kind of network.</summary>
public class CombinationTests
{
    private static readonly UpdateOptions[] Updates =
    [
        new(),
        new() { AccumulatedBatches = 3 },
        new() { ClipNorm = 0.3, ClipValue = 0.1 },
        new() { AverageDecay = 0.8 },
        new() { AccumulatedBatches = 2, ClipNorm = 0.3, ClipValue = 0.2, AverageDecay = 0.8 },
    ];

    private static readonly EngineOptions[] Engines =
    [
        new() { Threads = 3, VectorBits = 128 },
        new() { Threads = 1, Recompute = true },
        new() { Threads = 3, VectorBits = 0, Recompute = true },
    ];

    [Theory]
    [MemberData(nameof(Networks.Names), MemberType = typeof(Networks))]
    public void EveryNetworkHasTheSameBitsHoweverItIsComputed(string name)
    {
        var model = Networks.All[name];
        var table = Networks.Table(model, 83).To<float>();
        var first = new Weights<float>(model).Tensors.First(tensor => tensor.Learned).Name;
        foreach (var updates in Updates.Concat(Updates.Select(u => u with { Groups = [new(first) { Frozen = true }] })))
        {
            // 75 rows to train on: batches of 19, 19, 19 and 18.
            var options = new TrainingOptions { Epochs = 2, BatchSize = 19, Updates = updates };
            var expected = Bits(Trainer.Fit(model, table, options with { Engine = Catalogue.Engine(1, null) }));
            Assert.All(Engines, engine => Assert.Equal(expected, Bits(Trainer.Fit(model, table, options with { Engine = engine }))));
        }
    }

    [Theory]
    [MemberData(nameof(Networks.Names), MemberType = typeof(Networks))]
    public void StepsOfEveryNetworkAllocateNothing(string name)
    {
        var (model, rows) = (Networks.All[name], Catalogue.Rows(16));
        var table = Networks.Table(model, 16).To<float>();
        foreach (var engine in new[] { Catalogue.Engine(1, null), Catalogue.Engine(1, null) with { Recompute = true } })
        {
            using var step = new TrainingStep<float>(Initializers.Default<float>(model, 3), new Adam(), 16, engine, updates: Updates[^1], random: new(3));
            step.Run(table, rows);
            step.Run(table, rows);
            Assert.Equal(0, Allocations.Of(() =>
            {
                for (var i = 0; i < 20; i++)
                {
                    step.Run(table, rows);
                }
            }));
        }
    }

    [Fact]
    public void ANetworkWithoutParametersCannotBeTrained()
    {
        var error = Assert.Throws<ArgumentException>(
            () => Trainer.Fit(Model.Of(Signal.Features(1), Head.Regression), new Examples<float>(2, [1, 2], [3, 4]), new()));
        Assert.StartsWith("The network has no parameter", error.Message);
    }

    [Fact]
    public void ScoresAreInTheLabelsUnitsWhateverTheyAre()
    {
        var h = Signal.Features(7).Linear(12).Apply(new Tanh());
        var model = Model.Of(
            new(h.Linear(2), Head.Gaussian),
            new(h.Linear(3), Head.Quantile(0.1, 0.5, 0.9), 0.5),
            new(h.Linear(2), Head.Poisson),
            new(h.Linear(4), Head.Gaussian),
            new(h.Linear(1), Head.Regression with { StandardiseLabels = false }));
        var random = new TorchRandom(3);
        var (x, y) = (new double[60 * 7], new double[60 * 7]);
        random.FillUniform<double>(x, -1, 1);
        random.FillUniform<double>(y, 0, 3);

        // Targets in other units, where a head standardises them: the same network with its scores in those.
        double[] unit = [1000, 0.01, 1, 1, 7, 1e5, 1], zero = [5, -3, 0, 0, 100, 2, 0];
        double[] Score(double[] targets)
        {
            var scores = new double[60 * model.Outputs];
            Trainer.Fit(model, new Examples<double>(60, x, targets), new() { Epochs = 5, BatchSize = 16, Engine = Catalogue.Engine(1, null) }).Network.Score(x, scores);
            return scores;
        }

        var (plain, other) = (Score(y), Score([.. y.Select((label, i) => label * unit[i % 7] + zero[i % 7])]));
        double[] scale = [1000, 1e6, 0.01, 0.01, 0.01, 1, 1, 7, 1e5, 49, 1e10, 1], shift = [5, 0, -3, -3, -3, 0, 0, 100, 2, 0, 0, 0];
        for (var i = 0; i < plain.Length; i++)
        {
            var expected = plain[i] * scale[i % 12] + shift[i % 12];
            Assert.Equal(expected, other[i], 1e-12 * Math.Abs(expected));
        }
    }

    [Theory]
    [InlineData("multiclass(ignore=7)", 7)]
    [InlineData("multiclass(weights=0 1)", 0)]
    public void RowsOfWhichNoneCountsAreRefused(string head, double label)
    {
        Examples<double> Rows(double label) => new(3, [1, 2, 3], [label, label, label]);
        var options = new TrainingOptions { Epochs = 1, ValidationFraction = 0 };
        string Error(Examples<double> training, Examples<double>? validation)
            => Assert.Throws<ArgumentException>(() => Trainer.Fit(Head.Parse(head), 2, training, options, validation)).Message;
        Assert.StartsWith("Every one of the 3 training rows is ignored, or of a class with weight 0.", Error(Rows(label), null));
        Assert.StartsWith("Every one of the 3 validation rows is ignored, or of a class with weight 0.", Error(Rows(1), Rows(label)));
    }

    private static (string, string) Bits(TrainingResult<float> result)
        => (result.WeightHash, string.Join(' ', result.History.Select(report => $"{report.TrainingLoss:R} {report.ValidationLoss:R}")));
}
