using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Interop.Tests.Audit;

/// <summary>Heads and activations that theories run over.</summary>
internal static class Pairs
{
    /// <summary>Not all pairs, which would be hundreds: each activation with the next head in turn, and each head with relu.</summary>
    public static IEnumerable<(Head Head, Activation Activation)> All
        => Activation.All.Select((activation, i) => (Head.All[i % Head.All.Count], activation))
            .Concat(Head.All.Select(head => (head, Activation.Of(new Relu()))))
            .Distinct();
}
