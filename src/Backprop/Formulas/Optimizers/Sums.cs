using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <summary>Not an optimizer but a sum that the same kernels keep: w ← g at the first step, then w ← w + g, each g times the rate.</summary>
internal sealed record RunningSum : Optimizer, IOptimizer<RunningSum.Update>
{
    protected override TResult AcceptOwn<TResult>(IOptimizerVisitor<TResult> visitor) => visitor.Visit(this);

    public Update At(long step, double rate) => new(rate, step == 1 ? 0 : 1);

    public readonly record struct Update(Coefficient Rate, Coefficient Continues) : IUpdate
    {
        public static int States => 0;

        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
            => weight = TX.IfPositive(Continues, weight, 0) + Rate * gradient;
    }
}

/// <summary>Likewise an average: w ← g at the first step, then w ← d w + (1 − d) g.</summary>
/// <param name="Kept">d.</param>
internal sealed record MovingAverage(double Kept) : Optimizer, IOptimizer<MovingAverage.Update>
{
    protected override TResult AcceptOwn<TResult>(IOptimizerVisitor<TResult> visitor) => visitor.Visit(this);

    public Update At(long step, double rate) => step == 1 ? new(0, 1) : new(Kept, 1 - Kept);

    public readonly record struct Update(Coefficient Kept, Coefficient Rest) : IUpdate
    {
        public static int States => 0;

        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
            => weight = Kept * weight + Rest * gradient;
    }
}
