using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <summary>L2 regularisation: g ← g + λ w before the update. PyTorch's weight_decay.</summary>
internal readonly record struct Decayed<TUpdate>(TUpdate Update, Coefficient Decay) : IUpdate where TUpdate : struct, IUpdate
{
    public static int States => TUpdate.States;

    [MethodImpl(AggressiveInlining)]
    public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        => Update.Apply(gradient + Decay * weight, ref weight, ref first, ref second, ref third);
}

/// <summary>Decoupled weight decay: w ← (1 − η λ) w before the update. Loshchilov and Hutter (2019), in PyTorch's form.</summary>
internal readonly record struct Shrunk<TUpdate>(TUpdate Update, Coefficient Kept) : IUpdate where TUpdate : struct, IUpdate
{
    public static int States => TUpdate.States;

    [MethodImpl(AggressiveInlining)]
    public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
    {
        weight *= Kept;
        Update.Apply(gradient, ref weight, ref first, ref second, ref third);
    }
}

/// <summary>L1 regularisation: g ← g + λ sign w before the update.</summary>
internal readonly record struct Lassoed<TUpdate>(TUpdate Update, Coefficient Strength) : IUpdate where TUpdate : struct, IUpdate
{
    public static int States => TUpdate.States;

    [MethodImpl(AggressiveInlining)]
    public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        => Update.Apply(gradient + Strength * Piecewise.Sign(weight), ref weight, ref first, ref second, ref third);
}

/// <summary>An optimizer whose update is another's with something around it.</summary>
/// <param name="inner">The other.</param>
/// <param name="wrap">Puts the other's update and the learning rate into the whole.</param>
internal sealed class Wrapping<TInner, TUpdate>(IOptimizer<TInner> inner, Func<TInner, double, TUpdate> wrap) : IOptimizer<TUpdate>
    where TInner : struct, IUpdate
    where TUpdate : struct, IUpdate
{
    public TUpdate At(long step, double rate) => wrap(inner.At(step, rate), rate);

    public TUpdate LazyAt(long step, double rate) => wrap(inner.LazyAt(step, rate), rate);
}

/// <summary>Wraps an optimizer's own update in the regularisation it asks for; what it does not ask for costs nothing.</summary>
internal sealed class Regularising<TResult>(Optimizer optimizer, IOptimizerVisitor<TResult> visitor) : IOptimizerVisitor<TResult>
{
    public TResult Visit<TUpdate>(IOptimizer<TUpdate> own) where TUpdate : struct, IUpdate
    {
        var decay = optimizer.WeightDecay;
        return decay == 0 ? Lasso(own)
            : optimizer.DecoupledWeightDecay ? Lasso(new Wrapping<TUpdate, Shrunk<TUpdate>>(own, (update, rate) => new(update, 1 - rate * decay)))
            : Lasso(new Wrapping<TUpdate, Decayed<TUpdate>>(own, (update, _) => new(update, decay)));
    }

    private TResult Lasso<TUpdate>(IOptimizer<TUpdate> inner) where TUpdate : struct, IUpdate
    {
        var strength = optimizer.L1;
        return strength == 0
            ? visitor.Visit(inner)
            : visitor.Visit(new Wrapping<TUpdate, Lassoed<TUpdate>>(inner, (update, _) => new(update, strength)));
    }
}
