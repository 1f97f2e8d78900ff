using Backprop.Models;
using Backprop.Torch;
using Backprop.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>A schedule's rates beside its closed formula and PyTorch's scheduler.</summary>
internal static class ScheduleRows
{
    private const string Area = "schedule";
    private const double Rate = 0.3;
    private const int Total = 40;

    /// <summary>Every schedule, and some with settings of which the formula has other branches.</summary>
    public static IEnumerable<Schedule> All =>
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

    /// <summary>Audits one.</summary>
    public static IEnumerable<Finding> Run(Schedule schedule) => Run(schedule, schedule);

    /// <summary>Audits one that is to be another, such as a broken one to see the audit fail.</summary>
    public static IEnumerable<Finding> Run(Schedule schedule, Schedule meant)
    {
        var (random, losses) = (new TorchRandom(5), new double[Total]);
        random.FillUniform(losses, 0.5, 1);
        losses = [.. losses.Select((loss, t) => t == 9 ? double.NaN : loss / (1 + 0.1 * t))];
        var plateau = new PlateauState(Rate);
        double[] ours = schedule is PlateauRate p
            ? [.. losses.Select(loss => (plateau = p.Next(plateau, loss)).Rate)]
            : [.. Enumerable.Range(0, Total).Select(t => schedule.Rate(Rate, t, Total))];
        var theirs = Torch(meant, losses);
        double[]? expected = meant is PlateauRate ? theirs : [.. Enumerable.Range(0, Total).Select(t => ScheduleFormulas.Rate(meant, Rate, t, Total))];
        if (expected is null)
        {
            yield break; // A plateau has no formula but its code: only libtorch can witness.
        }

        // Some eight roundings of a formula, those of up to log₂ t squarings in a power, and five of each step that PyTorch derives from the one before.
        yield return new PointComparison(
            ours, theirs, expected, [.. Enumerable.Range(0, Total).Select(t => (16 + 5 * t) * Curves.Unit<double>() * Rate)], t => $"t = {t}")
            .Judge(Area, $"{meant}", meant is PlateauRate ? "rates beside PyTorch's" : theirs is null ? "rates beside the closed formula" : "rates beside the closed formula and PyTorch's");
    }

    private static double[]? Torch(Schedule schedule, double[] losses)
    {
        if (!TorchLibrary.IsAvailable || schedule is CosineRestartsRate or CosLogRate or FlatCosineRate)
        {
            return null;
        }

        using var weights = new Parameter(zeros(1));
        using var optimizer = optim.SGD([weights], Rate);
        double Current() => optimizer.ParamGroups.Single().LearningRate;
        if (schedule is PlateauRate plateau)
        {
            var onPlateau = Twins.OfPlateau(plateau, optimizer);
            return [.. losses.Select(loss =>
            {
                onPlateau.step(loss);
                return Current();
            })];
        }

        var scheduler = Twins.Of(schedule, optimizer, Rate, Total);
        return [.. Enumerable.Range(0, Total).Select(_ =>
        {
            var rate = Current();
            optimizer.step();
            scheduler.step();
            return rate;
        })];
    }
}
