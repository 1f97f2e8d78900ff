using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Formulas;

/// <summary>(z − t)². The Gaussian's negative log-likelihood up to constants.</summary>
public readonly record struct SquaredError : ILoss
{
    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Value<TX>(TX z, TX t) where TX : IReal<TX> => (z - t) * (z - t);

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX> => 2 * (z - t);
}

/// <summary>|z − t|, PyTorch's l1_loss; learns the median. The derivative at z = t is 0.</summary>
public readonly record struct AbsoluteError : ILoss
{
    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Value<TX>(TX z, TX t) where TX : IReal<TX> => TX.Abs(z - t);

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX> => TX.IfPositive(z - t, 1, TX.IfPositive(t - z, -1, 0));
}

/// <summary>(z − t)² / 2β where |z − t| &lt; β, else |z − t| − β / 2. Girshick (2015), Fast R-CNN.</summary>
/// <remarks>With β = 0 it is the absolute error, also in its derivative 0 at z = t, where PyTorch's is −1.</remarks>
public readonly record struct SmoothL1 : ILoss
{
    private readonly Coefficient beta;
    private readonly Coefficient half;
    private readonly Coefficient divisor;

    /// <summary>PyTorch's: β = 1.</summary>
    public SmoothL1()
        : this(1)
    {
    }

    /// <summary>With a β of 0 or more.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public SmoothL1(double beta)
    {
        this.beta = Catalogue.Require(beta >= 0 && double.IsFinite(beta), beta, "The β of smooth L1", "0 or a finite number above");
        (half, divisor) = (beta / 2, beta > 0 ? beta : 1);
    }

    /// <summary>Where the parabola ends.</summary>
    public double Beta => beta.Value;

    /// <inheritdoc/>
    public string Parameter => Catalogue.Show(Beta);

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Value<TX>(TX z, TX t) where TX : IReal<TX>
    {
        var size = TX.Abs(z - t);
        return TX.IfPositive(beta - size, 0.5 * size * size / divisor, size - half);
    }

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX>
        => TX.IfPositive(z - t - beta, 1, TX.IfPositive(t - z - beta, -1, (z - t) / divisor));
}

/// <summary>(z − t)² / 2 where |z − t| ≤ δ, else δ (|z − t| − δ / 2): δ times smooth L1 with β = δ. Huber (1964).</summary>
public readonly record struct Huber : ILoss
{
    private readonly Coefficient delta;
    private readonly Coefficient half;

    /// <summary>PyTorch's: δ = 1.</summary>
    public Huber()
        : this(1)
    {
    }

    /// <summary>With a δ above 0.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public Huber(double delta)
        => (this.delta, half) = (Catalogue.Require(delta > 0 && double.IsFinite(delta), delta, "The δ of Huber's loss", "a finite number above 0"), delta / 2);

    /// <summary>Where the parabola ends, and the largest slope.</summary>
    public double Delta => delta.Value;

    /// <inheritdoc/>
    public string Parameter => Catalogue.Show(Delta);

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Value<TX>(TX z, TX t) where TX : IReal<TX>
    {
        var size = TX.Abs(z - t);
        return TX.IfPositive(size - delta, delta * (size - half), 0.5 * size * size);
    }

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX>
        => TX.IfPositive(z - t - delta, delta, TX.IfPositive(t - z - delta, -(TX)delta, z - t));
}

/// <summary>τ (t − z) where z is too small, (1 − τ) (z − t) where it is too large: learns the τ-quantile. Koenker and Bassett (1978).</summary>
/// <remarks>The derivative at z = t is 0, one of its subgradients.</remarks>
public readonly record struct Pinball : ILoss
{
    private readonly Coefficient level;
    private readonly Coefficient rest;

    /// <summary>The median's: half the absolute error.</summary>
    public Pinball()
        : this(0.5)
    {
    }

    /// <summary>With a level τ between 0 and 1.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public Pinball(double level)
        => (this.level, rest) = (Catalogue.Require(level is > 0 and < 1, level, "A quantile's level", "between 0 and 1"), 1 - level);

    /// <summary>τ: the share of targets below what is learned.</summary>
    public double Level => level.Value;

    /// <inheritdoc/>
    public string Parameter => Catalogue.Show(Level);

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Value<TX>(TX z, TX t) where TX : IReal<TX> => Value<TX>(z - t, level, rest);

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX> => Derivative<TX>(z - t, level, rest);

    /// <summary>Of z − t, τ and 1 − τ: for outputs with a level each.</summary>
    [MethodImpl(AggressiveInlining)]
    internal static TX Value<TX>(TX difference, TX level, TX rest) where TX : IReal<TX>
        => TX.IfPositive(difference, rest * difference, level * -difference);

    /// <summary>Likewise.</summary>
    [MethodImpl(AggressiveInlining)]
    internal static TX Derivative<TX>(TX difference, TX level, TX rest) where TX : IReal<TX>
        => TX.IfPositive(difference, rest, TX.IfPositive(-difference, -level, 0));
}

/// <summary>eᶻ − t z, from the logarithm z of the rate: the Poisson distribution's negative log-likelihood up to log t!.</summary>
/// <remarks>
/// In full, Stirling's log t! ≈ t log t − t + ½ log 2πt is added where t &gt; 1, as in PyTorch. At z = −∞ and t = 0 the value is its
/// limit 0, where PyTorch's is NaN.
/// </remarks>
/// <param name="Full">Whether Stirling's approximation of log t! is added; it changes no gradient.</param>
public readonly record struct Poisson(bool Full) : ILoss
{
    /// <inheritdoc/>
    public string Parameter => Full ? "full" : "";

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)]
    public TX Value<TX>(TX z, TX t) where TX : IReal<TX>
    {
        var value = TX.Exp(z) - TX.IfPositive(TX.Abs(t), t * z, t);
        return Full ? value + TX.IfPositive(t - 1, t * TX.Log(t) - t + 0.5 * TX.Log(double.Tau * t), 0) : value;
    }

    /// <inheritdoc/>
    [MethodImpl(AggressiveInlining)] public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX> => TX.Exp(z) - t;
}
