using Backprop.Audit.Bounds;
using Backprop.Models;
using Backprop.Torch;
using Backprop.Training;
using TorchSharp;
using TorchSharp.Modules;

namespace Backprop.Audit;

/// <summary>Holds a scheduler of TorchSharp's, one of your own made on it, or a schedule of the engine's, to the formula of its rates.</summary>
public static class ScheduleAudit
{
    private const string Area = "schedule";
    private const double Rate = 0.3;
    private const int Total = 40;

    /// <summary>Every schedule of the catalogue, and some with settings of which the formula has other branches.</summary>
    internal static IEnumerable<Schedule> Catalogue =>
    [
        .. Schedule.All,
        new ConstantRate { Factor = 0.5, Duration = 4 },
        new StepRate { Every = 7, Factor = 0.5 },
        new MultiStepRate { Milestones = [3, 8, 20], Factor = 0.4 },
        new CosineRate { Period = 10, LeastRate = 0.01 },
        new CosineRestartsRate { Period = 5, Growth = 2, LeastRate = 0.1 },
        new OneCycleRate { RisingShare = 0.45, InitialDivisor = 10, FinalDivisor = 100 },
        new LinearRate { FirstFactor = 0.25, LastFactor = 0.9, Duration = 6 },
        new PolynomialRate { Power = 2.5 },
        new SequentialRate { Parts = [new LinearRate(), new ExponentialRate { Factor = 0.9 }], Milestones = [5] },
        new PlateauRate { Factor = 0.5, Patience = 0, LeastRate = 0.01 },
        new PlateauRate { Factor = 0.5, Patience = 2, Threshold = 0.1, LeastRate = 0.01 },
        new PlateauRate { Factor = 0.5, Patience = 1, Cooldown = 3, Threshold = 0.01, LeastRate = 0.01 },
    ];

    /// <summary>Compares the learning rates of every group of parameters.</summary>
    /// <param name="theirs">Makes the scheduler of an optimizer.</param>
    /// <param name="ours">The schedule.</param>
    /// <param name="rate">The optimizer's learning rate.</param>
    /// <param name="total">How often to call the scheduler, and how many steps the schedule is told of.</param>
    /// <param name="groups">Groups of parameters.</param>
    public static IReadOnlyList<Finding> Run(
        Func<torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler> theirs, Schedule ours, double rate = Rate, int total = Total, int groups = 2)
        => Run(theirs, t => ours.Rate(rate, t, total), ours.Name, rate, total, groups, RatesOf);

    /// <summary>Compares any number that a scheduler sets, such as a momentum, with a formula.</summary>
    /// <param name="theirs">Makes the scheduler of an optimizer, which is SGD with a momentum of 0.9.</param>
    /// <param name="ours">The number at each time, from 0.</param>
    /// <param name="read">Reads the number off the optimizer.</param>
    /// <param name="rate">The optimizer's learning rate.</param>
    /// <param name="total">How often to call the scheduler.</param>
    public static IReadOnlyList<Finding> Run(
        Func<torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler> theirs,
        Func<long, double> ours,
        Func<torch.optim.Optimizer, double> read,
        double rate = Rate,
        int total = Total)
        => Run(theirs, ours, "given", rate, total, 1, optimizer => [read(optimizer)]);

    /// <summary>Audits one of the catalogue, beside its closed formula and PyTorch's scheduler.</summary>
    internal static IReadOnlyList<Finding> Run(Schedule schedule) => Run(schedule, schedule);

    /// <summary>Audits one that is to be another, such as a broken one to see the audit fail.</summary>
    internal static IReadOnlyList<Finding> Run(Schedule schedule, Schedule meant)
    {
        if (schedule is PlateauRate own && meant is PlateauRate plateau)
        {
            return Plateau(own, plateau);
        }

        var (theirs, missing) = TorchWitness.Ask(() => Followed(optimizer => Twins.Of(meant, optimizer, Rate, Total), Rate, Total, 1, RatesOf).Numbers);
        double[] ours = [.. Enumerable.Range(0, Total).Select(t => schedule.Rate(Rate, t, Total))];
        double[] expected = [.. Enumerable.Range(0, Total).Select(t => ScheduleFormulas.Rate(meant, Rate, t, Total))];
        return [Judge(Party.Ours, 1, ours, theirs, expected, meant.Name, $"{meant}", "rates beside the closed formula and PyTorch's", missing)];
    }

    private static IReadOnlyList<Finding> Run(
        Func<torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler> theirs,
        Func<long, double> ours,
        string formula,
        double rate,
        int total,
        int groups,
        Func<torch.optim.Optimizer, double[]> read)
    {
        TorchLibrary.EnsureLoaded();
        var (name, numbers) = Followed(theirs, rate, total, groups, read);
        double[] expected = [.. Enumerable.Range(0, total).SelectMany(t => Enumerable.Repeat(ours(t), groups))];
        return [Judge(Party.Theirs, groups, expected, numbers, expected, formula, name, $"{name} of TorchSharp against the {formula} formula")];
    }

    /// <summary>A plateau's rates come of losses.</summary>
    private static IReadOnlyList<Finding> Plateau(PlateauRate schedule, PlateauRate meant)
    {
        var losses = new double[Total];
        new TorchRandom(5).FillUniform(losses, 0.5, 1);
        losses = [.. losses.Select((loss, t) => t == 9 ? double.NaN : loss / (1 + 0.1 * t))];
        var state = new PlateauState(Rate);
        double[] ours = [.. losses.Select(loss => (state = schedule.Next(state, loss)).Rate)];
        var (theirs, missing) = TorchWitness.Ask(() =>
        {
            using var weights = new Parameter(torch.zeros(1));
            using var optimizer = torch.optim.SGD([weights], Rate);
            var twin = Twins.OfPlateau(meant, optimizer);
            return losses.Select(loss =>
            {
                twin.step(loss);
                return RatesOf(optimizer)[0];
            }).ToArray();
        });
        double[] expected = [.. losses.Select((_, t) => ScheduleFormulas.Rate(meant, Rate, losses[..(t + 1)]))];
        var check = $"rates beside the rule{(theirs is null ? "" : " and PyTorch's")}";
        return [Judge(Party.Ours, 1, ours, theirs, expected, meant.Name, $"{meant}", check, missing)];
    }

    private static Finding Judge(
        Party audited, int groups, double[] ours, double[]? theirs, double[] expected, string formula, string subject, string check, string? missing = null)
    {
        var largest = expected.Max(Math.Abs);
        double[] bounds = [.. expected.Select((_, i) => ScheduleFormulas.Roundings(i / groups) * Bounded.Double * largest)];
        return (ReferenceCheck.Tensor("rate at [time, group]", groups, ours, theirs, expected, bounds) with
        {
            Audited = audited,
            TheirName = "TorchSharp",
            Missing = missing,
            ReferenceName = $"the {formula} formula",
        }).Judge(Area, subject, check);
    }

    /// <summary>The numbers that a scheduler sets, time by time.</summary>
    private static (string Name, double[] Numbers) Followed(
        Func<torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler> make, double rate, int total, int groups, Func<torch.optim.Optimizer, double[]> read)
    {
        using var scope = torch.NewDisposeScope();
        using var optimizer = torch.optim.SGD(Enumerable.Range(0, groups).Select(_ => new SGD.ParamGroup(
            [new Parameter(torch.zeros(1))], new() { LearningRate = rate, InitialLearningRate = rate, momentum = 0.9 })), rate, momentum: 0.9);
        var scheduler = make(optimizer);
        double[] numbers = [.. Enumerable.Range(0, total).SelectMany(_ =>
        {
            var now = read(optimizer);
            optimizer.step();
            scheduler.step();
            return now;
        })];
        return (scheduler.GetType().Name, numbers);
    }

    private static double[] RatesOf(torch.optim.Optimizer optimizer) => [.. optimizer.ParamGroups.Select(group => group.LearningRate)];
}
