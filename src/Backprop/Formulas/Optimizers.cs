using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <summary>One step's update of one weight, given its gradient; the constants of the step are inside.</summary>
public interface IUpdate
{
    /// <summary>How many numbers are remembered beside each weight: 0, 1 or 2. They start at 0.</summary>
    static abstract int States { get; }

    /// <summary>Whether a gradient of 0 leaves every weight as it is, whatever came before.</summary>
    static virtual bool RestsAtZero => false;

    /// <summary>Updates the weight and what is remembered.</summary>
    void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second) where TX : IReal<TX>;
}

/// <summary>The one deviation of our optimizers from the papers: what they remember becomes 0 below 1e-30 in size.</summary>
/// <remarks>Otherwise, where gradients vanish, it decays into denormal numbers, which slow an update 20 to 40 times.</remarks>
public static class Tiny
{
    /// <summary>x, or 0 where |x| &lt; 1e-30.</summary>
    [MethodImpl(AggressiveInlining)] public static TX Flush<TX>(TX x) where TX : IReal<TX> => TX.IfPositive(1e-30 - TX.Abs(x), 0, x);
}

/// <summary>An optimizer: hyper-parameters, and the update they make at each step.</summary>
public abstract record Optimizer
{
    /// <summary>Every optimizer there is, with its default hyper-parameters.</summary>
    public static IReadOnlyList<Optimizer> All { get; } = [new Sgd(), new Sgd { Momentum = 0.9 }, new Adam()];

    /// <summary>The name in lower case, as options and the command line take it.</summary>
    public string Name => GetType().Name.ToLowerInvariant();

    /// <summary>The step size, above 0.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double LearningRate { get; init => field = Check(value, value > 0 && double.IsFinite(value), "a finite number above 0"); }

    /// <summary>The optimizer of that name with its default hyper-parameters.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static Optimizer Parse(string name) => Catalogue.Find([.. All.DistinctBy(o => o.Name)], o => o.Name, name, "optimizer");

    /// <summary>Hands the update's type to a visitor, which calls <see cref="IOptimizer{TUpdate}.At"/> before each step.</summary>
    public abstract TResult Accept<TResult>(IOptimizerVisitor<TResult> visitor);

    /// <summary>The value, if it is in bounds.</summary>
    protected static double Check(double value, bool holds, string bound, [CallerMemberName] string name = "")
        => holds ? value : throw new ArgumentException($"{name} is {value}, not {bound}. Correct it.");

    /// <summary>baseᵏ by repeated squaring: the same bits on every machine, which Math.Pow does not promise.</summary>
    protected static double Power(double @base, long k)
    {
        var power = 1.0;
        for (; k > 0; k >>= 1, @base *= @base)
        {
            if ((k & 1) == 1)
            {
                power *= @base;
            }
        }

        return power;
    }
}

/// <summary>Makes the update of a given step.</summary>
/// <typeparam name="TUpdate">The update.</typeparam>
public interface IOptimizer<TUpdate> where TUpdate : struct, IUpdate
{
    /// <summary>The update of step <paramref name="step"/> (from 1) at learning rate <paramref name="rate"/>.</summary>
    TUpdate At(long step, double rate);

    /// <summary>The same for weights that are left alone, memory and all, at steps that do not read them: a lazy update.</summary>
    TUpdate LazyAt(long step, double rate) => At(step, rate);
}

/// <summary>Receives an optimizer with its update's type.</summary>
/// <typeparam name="TResult">What the visit makes.</typeparam>
public interface IOptimizerVisitor<TResult>
{
    /// <summary>Called with the update's own type.</summary>
    TResult Visit<TUpdate>(IOptimizer<TUpdate> optimizer) where TUpdate : struct, IUpdate;
}

/// <summary>Stochastic gradient descent with momentum: v ← μ v + g, w ← w − η v. Sutskever et al. (2013), in PyTorch's form.</summary>
/// <remarks>Deviation: see <see cref="Tiny"/>.</remarks>
public sealed record Sgd : Optimizer, IOptimizer<Sgd.Plain>, IOptimizer<Sgd.WithMomentum>
{
    /// <summary>Sets PyTorch's customary learning rate of 0.01.</summary>
    public Sgd() => LearningRate = 0.01;

    /// <summary>μ, from 0 (none) to below 1.</summary>
    /// <exception cref="ArgumentException">It is outside.</exception>
    public double Momentum { get; init => field = Check(value, value is >= 0 and < 1, "from 0 to below 1"); }

    /// <inheritdoc/>
    public override TResult Accept<TResult>(IOptimizerVisitor<TResult> visitor)
        => Momentum == 0 ? visitor.Visit<Plain>(this) : visitor.Visit<WithMomentum>(this);

    Plain IOptimizer<Plain>.At(long step, double rate) => new(rate);

    WithMomentum IOptimizer<WithMomentum>.At(long step, double rate) => new(rate, Momentum);

    /// <summary>w ← w − η g.</summary>
    public readonly record struct Plain(Coefficient Rate) : IUpdate
    {
        /// <inheritdoc/>
        public static int States => 0;

        /// <inheritdoc/>
        public static bool RestsAtZero => true;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second) where TX : IReal<TX>
            => weight -= Rate * gradient;
    }

    /// <summary>v ← μ v + g, w ← w − η v.</summary>
    public readonly record struct WithMomentum(Coefficient Rate, Coefficient Momentum) : IUpdate
    {
        /// <inheritdoc/>
        public static int States => 1;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second) where TX : IReal<TX>
        {
            first = Tiny.Flush(Momentum * first + gradient);
            weight -= Rate * first;
        }
    }
}

/// <summary>Adam. Kingma and Ba (2015), algorithm 1, with ε outside the root after the bias correction, as in PyTorch.</summary>
/// <remarks>Deviation: see <see cref="Tiny"/>.</remarks>
public sealed record Adam : Optimizer, IOptimizer<Adam.Update>
{
    /// <summary>Sets the paper's defaults.</summary>
    public Adam() => LearningRate = 0.001;

    /// <summary>β₁, the decay of the first moment, from 0 to below 1.</summary>
    /// <exception cref="ArgumentException">It is outside.</exception>
    public double Beta1 { get; init => field = Check(value, value is >= 0 and < 1, "from 0 to below 1"); } = 0.9;

    /// <summary>β₂, the decay of the second moment, from 0 to below 1.</summary>
    /// <exception cref="ArgumentException">It is outside.</exception>
    public double Beta2 { get; init => field = Check(value, value is >= 0 and < 1, "from 0 to below 1"); } = 0.999;

    /// <summary>ε, added to the root of the second moment, above 0.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double Epsilon { get; init => field = Check(value, value > 0 && double.IsFinite(value), "a finite number above 0"); } = 1e-8;

    /// <inheritdoc/>
    public override TResult Accept<TResult>(IOptimizerVisitor<TResult> visitor) => visitor.Visit(this);

    /// <inheritdoc/>
    public Update At(long step, double rate)
        => new(Beta1, 1 - Beta1, Beta2, 1 - Beta2, Epsilon, rate / (1 - Power(Beta1, step)), 1 / Math.Sqrt(1 - Power(Beta2, step)));

    /// <summary>PyTorch's SparseAdam: the bias correction of all steps so far, touched or not, and ε beside the uncorrected root.</summary>
    public Update LazyAt(long step, double rate)
        => At(step, rate) with { Rate = rate * Math.Sqrt(1 - Power(Beta2, step)) / (1 - Power(Beta1, step)), Correction = 1 };

    /// <summary>m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², w ← w − η/(1 − β₁ᵗ) · m / (√v · 1/√(1 − β₂ᵗ) + ε).</summary>
    /// <param name="Beta1">β₁.</param>
    /// <param name="Rest1">1 − β₁.</param>
    /// <param name="Beta2">β₂.</param>
    /// <param name="Rest2">1 − β₂.</param>
    /// <param name="Epsilon">ε.</param>
    /// <param name="Rate">η/(1 − β₁ᵗ).</param>
    /// <param name="Correction">1/√(1 − β₂ᵗ).</param>
    public readonly record struct Update(
        Coefficient Beta1, Coefficient Rest1, Coefficient Beta2, Coefficient Rest2, Coefficient Epsilon, Coefficient Rate, Coefficient Correction) : IUpdate
    {
        /// <inheritdoc/>
        public static int States => 2;

        /// <inheritdoc/>
        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second) where TX : IReal<TX>
        {
            first = Tiny.Flush(Beta1 * first + Rest1 * gradient);
            second = Tiny.Flush(Beta2 * second + Rest2 * gradient * gradient);
            weight -= Rate * first / (TX.Sqrt(second) * Correction + Epsilon);
        }
    }
}
