using Backprop.Training;

namespace Backprop.Audit;

/// <summary>Learning rates by the closed formulas of PyTorch's documentation, with .NET's functions: nothing of the engine is in them.</summary>
internal static class ScheduleFormulas
{
    /// <summary>
    /// How far off a rate after t steps may be, in units of the largest and of double's roundoff: some eight roundings of a formula, those of
    /// up to log₂ t squarings in a power, and five of each step that PyTorch derives from the one before.
    /// </summary>
    public static double Roundings(int t) => 16 + 5 * t;

    /// <summary>The learning rate after t steps of the scheduler.</summary>
    /// <exception cref="NotSupportedException">The schedule's formula is missing; the message says where to add it.</exception>
    public static double Rate(Schedule schedule, double rate, long t, long total) => schedule switch
    {
        ConstantRate s => s.Duration is { } duration && t >= duration ? rate : rate * s.Factor,
        StepRate s => rate * Math.Pow(s.Factor, t / s.Every),
        MultiStepRate s => rate * Math.Pow(s.Factor, s.Milestones.Count(m => m <= t)),
        ExponentialRate s => rate * Math.Pow(s.Factor, t),
        CosineRate s => Cosine(rate, s.LeastRate, (double)t / (s.Period ?? total)),
        CosineRestartsRate s => Restarting(s, rate, t),
        CosLogRate s => Waves(rate, s.Cycles, (double)t / (s.Duration ?? total)),
        FlatCosineRate s => Cosine(rate, 0, Math.Clamp(((double)t / (s.Duration ?? total) - s.FlatShare) / (1 - s.FlatShare), 0, 1)),
        OneCycleRate s => Cycle(s, rate, t, s.Duration ?? total),
        LinearRate s => rate * (s.FirstFactor + (s.LastFactor - s.FirstFactor) * Math.Min(1, (double)t / s.Duration)),
        PolynomialRate s => rate * Math.Pow(Math.Max(0, 1 - (double)t / (s.Duration ?? total)), s.Power),
        SequentialRate s => Sequence(s, rate, t, total),
        _ => throw new NotSupportedException($"The formula of {schedule.GetType().Name} is missing. Add it to ScheduleFormulas.cs."),
    };

    /// <summary>The learning rate behind those epochs: what PyTorch's documentation says of ReduceLROnPlateau, which has no closed formula.</summary>
    /// <param name="s">The schedule.</param>
    /// <param name="rate">The rate at first.</param>
    /// <param name="losses">The epochs' losses.</param>
    public static double Rate(PlateauRate s, double rate, IEnumerable<double> losses)
    {
        var (best, waited, resting) = (double.PositiveInfinity, 0, 0);
        foreach (var loss in losses)
        {
            var isBetter = loss < best - (double.IsInfinity(best) ? 0 : s.Threshold * best);
            best = isBetter ? loss : best;
            waited = isBetter || resting > 0 ? 0 : waited + 1;
            resting = Math.Max(0, resting - 1);
            if (waited > s.Patience)
            {
                (waited, resting) = (0, s.Cooldown);
                rate -= Math.Min((1 - s.Factor) * rate, rate - s.LeastRate) is var fall && fall > s.LeastFall ? fall : 0;
            }
        }

        return rate;
    }

    private static double Cosine(double from, double to, double part) => to + (from - to) * (1 + Math.Cos(Math.PI * part)) / 2;

    private static double Waves(double rate, int cycles, double done)
        => done >= 1 ? 0 : rate * (1 - Math.Cos(2 * Math.PI * Math.Log2(1 + (Math.Pow(2, cycles) - 1) * done))) / 2;

    private static double Restarting(CosineRestartsRate s, double rate, long t)
    {
        var (begin, length) = (0L, s.Period);
        while (t >= begin + length)
        {
            (begin, length) = (begin + length, length * s.Growth);
        }

        return Cosine(rate, s.LeastRate, (double)(t - begin) / length);
    }

    private static double Cycle(OneCycleRate s, double rate, long t, long duration)
    {
        var (top, end, first) = (s.RisingShare * duration - 1, duration - 1.0, rate / s.InitialDivisor);
        return t <= top ? Cosine(first, rate, t / top) : Cosine(rate, first / s.FinalDivisor, Math.Min(1, (t - top) / (end - top)));
    }

    private static double Sequence(SequentialRate s, double rate, long t, long total)
    {
        var part = s.Milestones.Count(m => m <= t);
        var begin = part == 0 ? 0 : s.Milestones[part - 1];
        return Rate(s.Parts[part], rate, t - begin, (part < s.Milestones.Count ? s.Milestones[part] : total) - begin);
    }
}
