using System.Numerics;
using Backprop.Models;

namespace Backprop.Audit;

/// <summary>Runs a network on rows of a table: fills gradients and logits, returns the mean loss. <c>GradientPass.Run</c> is one.</summary>
/// <remarks>A network with dropout draws its masks, at every run, from a new <see cref="TorchRandom"/> of the audit's seed.</remarks>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="weights">The weights.</param>
/// <param name="examples">The table.</param>
/// <param name="rows">The rows of the batch.</param>
/// <param name="gradients">Filled; same names as the weights.</param>
/// <param name="logits">Filled: rows × outputs, row-major.</param>
/// <returns>The mean loss; of a head that adds up, the sum.</returns>
public delegate double GradientsOf<T>(Weights<T> weights, Examples<T> examples, ReadOnlySpan<int> rows, Weights<T> gradients, Span<T> logits)
    where T : unmanaged, IFloatingPointIeee754<T>;
