using Backprop.Models;

namespace Backprop.Interop.Tests;

/// <summary>Outputs that a network for a head can have.</summary>
public static class Outputs
{
    /// <summary>That many, or as near to it as can be.</summary>
    public static int Of(Head head, int wanted) => Enumerable.Range(1, 100).Where(head.Allows).MinBy(outputs => Math.Abs(outputs - wanted));
}
