namespace Backprop.Formulas;

/// <summary>One step's update of one weight, given its gradient; the constants of the step are inside.</summary>
public interface IUpdate
{
    /// <summary>How many numbers are remembered beside each weight: 0 to 3. They start at 0.</summary>
    static abstract int States { get; }

    /// <summary>Whether a gradient of 0 leaves every weight, and what is remembered beside it, as it is, whatever came before.</summary>
    static virtual bool RestsAtZero => false;

    /// <summary>Updates the weight and what is remembered; numbers beyond <see cref="States"/> are neither read nor kept.</summary>
    void Apply<TX>(TX gradient, ref TX weight, ref TX first, ref TX second, ref TX third) where TX : IReal<TX>;
}

/// <summary>Makes the update of a given step.</summary>
/// <typeparam name="TUpdate">The update.</typeparam>
public interface IOptimizer<TUpdate> where TUpdate : struct, IUpdate
{
    /// <summary>The update of step <paramref name="step"/> (from 1) at learning rate <paramref name="rate"/>.</summary>
    /// <remarks>A function of its arguments alone: training that resumes at a step makes the updates it would have made.</remarks>
    TUpdate At(long step, double rate);

    /// <summary>The same for weights that are left alone, memory and all, at steps that do not read them: a lazy update.</summary>
    /// <remarks>
    /// Decays and averages then count the steps that touch the weight, and <paramref name="step"/>, which bias corrections and the
    /// like are computed from, all steps so far.
    /// </remarks>
    TUpdate LazyAt(long step, double rate) => At(step, rate);
}

/// <summary>Receives an optimizer with its update's type.</summary>
/// <typeparam name="TResult">What the visit makes.</typeparam>
public interface IOptimizerVisitor<TResult>
{
    /// <summary>Called with the update's own type.</summary>
    TResult Visit<TUpdate>(IOptimizer<TUpdate> optimizer) where TUpdate : struct, IUpdate;
}
