using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Training;

/// <summary>A function to minimise.</summary>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="x">Where.</param>
/// <param name="gradient">Filled with the gradient there.</param>
/// <returns>The value there.</returns>
public delegate double Objective<T>(ReadOnlySpan<T> x, Span<T> gradient) where T : unmanaged, IFloatingPointIeee754<T>;

/// <summary>
/// L-BFGS: Newton's method with the curvature that the last steps showed. Nocedal and Wright (2006), algorithms 7.4 and 7.5, in PyTorch's
/// form. For a loss over all rows at once: between different batches gradients differ for other reasons than curvature.
/// </summary>
public sealed record Lbfgs
{
    /// <summary>The step length, above 0: with a line search, its first try.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double LearningRate { get; init => field = Positive(value); } = 1;

    /// <summary>The most iterations of a step, from 1.</summary>
    /// <exception cref="ArgumentException">It is below 1.</exception>
    public int Iterations { get; init => field = Check(value, value >= 1, "1 or more"); } = 20;

    /// <summary>The most evaluations of the objective in a step, from 1; null for a quarter more than iterations.</summary>
    /// <exception cref="ArgumentException">It is below 1.</exception>
    public int? Evaluations { get; init => field = Check(value, value is null or >= 1, "1 or more"); }

    /// <summary>Steps whose curvature is remembered, from 1.</summary>
    /// <exception cref="ArgumentException">It is below 1.</exception>
    public int History { get; init => field = Check(value, value >= 1, "1 or more"); } = 100;

    /// <summary>A step ends where no number of the gradient is larger.</summary>
    /// <exception cref="ArgumentException">It is below 0 or not finite.</exception>
    public double GradientTolerance { get; init => field = Check(value, value >= 0 && double.IsFinite(value), "a finite number, 0 or above"); } = 1e-7;

    /// <summary>A step ends where neither the objective nor a number of x changes by more.</summary>
    /// <exception cref="ArgumentException">It is below 0 or not finite.</exception>
    public double ChangeTolerance { get; init => field = Check(value, value >= 0 && double.IsFinite(value), "a finite number, 0 or above"); } = 1e-9;

    /// <summary>Whether each iteration searches for a length that satisfies the strong Wolfe conditions.</summary>
    public bool StrongWolfe { get; init; }

    private static double Positive(double value, [CallerMemberName] string name = "")
        => Check(value, value > 0 && double.IsFinite(value), "a finite number above 0", name);

    private static TValue Check<TValue>(TValue value, bool holds, string bound, [CallerMemberName] string name = "")
        => holds ? value : throw new ArgumentException($"{name} is {value}, not {bound}. Correct it.");
}
