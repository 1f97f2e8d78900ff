using Backprop.Torch;
using Backprop.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch.optim;

namespace Backprop.Interop.Tests.Torch;

/// <summary>Schedules against PyTorch's schedulers of their names.</summary>
[Collection(TorchCollection.Name)]
public sealed class ScheduleTests
{
    private const double Rate = 0.3;
    private const int Total = 40;

    public static TheoryData<Schedule, Func<Optimizer, lr_scheduler.LRScheduler>> Twins => new()
    {
        { new ConstantRate { Factor = 0.5, Duration = 4 }, o => lr_scheduler.ConstantLR(o, 0.5, 4) },
        { new StepRate { Every = 7, Factor = 0.5 }, o => lr_scheduler.StepLR(o, 7, 0.5) },
        { new MultiStepRate { Milestones = [3, 8, 20], Factor = 0.4 }, o => lr_scheduler.MultiStepLR(o, [3, 8, 20], 0.4) },
        { new ExponentialRate { Factor = 0.9 }, o => lr_scheduler.ExponentialLR(o, 0.9) },
        { new CosineRate { Period = 10, LeastRate = 0.01 }, o => lr_scheduler.CosineAnnealingLR(o, 10, 0.01) },
        { new CosineRate(), o => lr_scheduler.CosineAnnealingLR(o, Total, 0) },
        { new OneCycleRate(), o => lr_scheduler.OneCycleLR(o, Rate, total_steps: Total) },
        { new OneCycleRate { RisingShare = 0.45, InitialDivisor = 10, FinalDivisor = 100 }, o => lr_scheduler.OneCycleLR(o, Rate, total_steps: Total, pct_start: 0.45, div_factor: 10, final_div_factor: 100) },
        { new LinearRate { FirstFactor = 0.25, LastFactor = 0.9, Duration = 6 }, o => lr_scheduler.LinearLR(o, 0.25, 0.9, 6) },
        { new PolynomialRate { Power = 2.5 }, o => lr_scheduler.PolynomialLR(o, Total, 2.5) },
        {
            new SequentialRate { Parts = [new LinearRate(), new ExponentialRate { Factor = 0.9 }], Milestones = [5] },
            o => lr_scheduler.SequentialLR(o, [lr_scheduler.LinearLR(o, 1.0 / 3, 1, 5), lr_scheduler.ExponentialLR(o, 0.9)], [5])
        },
    };

    [Theory, MemberData(nameof(Twins))]
    public void RatesArePyTorchs(Schedule schedule, Func<Optimizer, lr_scheduler.LRScheduler> twin)
    {
        TorchLibrary.EnsureLoaded();
        using var weights = new Parameter(torch.zeros(1));
        using var optimizer = SGD([weights], Rate);
        var scheduler = twin(optimizer);
        for (var t = 0; t < Total; t++)
        {
            // PyTorch multiplies from step to step where the formula is closed here.
            Assert.Equal(optimizer.ParamGroups.Single().LearningRate, schedule.Rate(Rate, t, Total), 1e-14);
            optimizer.step();
            scheduler.step();
        }
    }

    [Theory, InlineData(0, 0, 1e-4), InlineData(2, 0, 0.1), InlineData(1, 3, 0.01)]
    public void APlateauLowersTheRateWhenPyTorchsDoes(int patience, int cooldown, double threshold)
    {
        TorchLibrary.EnsureLoaded();
        var schedule = new PlateauRate { Factor = 0.5, Patience = patience, Cooldown = cooldown, Threshold = threshold, LeastRate = 0.01 };
        using var weights = new Parameter(torch.zeros(1));
        using var optimizer = SGD([weights], Rate);
        var scheduler = lr_scheduler.ReduceLROnPlateau(
            optimizer, "min", factor: 0.5, patience: patience, threshold: threshold, cooldown: cooldown, min_lr: [0.01]);
        var (random, losses) = (new Models.TorchRandom(5), new double[60]);
        random.FillUniform(losses, 0.5, 1);
        var state = new PlateauState(Rate);
        foreach (var (epoch, noise) in losses.Index())
        {
            var loss = noise / (1 + 0.1 * epoch);
            scheduler.step(loss);
            state = schedule.Next(state, loss);
            Assert.Equal(optimizer.ParamGroups.Single().LearningRate, state.Rate, 1e-15);
        }

        Assert.True(state.Rate < Rate, "the rate never fell");
    }
}
