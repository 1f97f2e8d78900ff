using Backprop.Models;

namespace Backprop.Training;

/// <summary>Stands for a network that is chosen when its rows are known: it has their features, targets and classes, and is never trained.</summary>
/// <param name="head">The task.</param>
/// <param name="features">Features of a row.</param>
/// <param name="outputs">Classes, or targets of a regression; 1 for binary.</param>
internal sealed class UnchosenModel(Head head, int features, int outputs)
    : Model([new(Signal.Features(features).Columns(0, 1).Linear(outputs), head)])
{
    /// <summary>Any may be missing until the network is chosen.</summary>
    /// <param name="feature">From 0.</param>
    public override bool TakesMissing(int feature) => true;

    /// <inheritdoc/>
    public override string ToString() => "that will be chosen";
}
