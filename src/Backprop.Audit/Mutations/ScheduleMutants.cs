using Backprop.Training;

namespace Backprop.Audit.Mutations;

/// <summary>Learning rates that change at another time, or by another curve.</summary>
internal static class ScheduleMutants
{
    public static IReadOnlyList<Mutant> All { get; } =
    [
        Of("a step too early", "the rate falls after every − 1", new StepRate { Every = 7, Factor = 0.5 },
            (of, rate, t, total) => of.Rate(rate, t + 1, total)),
        Of("half a cosine over twice its period", "cos(π t/2T) for cos(π t/T)", new CosineRate { Period = 10, LeastRate = 0.01 }, (_, rate, t, _)
            => 0.01 + (rate - 0.01) * (1 + Math.Cos(Math.PI * t / 20)) / 2),
        Of("restarts of one length", "periods do not grow", new CosineRestartsRate { Period = 5, Growth = 2, LeastRate = 0.1 }, (of, rate, t, total)
            => (of with { Growth = 1 }).Rate(rate, t, total)),
        Of("one cycle of a step more", "N for N − 1 at its end", new OneCycleRate(), (of, rate, t, total) => of.Rate(rate, t, total + 1)),
        Of("a power of the whole for that of the rest", "1 − (t/T)ᵖ for (1 − t/T)ᵖ", new PolynomialRate { Power = 2.5 }, (_, rate, t, total)
            => rate * (1 - Math.Pow((double)t / total, 2.5))),
    ];

    private static Mutant Of<TSchedule>(string name, string breaks, TSchedule meant, Func<TSchedule, double, long, long, double> rate)
        where TSchedule : Schedule
        => new(name, "schedule", breaks, FindingTrial.Of(
            "schedules", "the schedule", () => ScheduleAudit.Run(meant),
            () => ScheduleAudit.Run(new Mistimed((r, t, total) => rate(meant, r, t, total)), meant)));

    /// <summary>A schedule that is handed in.</summary>
    private sealed record Mistimed(Func<double, long, long, double> Of) : Schedule
    {
        public override double Rate(double rate, long t, long total) => Of(rate, t, total);
    }
}
