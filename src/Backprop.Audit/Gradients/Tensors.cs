using System.Numerics;
using Backprop.Models;

namespace Backprop.Audit;

/// <summary>A name and numbers that have rows and columns.</summary>
internal sealed record NamedTensor(string Name, int Rows, int Columns, double[] Values);

/// <summary>Everything one pass gives, as float64, in the order of the report: loss, logits, gradients of what is learned.</summary>
internal static class Tensors
{
    public static IReadOnlyList<NamedTensor> Run<T>(GradientsOf<T> pass, Weights<T> weights, Examples<T> batch)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var model = weights.Model;
        var gradients = new Weights<T>(model);
        var logits = new T[batch.Rows * model.Outputs];
        var loss = pass(weights, batch, Enumerable.Range(0, batch.Rows).ToArray(), gradients, logits);
        return
        [
            new("loss", 1, 1, [loss]),
            new("logits", batch.Rows, model.Outputs, Doubles.Of<T>(logits)),
            .. gradients.Tensors.Where(t => t.Learned).Select(t => new NamedTensor(t.Name, t.Rows, t.Columns, Doubles.Of<T>(gradients[t]))),
        ];
    }
}
