namespace Backprop.Audit.Bounds;

/// <summary>Numbers, with how far rounding may carry each, that come of a run of a network's graph.</summary>
internal interface IBoundedRun
{
    /// <summary>The run.</summary>
    BoundedGraph Run { get; }

    /// <summary>What comes of it.</summary>
    IReadOnlyList<BoundedTensor> Tensors { get; }

    /// <summary>The same of another run of the network's nodes.</summary>
    IReadOnlyList<BoundedTensor> TensorsOf(BoundedGraph run);
}
