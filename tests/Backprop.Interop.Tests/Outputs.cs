using Backprop.Models;

namespace Backprop.Interop.Tests;

/// <summary>Outputs that a network for a head can have.</summary>
public static class Outputs
{
    /// <summary>That many, or one more, or the most below.</summary>
    public static int Of(Head head, int wanted) => new[] { wanted, wanted + 1 }.Concat(Enumerable.Range(1, wanted).Reverse()).First(head.Allows);
}
