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

    /// <summary>The size of the largest number.</summary>
    double Largest => Run.Largest;

    /// <summary>A tensor and those beside it that it is computed from, by number.</summary>
    IEnumerable<int> Kin(int tensor) => [tensor];

    /// <summary>The same by the formulas that libtorch has; null where those err as ours do.</summary>
    IBoundedRun? OfTheirs => Run.OfTheirs is { } run ? new OtherRun(this, run) : null;
}

/// <summary>The same numbers of another run.</summary>
/// <param name="of">What comes of a run.</param>
/// <param name="run">The other one.</param>
internal sealed class OtherRun(IBoundedRun of, BoundedGraph run) : IBoundedRun
{
    /// <inheritdoc/>
    public BoundedGraph Run => run;

    /// <inheritdoc/>
    public IReadOnlyList<BoundedTensor> Tensors { get; } = of.TensorsOf(run);

    /// <inheritdoc/>
    public IReadOnlyList<BoundedTensor> TensorsOf(BoundedGraph other) => of.TensorsOf(other);
}
