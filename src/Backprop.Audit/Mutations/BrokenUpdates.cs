using System.Runtime.CompilerServices;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Audit.Mutations;

/// <summary>An optimizer of an update that is handed in: a step's constants, or the update's lines, are wrong.</summary>
/// <param name="Update">The update of a step, counted from 1, at a learning rate.</param>
internal sealed record Mistaken<TUpdate>(Func<long, double, TUpdate> Update) : Optimizer, IOptimizer<TUpdate> where TUpdate : struct, IUpdate
{
    public TUpdate At(long step, double rate) => Update(step, rate);

    protected override TResult AcceptOwn<TResult>(IOptimizerVisitor<TResult> visitor) => visitor.Visit(this);
}

/// <summary>Updates whose lines are wrong; letters are those of the sound ones.</summary>
internal static class BrokenUpdates
{
    /// <summary>w ← w − η m̂ / √(v̂ + ε).</summary>
    public readonly record struct AdamOfEpsilonInside(Adam.Update Of) : IUpdate
    {
        public static int States => 2;

        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        {
            first = Of.Beta1 * first + Of.Rest1 * gradient;
            second = Of.Beta2 * second + Of.Rest2 * gradient * gradient;
            weight -= Of.Rate * first / TX.Sqrt(second * Of.Correction * Of.Correction + Of.Epsilon);
        }
    }

    /// <summary>v̂ ← max(v̂, v/(1 − β₂ᵗ)): the largest after bias correction, which PyTorch takes before it.</summary>
    public readonly record struct AmsGradOfCorrected(Adam.Update Of) : IUpdate
    {
        public static int States => 3;

        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        {
            first = Of.Beta1 * first + Of.Rest1 * gradient;
            second = Of.Beta2 * second + Of.Rest2 * gradient * gradient;
            var corrected = second * Of.Correction * Of.Correction;
            third = TX.IfPositive(third - corrected, third, corrected);
            weight -= Of.Rate * first / (TX.Sqrt(third) + Of.Epsilon);
        }
    }

    /// <summary>w ← w − η g / √(s + ε).</summary>
    public readonly record struct RmsPropOfEpsilonInside(RmsProp.Plain Of) : IUpdate
    {
        public static int States => 1;

        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        {
            first = Of.Alpha * first + Of.Rest * gradient * gradient;
            weight -= Of.Rate * gradient / TX.Sqrt(first + Of.Epsilon);
        }
    }

    /// <summary>w ← w − η g / (√(s − |a|) + ε), the mean gradient a without its square.</summary>
    public readonly record struct CenteredWithoutSquare(RmsProp.CenteredPlain Of) : IUpdate
    {
        public static int States => 2;

        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        {
            first = Of.Alpha * first + Of.Rest * gradient * gradient;
            second = Of.Alpha * second + Of.Rest * gradient;
            weight -= Of.Rate * gradient / (TX.Sqrt(TX.Abs(first - TX.Abs(second))) + Of.Epsilon);
        }
    }

    /// <summary>u before d: u ← ρ u + (1 − ρ) g², as if the gradient were the step, then d = √(u + ε) / √(s + ε) · g.</summary>
    public readonly record struct AdadeltaOfGradients(Adadelta.Update Of) : IUpdate
    {
        public static int States => 2;

        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        {
            first = Of.Rho * first + Of.Rest * gradient * gradient;
            second = Of.Rho * second + Of.Rest * gradient * gradient;
            weight -= Of.Rate * (TX.Sqrt(second + Of.Epsilon) / TX.Sqrt(first + Of.Epsilon) * gradient);
        }
    }

    /// <summary>d = (√u + ε) / (√s + ε) · g.</summary>
    public readonly record struct AdadeltaOfEpsilonOutside(Adadelta.Update Of) : IUpdate
    {
        public static int States => 2;

        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        {
            first = Of.Rho * first + Of.Rest * gradient * gradient;
            var delta = (TX.Sqrt(second) + Of.Epsilon) / (TX.Sqrt(first) + Of.Epsilon) * gradient;
            second = Of.Rho * second + Of.Rest * delta * delta;
            weight -= Of.Rate * delta;
        }
    }

    /// <summary>u ← |g| + ε, whatever it was.</summary>
    public readonly record struct AdamaxOfLatest(Adamax.Update Of) : IUpdate
    {
        public static int States => 1;

        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        {
            first = Of.Beta1 * first + Of.Rest1 * gradient;
            weight -= Of.Rate * first / (TX.Abs(gradient) + Of.Epsilon);
        }
    }

    /// <summary>The step is taken, and the gradient remembered, also where its sign changed.</summary>
    public readonly record struct RpropOfEverySign(Rprop.Update Of) : IUpdate
    {
        public static int States => 2;

        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        {
            var change = gradient * first;
            var size = TX.IfPositive(second, second, Of.Initial) * TX.IfPositive(change, Of.Grow, TX.IfPositive(-change, Of.Shrink, 1));
            second = size;
            first = gradient;
            weight -= TX.IfPositive(gradient, size, TX.IfPositive(-gradient, -size, 0));
        }
    }

    /// <summary>w ← w − η g / (√s + ε), s of this gradient alone.</summary>
    public readonly record struct AdagradOfLatest(Adagrad.Update Of) : IUpdate
    {
        public static int States => 0;

        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
            => weight -= Of.Rate * (gradient / (TX.Sqrt(gradient * gradient + Of.Initial) + Of.Epsilon));
    }
}
