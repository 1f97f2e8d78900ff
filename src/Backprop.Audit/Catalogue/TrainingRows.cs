using System.Globalization;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Planning;
using Backprop.Training;

namespace Backprop.Audit;

/// <summary>Twenty steps of every optimizer, and of one by every schedule, on a small network: step by step, and left alone.</summary>
internal static class TrainingRows
{
    private const string Area = "training";
    private const int Rows = 64, Batch = 16, Steps = 20;
    private static readonly EngineOptions Engine = new() { Threads = 1 };

    /// <summary>The trainings.</summary>
    public static IEnumerable<TrainingCase> All =>
    [
        .. Optimizer.All.Select(optimizer => Of(optimizer, null)),
        .. Schedules.Select(schedule => Of(new Sgd { Momentum = 0.9 }, schedule)),
    ];

    /// <summary>
    /// Every schedule, with settings by which it changes the rate within the steps; counted in updates, but for the one that looks at
    /// losses, and another.
    /// </summary>
    private static IEnumerable<Schedule> Schedules => Schedule.All.Select(schedule => schedule switch
    {
        ConstantRate => new ConstantRate { Factor = 0.5, Duration = 4 },
        StepRate => new StepRate { Every = 3 },
        MultiStepRate => new MultiStepRate { Milestones = [3, 8] },
        LinearRate => new LinearRate { Duration = 2 },
        PlateauRate => new PlateauRate { Patience = 0, Threshold = 0.5 },
        SequentialRate => new SequentialRate { Parts = [new LinearRate(), new ExponentialRate { Factor = 0.9 }], Milestones = [5] },
        _ => schedule,
    }).Select(schedule => schedule is PlateauRate or LinearRate ? schedule : schedule with { ByUpdate = true });

    /// <summary>Audits one.</summary>
    public static IEnumerable<Finding> Run(TrainingCase of)
    {
        var subject = of.Schedule is null ? OptimizerAudit.NameOf(of.Optimizer) : $"{of.Optimizer.Name} by {of.Schedule}";
        var single = StepAudit.Run(of, Engine);
        var worst = single.Worst;
        yield return new(
            Area, subject, $"each of {single.Steps.Count} steps from the same weights and memory", single.Verdict, worst.Tensor.WorstShare, worst.Where);
        var free = DriftAudit.Run(of, Engine);
        static double Share(DriftStep step) => step.OursDrift == 0 ? 0 : step.OursDrift / step.Limit;
        var farthest = free.Steps.MaxBy(Share)!;
        yield return new(
            Area, subject, $"weights after each of {Steps} steps", free.Verdict, Share(farthest),
            string.Create(CultureInfo.InvariantCulture, $"step {farthest.Step}: drift {farthest.OursDrift:G3}, ")
            + string.Create(CultureInfo.InvariantCulture,
                $"that of others at most {free.Steps.Max(s => s.Yardstick):G3}; limit {farthest.Limit:G3}. {free.Reason}")
            + (free.TorchMissing is { } missing ? $" {missing}" : ""));
    }

    private static TrainingCase Of(Optimizer optimizer, Schedule? schedule)
    {
        var model = new Mlp([10, 24, 16, 4], Activation.Of(new Relu()), Head.Multiclass);
        var (weights, examples) = (Initializers.Default<float>(model, 1), RandomBatch.Of(model, Rows, 2));
        return new(weights, examples, Batch, OptimizerAudit.Comparable(optimizer), Steps, 3) { Schedule = schedule };
    }
}
