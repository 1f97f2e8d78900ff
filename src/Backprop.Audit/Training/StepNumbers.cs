using System.Numerics;
using Backprop.Models;

namespace Backprop.Audit;

/// <summary>What a step leaves, in double: its loss, the weights and statistics, and what the optimizer remembers.</summary>
/// <param name="Loss">The loss before the update.</param>
/// <param name="Weights">Weights and statistics.</param>
/// <param name="Memory">The first number beside each weight, the second, the third: as many as there are.</param>
internal sealed record StepNumbers(double Loss, Weights<double> Weights, IReadOnlyList<Weights<double>> Memory)
{
    /// <summary>Of any precision.</summary>
    public static StepNumbers Of<T>(double loss, Weights<T> weights, IReadOnlyList<Weights<T>> memory) where T : unmanaged, IFloatingPointIeee754<T>
        => new(loss, weights.To<double>(), [.. memory.Select(one => one.To<double>())]);
}
