using System.Numerics;

namespace Backprop.Planning;

/// <summary>A second set of a graph's parameters that follows the first as a moving average.</summary>
/// <param name="Store">Where they live; what is not learned is the first set's own.</param>
/// <param name="Decay">What part of the average stays at each update.</param>
internal sealed record AveragedParameters<T>(ParameterStore<T> Store, double Decay) where T : unmanaged, IFloatingPointIeee754<T>;
