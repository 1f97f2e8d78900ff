using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <summary>Stochastic gradient descent with momentum: v ← μ v + (1 − d) g, w ← w − η v. Sutskever et al. (2013), in PyTorch's form.</summary>
/// <remarks>
/// The first step's gradient is not dampened; a lazy update takes the first step of training for it, also where it reads a weight later
/// for the first time. Deviation: see <see cref="Tiny"/>.
/// </remarks>
public sealed record Sgd : Optimizer, IOptimizer<Sgd.Plain>, IOptimizer<Sgd.WithMomentum>, IOptimizer<Sgd.WithNesterov>
{
    /// <summary>Sets PyTorch's customary learning rate of 0.01.</summary>
    public Sgd() => LearningRate = 0.01;

    /// <summary>μ, from 0 (none) to below 1.</summary>
    /// <exception cref="ArgumentException">It is outside.</exception>
    public double Momentum { get; init => field = Decay(value); }

    /// <summary>d, the share of a gradient that momentum leaves out, from 0 (none) to 1.</summary>
    /// <exception cref="ArgumentException">It is outside.</exception>
    public double Dampening { get; init => field = Check(value, value is >= 0 and <= 1, "from 0 to 1"); }

    /// <summary>Whether the weight moves by g + μ v instead of v: Nesterov's momentum, which wants momentum and no dampening.</summary>
    public bool Nesterov { get; init; }

    /// <inheritdoc/>
    protected override TResult AcceptOwn<TResult>(IOptimizerVisitor<TResult> visitor)
    {
        if (Nesterov && (Momentum == 0 || Dampening != 0))
        {
            throw new ArgumentException(
                $"Nesterov's momentum has Momentum {Momentum} and Dampening {Dampening}, not above 0 and 0. Correct them, or leave Nesterov out.");
        }

        return Nesterov ? visitor.Visit<WithNesterov>(this) : Momentum == 0 ? visitor.Visit<Plain>(this) : visitor.Visit<WithMomentum>(this);
    }

    Plain IOptimizer<Plain>.At(long step, double rate) => new(rate);

    WithMomentum IOptimizer<WithMomentum>.At(long step, double rate) => new(rate, Momentum, step == 1 ? 1 : 1 - Dampening);

    WithNesterov IOptimizer<WithNesterov>.At(long step, double rate) => new(rate, Momentum);

    /// <summary>w ← w − η g.</summary>
    public readonly record struct Plain(Coefficient Rate) : IUpdate
    {
        /// <inheritdoc/>
        public static int States => 0;

        /// <inheritdoc/>
        public static bool RestsAtZero => true;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
            => weight -= Rate * gradient;
    }

    /// <summary>v ← μ v + (1 − d) g, w ← w − η v.</summary>
    /// <param name="Rate">η.</param>
    /// <param name="Momentum">μ.</param>
    /// <param name="Share">1 − d; 1 at the first step.</param>
    public readonly record struct WithMomentum(Coefficient Rate, Coefficient Momentum, Coefficient Share) : IUpdate
    {
        /// <inheritdoc/>
        public static int States => 1;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        {
            first = Tiny.Flush(Momentum * first + Share * gradient);
            weight -= Rate * first;
        }
    }

    /// <summary>v ← μ v + g, w ← w − η (g + μ v).</summary>
    public readonly record struct WithNesterov(Coefficient Rate, Coefficient Momentum) : IUpdate
    {
        /// <inheritdoc/>
        public static int States => 1;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>
        {
            first = Tiny.Flush(Momentum * first + gradient);
            weight -= Rate * (gradient + Momentum * first);
        }
    }
}
