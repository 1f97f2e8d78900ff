using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <summary>How a parameter is updated: an optimizer, and what is done to its learning rate and its gradient before.</summary>
/// <param name="Optimizer">The optimizer.</param>
internal sealed record UpdateRule(Optimizer Optimizer)
{
    /// <summary>What the learning rate is multiplied by.</summary>
    public double RateFactor { get; init; } = 1;

    /// <summary>The most a gradient's number counts, either way; infinite for no bound.</summary>
    public double ClipValue { get; init; } = double.PositiveInfinity;

    /// <summary>What gradients are multiplied by before that, decided anew for each step; null for 1.</summary>
    public GradientScale? Scale { get; init; }

    /// <summary>The optimizer alone.</summary>
    public static implicit operator UpdateRule(Optimizer optimizer) => new(optimizer);

    /// <summary>Hands the whole update's type to a visitor.</summary>
    public TResult Accept<TResult>(IOptimizerVisitor<TResult> visitor) => Optimizer.Accept(new Bounding<TResult>(this, visitor));

    private sealed class Bounding<TResult>(UpdateRule rule, IOptimizerVisitor<TResult> visitor) : IOptimizerVisitor<TResult>
    {
        public TResult Visit<TUpdate>(IOptimizer<TUpdate> inner) where TUpdate : struct, IUpdate
        {
            var bound = rule.ClipValue;
            return double.IsPositiveInfinity(bound)
                ? Scaled(inner)
                : Scaled(new Wrapping<TUpdate, Clipped<TUpdate>>(inner, (update, _) => new(update, bound)));
        }

        private TResult Scaled<TUpdate>(IOptimizer<TUpdate> inner) where TUpdate : struct, IUpdate => rule.Scale is { } scale
            ? visitor.Visit(new Wrapping<TUpdate, Scaled<TUpdate>>(inner, (update, _) => new(update, scale.Factor)))
            : visitor.Visit(inner);
    }
}

/// <summary>What all gradients of a step are multiplied by.</summary>
internal sealed class GradientScale
{
    /// <summary>The factor; read when a step's constants are computed.</summary>
    public double Factor { get; set; } = 1;
}

/// <summary>g ← g between −b and b; NaN stays NaN. PyTorch's clip_grad_value_.</summary>
internal readonly record struct Clipped<TUpdate>(TUpdate Update, Coefficient Bound) : IUpdate where TUpdate : struct, IUpdate
{
    public static int States => TUpdate.States;

    public static bool RestsAtZero => TUpdate.RestsAtZero;

    [MethodImpl(AggressiveInlining)]
    public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        => Update.Apply(Piecewise.Clamp(gradient, -(TX)Bound, Bound), ref weight, ref first, ref second, ref third);
}

/// <summary>g ← c g.</summary>
internal readonly record struct Scaled<TUpdate>(TUpdate Update, Coefficient Factor) : IUpdate where TUpdate : struct, IUpdate
{
    public static int States => TUpdate.States;

    public static bool RestsAtZero => TUpdate.RestsAtZero;

    [MethodImpl(AggressiveInlining)]
    public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        => Update.Apply(Factor * gradient, ref weight, ref first, ref second, ref third);
}
