using System.Numerics;
using Backprop.Kernels;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Training;

/// <summary>Draws the masks of a network's dropout layers before each batch, one after the other, as PyTorch does on its way forward.</summary>
internal static class DropoutMasks
{
    /// <summary>Has a plan's masks drawn from a stream.</summary>
    /// <exception cref="ArgumentException">There are masks but no stream.</exception>
    public static void Bind<T>(ModelGraph graph, Plan<T> plan, TorchRandom? random) where T : unmanaged, IFloatingPointIeee754<T>
    {
        foreach (var (mask, probability) in graph.Mode.Masks)
        {
            var stream = random ?? throw new ArgumentException("The network has a dropout layer, whose masks are random. Give the stream to draw them from.");
            var drawn = new T[plan.Capacity * mask.Shape.Columns];
            plan.Fill(mask, (panels, rows) => Draw(drawn.AsSpan(0, rows * panels.Columns), panels, stream, probability));
        }
    }

    private static void Draw<T>(Span<T> drawn, Panels<T> panels, TorchRandom random, double probability) where T : unmanaged, IFloatingPointIeee754<T>
    {
        random.FillDropoutMask(drawn, probability);
        for (var row = 0; row < drawn.Length / panels.Columns; row++)
        {
            panels.SetRow(row, drawn.Slice(row * panels.Columns, panels.Columns));
        }
    }
}
