using Backprop.Formulas;
using Backprop.Models;
using Backprop.Tests.Models;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>Schedules are their formulas, and training follows them.</summary>
public class ScheduleTests
{
    private const double Rate = 0.3;
    private const int Total = 40;

    /// <summary>Schedules beside what PyTorch's documentation gives for them.</summary>
    public static TheoryData<Schedule, Func<int, double>> Formulas => new()
    {
        { new ConstantRate(), _ => Rate },
        { new ConstantRate { Factor = 0.5, Duration = 4 }, t => t < 4 ? Rate / 2 : Rate },
        { new StepRate { Every = 7, Factor = 0.5 }, t => Rate * Math.Pow(0.5, t / 7) },
        { new MultiStepRate { Milestones = [3, 8, 8, 20], Factor = 0.4 }, t => Rate * Math.Pow(0.4, new[] { 3, 8, 8, 20 }.Count(m => m <= t)) },
        { new ExponentialRate { Factor = 0.9 }, t => Rate * Math.Pow(0.9, t) },
        { new CosineRate(), t => Rate * (1 + Math.Cos(Math.PI * t / Total)) / 2 },
        { new CosineRate { Period = 10, LeastRate = 0.01 }, t => 0.01 + (Rate - 0.01) * (1 + Math.Cos(Math.PI * t / 10)) / 2 },
        { new CosineRestartsRate { Period = 6 }, t => Rate * (1 + Math.Cos(Math.PI * (t % 6) / 6)) / 2 },
        { new CosineRestartsRate { Period = 5, Growth = 2, LeastRate = 0.1 }, t => 0.1 + (Rate - 0.1) * (1 + Math.Cos(Math.PI * (t < 5 ? t / 5.0 : t < 15 ? (t - 5) / 10.0 : t < 35 ? (t - 15) / 20.0 : (t - 35) / 40.0))) / 2 },
        { new CosLogRate(), t => Rate / 2 * (1 - Math.Cos(2 * Math.PI * Math.Log2(1 + 15 * t / 40.0))) },
        { new CosLogRate { Cycles = 2, Duration = 20 }, t => t >= 20 ? 0 : Rate / 2 * (1 - Math.Cos(2 * Math.PI * Math.Log2(1 + 3 * t / 20.0))) },
        { new FlatCosineRate(), t => t < 20 ? Rate : Cosine(Rate, 0, (t - 20) / 20.0) },
        { new FlatCosineRate { FlatShare = 0.2, Duration = 30 }, t => t < 6 ? Rate : Cosine(Rate, 0, Math.Min(1, (t - 6) / 24.0)) },
        { new OneCycleRate(), t => t <= 11 ? Cosine(Rate / 25, Rate, t / 11.0) : Cosine(Rate, Rate / 25e4, (t - 11) / 28.0) },
        { new OneCycleRate { Duration = 20, RisingShare = 0.5, InitialDivisor = 10, FinalDivisor = 100 }, t => t <= 9 ? Cosine(Rate / 10, Rate, t / 9.0) : Cosine(Rate, Rate / 1000, Math.Min(1, (t - 9) / 10.0)) },
        { new LinearRate(), t => Rate * (1 / 3.0 + 2 / 3.0 * Math.Min(t, 5) / 5) },
        { new LinearRate { FirstFactor = 1, LastFactor = 0.1, Duration = 12 }, t => Rate * (1 - 0.9 * Math.Min(t, 12) / 12) },
        { new PolynomialRate(), t => Rate * (1 - t / 40.0) },
        { new PolynomialRate { Power = 2.5, Duration = 25 }, t => Rate * Math.Pow(Math.Max(0, 1 - t / 25.0), 2.5) },
        { new SequentialRate(), t => t < 5 ? Rate * (1 / 3.0 + 2 / 3.0 * t / 5) : Rate * (1 + Math.Cos(Math.PI * (t - 5) / 35)) / 2 },
        {
            new SequentialRate { Parts = [new LinearRate(), new ExponentialRate { Factor = 0.9 }, new ConstantRate { Factor = 0.1 }], Milestones = [5, 20] },
            t => t < 5 ? Rate * (1 / 3.0 + 2 / 3.0 * t / 5) : t < 20 ? Rate * Math.Pow(0.9, t - 5) : Rate / 10
        },
    };

    [Theory, MemberData(nameof(Formulas))]
    public void RatesAreTheFormulas(Schedule schedule, Func<int, double> formula)
    {
        for (var t = 0; t < Total; t++)
        {
            Assert.Equal(formula(t), schedule.Rate(Rate, t, Total), 1e-15);
        }
    }

    [Fact]
    public void EveryScheduleIsTestedAndFoundByItsName()
    {
        var tested = Formulas.Select(row => row[0].GetType()).Append(typeof(PlateauRate)).ToHashSet();
        Assert.All(Schedule.All, schedule => Assert.Contains(schedule.GetType(), tested));
        Assert.All(Schedule.All, schedule => Assert.Same(schedule, Schedule.Parse(schedule.Name.ToUpperInvariant())));
        Assert.Equal(
            "There is no schedule 'x'. Choose one of: constant, step, multistep, exponential, cosine, cosinerestarts, coslog, flatcosine, onecycle, linear, "
                + "polynomial, sequential, plateau.",
            Assert.Throws<ArgumentException>(() => Schedule.Parse("x")).Message);
    }

    [Fact]
    public void APlateauLowersTheRateAfterItsPatienceAndThenCoolsDown()
    {
        var schedule = new PlateauRate { Factor = 0.5, Patience = 2, Cooldown = 2, Threshold = 0.1, LeastRate = 0.05 };
        var losses = new[] { 1, 0.95, 0.89, 0.89, double.NaN, 0.89, 0.89, 0.89, 0.89, 0.89, 0.89, 0.89, 0.89, 0.89, 0.89, 0.89, 0.89, 0.89, 0.89 };
        // 0.95 is no better by 10 %, 0.89 is; the third bad epoch lowers the rate, two that follow do not count, and so on to 0.05.
        var expected = new[] { 0.3, 0.3, 0.3, 0.3, 0.3, 0.15, 0.15, 0.15, 0.15, 0.15, 0.075, 0.075, 0.075, 0.075, 0.075, 0.05, 0.05, 0.05, 0.05 };
        var rates = new LearningRates(schedule, Rate, losses.Length, 1);
        foreach (var (loss, rate) in losses.Zip(expected))
        {
            rates.FinishEpoch(loss);
            Assert.Equal(rate, rates.Current, 1e-15);
        }
    }

    [Fact]
    public void ASavedStateGoesOnWhereItWas()
    {
        foreach (var schedule in Schedule.All.SelectMany(s => new[] { s, s with { ByUpdate = true } }))
        {
            var (whole, first) = (new LearningRates(schedule, Rate, 30, 3), new LearningRates(schedule, Rate, 30, 3));
            void Epoch(LearningRates rates, int epoch)
            {
                for (var i = 0; i < 3; i++)
                {
                    rates.Finish(1);
                }

                rates.FinishEpoch(epoch < 5 ? 1.0 / epoch : 1);
            }

            for (var epoch = 1; epoch < 17; epoch++)
            {
                Epoch(whole, epoch);
                Epoch(first, epoch);
            }

            var second = new LearningRates(schedule, Rate, 30, 3) { State = first.State };
            for (var epoch = 17; epoch <= 30; epoch++)
            {
                Assert.Equal(whole.Current, second.Current);
                Epoch(whole, epoch);
                Epoch(second, epoch);
            }
        }
    }

    [Fact]
    public void TrainingFollowsASchedule()
    {
        var table = Catalogue.Table(Catalogue.Network("6", "multiclass", "relu"), 64);
        var options = new TrainingOptions
        {
            Hidden = [5],
            Epochs = 6,
            BatchSize = 16,
            ValidationFraction = 0,
            Optimizer = new Sgd { LearningRate = Rate },
            Engine = Catalogue.Engine(1, null),
        };
        IEnumerable<double> Rates(Schedule? schedule, UpdateOptions? updates = null)
            => Trainer.Fit(Head.Multiclass, 3, table, options with { Schedule = schedule, Updates = updates ?? new() }).History.Select(report
                => report.LearningRate);
        Assert.Equal([Rate, Rate, Rate, Rate, Rate, Rate], Rates(null));
        var halving = new ExponentialRate { Factor = 0.5 };
        Assert.Equal([Rate, Rate / 2, Rate / 4, Rate / 8, Rate / 16, Rate / 32], Rates(halving));
        // Four updates an epoch: the last one's rate is reported; two where two batches make one.
        Assert.Equal(Enumerable.Range(0, 6).Select(epoch => Rate * Math.Pow(0.5, 4 * epoch + 3)), Rates(halving with { ByUpdate = true }));
        Assert.Equal(Enumerable.Range(0, 6).Select(epoch => Rate * Math.Pow(0.5, 2 * epoch + 1)), Rates(halving with { ByUpdate = true }, new() { AccumulatedBatches = 2 }));
        Assert.Equal(Rate / 25e4, Rates(new OneCycleRate()).Last(), 1e-18);
        // 24 updates: four waves return to 0, the last of them over the second half.
        Assert.All(Rates(new CosLogRate()), rate => Assert.InRange(rate, 1e-4, Rate));
        Assert.Equal([Rate, Rate, Rate, Rate, 0.75 * Rate, 0.25 * Rate], Rates(new FlatCosineRate()), (a, b) => Math.Abs(a - b) <= 1e-15);
        Assert.Equal(0.1 * Rate, Rates(new PlateauRate { Patience = 0, Threshold = 0.999 }).ElementAt(2), 1e-15);
    }

    [Fact]
    public void ABatchThatIsLeftOutIsNoUpdateOfTheSchedule()
    {
        // 33 rows, of which batch normalisation cannot be trained on the last.
        var model = Networks.All["batchNorm"];
        var options = new TrainingOptions
        {
            Epochs = 4,
            BatchSize = 16,
            ValidationFraction = 0,
            Optimizer = new Sgd { LearningRate = Rate },
            Schedule = new PolynomialRate { ByUpdate = true },
        };
        Assert.Equal(Rate / 8, Trainer.Fit(model, Networks.Table(model, 33).To<float>(), options).History[^1].LearningRate);
    }

    [Fact]
    public void AScheduledRunIsTheRunsOfItsRates()
    {
        var mlp = Catalogue.Network("6-5", "multiclass", "relu");
        var table = Catalogue.Table(mlp, 64);
        var options = new TrainingOptions
        {
            Hidden = [5],
            Epochs = 4,
            BatchSize = 64,
            ValidationFraction = 0,
            Seed = 3,
            Optimizer = new Adam(),
            Engine = Catalogue.Engine(1, null),
            Schedule = new CosineRate(),
        };
        var scheduled = Trainer.Fit(Head.Multiclass, 3, table, options).Network.CopyWeights();
        var weights = Initializers.Default<float>(mlp, 3);
        using var step = new TrainingStep<float>(weights, new Adam(), 64, options.Engine);
        var (shuffles, order) = (new TorchRandom(Streams.Of(3, Streams.Shuffles)), new int[64]);
        for (var epoch = 0; epoch < 4; epoch++)
        {
            shuffles.FillPermutation(order);
            step.LearningRate = options.Schedule.Rate(0.001, epoch, 4);
            step.Run(table, order);
        }

        step.CopyWeightsTo(weights);
        Assert.Equal(weights.Hash(), scheduled.Hash());
    }

    [Fact]
    public void SettingsOutOfRangeAreRefused()
    {
        string Error(Func<Schedule> make) => Assert.Throws<ArgumentException>(() => make().Rate(1, 0, 1)).Message;
        Assert.Equal("Every is 0, not 1 or more. Correct it.", Error(() => new StepRate { Every = 0 }));
        Assert.Equal("Factor is 0, not a finite number above 0. Correct it.", Error(() => new ExponentialRate { Factor = 0 }));
        Assert.Equal("Factor is 1, not above 0 and below 1. Correct it.", Error(() => new PlateauRate { Factor = 1 }));
        Assert.Equal("Duration is 1, not 2 or more. Correct it.", Error(() => new OneCycleRate { Duration = 1 }));
        Assert.Equal("Cycles is 31, not from 1 to 30. Correct it.", Error(() => new CosLogRate { Cycles = 31 }));
        Assert.Equal("FlatShare is 1, not from 0 to below 1. Correct it.", Error(() => new FlatCosineRate { FlatShare = 1 }));
        Assert.Equal("Duration is 0, not 1 or more. Correct it.", Error(() => new FlatCosineRate { Duration = 0 }));
        Assert.Equal("2 schedules have 0 milestones between them. Give 1.", Error(() => new SequentialRate { Milestones = [] }));
        Assert.EndsWith("not ascending. Correct it.", Error(() => new SequentialRate { Milestones = [3, 3] }));
        Assert.EndsWith(
            "not one or more schedules of time alone. Correct it.", Error(() => new SequentialRate { Parts = [new PlateauRate()], Milestones = [] }));
    }

    private static double Cosine(double from, double to, double part) => to + (from - to) / 2 * (1 + Math.Cos(Math.PI * part));
}
