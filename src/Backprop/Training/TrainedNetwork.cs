using System.Numerics;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>What training one network gives.</summary>
/// <param name="Weights">The best epoch's.</param>
/// <param name="History">A report for every epoch.</param>
/// <param name="Failure">Why the weights are worth nothing, or null.</param>
/// <param name="IsStopped">Whether <see cref="TrainingOptions.StopWhen"/> ended training.</param>
internal sealed record TrainedNetwork<T>(Weights<T> Weights, IReadOnlyList<EpochReport> History, ArithmeticException? Failure, bool IsStopped)
    where T : unmanaged, IFloatingPointIeee754<T>;
