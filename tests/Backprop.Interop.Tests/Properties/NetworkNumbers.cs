using System.Numerics;
using Backprop.Models;

namespace Backprop.Interop.Tests.Properties;

/// <summary>Loss, logits and gradients of a network, by name, whatever computed them.</summary>
/// <param name="Values">The numbers, row-major in PyTorch's layout.</param>
internal sealed record NetworkNumbers(IReadOnlyList<(string Name, double[] Numbers)> Values)
{
    /// <summary>Computes gradients and logits, and returns the loss.</summary>
    public delegate double Pass<T>(Weights<T> gradients, T[] logits) where T : unmanaged, IFloatingPointIeee754<T>;

    public static NetworkNumbers Of<T>(Model model, int rows, Pass<T> pass) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (gradients, logits) = (new Weights<T>(model), new T[rows * model.Outputs]);
        var loss = pass(gradients, logits);
        double[] Wide(ReadOnlySpan<T> numbers)
        {
            var wide = new double[numbers.Length];
            for (var i = 0; i < wide.Length; i++)
            {
                wide[i] = double.CreateTruncating(numbers[i]);
            }

            return wide;
        }

        return new([("loss", [loss]), ("logits", Wide(logits)), .. gradients.Tensors.Where(tensor => tensor.Learned).Select(tensor => ($"∂ {tensor.Name}", Wide(gradients[tensor])))]);
    }
}
