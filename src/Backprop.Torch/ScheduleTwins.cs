using Backprop.Training;
using static TorchSharp.torch.optim;

namespace Backprop.Torch;

/// <content>Schedules.</content>
public static partial class Twins
{
    /// <summary>PyTorch's scheduler.</summary>
    /// <param name="schedule">The schedule; <see cref="PlateauRate"/>, which looks at losses, is asked for by <see cref="OfPlateau"/>.</param>
    /// <param name="optimizer">Whose learning rate it sets.</param>
    /// <param name="rate">That learning rate.</param>
    /// <param name="total">How long training lasts.</param>
    /// <exception cref="NotSupportedException">None is named yet, and the message has the line to add; or TorchSharp has none.</exception>
    public static lr_scheduler.LRScheduler Of(Schedule schedule, Optimizer optimizer, double rate, int total) => schedule switch
    {
        ConstantRate s => lr_scheduler.ConstantLR(optimizer, s.Factor, (int)(s.Duration ?? int.MaxValue)),
        StepRate s => lr_scheduler.StepLR(optimizer, (int)s.Every, s.Factor),
        MultiStepRate s => lr_scheduler.MultiStepLR(optimizer, [.. s.Milestones.Select(m => (int)m)], s.Factor),
        ExponentialRate s => lr_scheduler.ExponentialLR(optimizer, s.Factor),
        CosineRate s => lr_scheduler.CosineAnnealingLR(optimizer, s.Period ?? total, s.LeastRate),
        CosineRestartsRate => throw new NotSupportedException("TorchSharp has no CosineAnnealingWarmRestarts."),
        CosLogRate or FlatCosineRate => throw new NotSupportedException($"PyTorch has no {schedule.Name} schedule."),
        OneCycleRate s => lr_scheduler.OneCycleLR(
            optimizer, rate, total_steps: (int)(s.Duration ?? total), pct_start: s.RisingShare, div_factor: s.InitialDivisor, final_div_factor: s.FinalDivisor),
        LinearRate s => lr_scheduler.LinearLR(optimizer, s.FirstFactor, s.LastFactor, (int)s.Duration),
        PolynomialRate s => lr_scheduler.PolynomialLR(optimizer, (int)(s.Duration ?? total), s.Power),
        SequentialRate s => lr_scheduler.SequentialLR(
            optimizer,
            [.. s.Parts.Select((part, i) => Of(part, optimizer, rate, LengthOf(s, i, total)))],
            [.. s.Milestones.Select(m => (int)m)]),
        _ => throw Missing(schedule.GetType(), $"{schedule.GetType().Name} s => "
            + $"lr_scheduler.{schedule.GetType().Name.Replace("Rate", "LR", StringComparison.Ordinal)}(optimizer),"),
    };

    /// <summary>PyTorch's ReduceLROnPlateau.</summary>
    public static lr_scheduler.LRScheduler OfPlateau(PlateauRate s, Optimizer optimizer) => lr_scheduler.ReduceLROnPlateau(
        optimizer, "min", s.Factor, s.Patience, s.Threshold, "rel", s.Cooldown, [s.LeastRate], s.LeastFall);

    /// <summary>A part lasts until the next begins, the last one until the end.</summary>
    private static int LengthOf(SequentialRate schedule, int part, int total)
        => (int)((part < schedule.Milestones.Count ? schedule.Milestones[part] : total) - (part == 0 ? 0 : schedule.Milestones[part - 1]));
}
