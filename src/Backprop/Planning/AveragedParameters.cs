using System.Numerics;
using Backprop.Graph;

namespace Backprop.Planning;

/// <summary>A second set of a graph's parameters that follows the first as a moving average.</summary>
/// <param name="Store">Where they live.</param>
/// <param name="Decay">What part of the average stays at each update.</param>
internal sealed record AveragedParameters<T>(ParameterStore<T> Store, double Decay) where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Makes room for averages of those parameters.</summary>
    public AveragedParameters(IReadOnlyList<Node> parameters, double decay)
        : this(new ParameterStore<T>(parameters, new HashSet<Node>(), _ => 0), decay)
    {
    }
}
