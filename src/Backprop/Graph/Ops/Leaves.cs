namespace Backprop.Graph.Ops;

/// <summary>A matrix given for each batch.</summary>
internal sealed class Source : Leaf;

/// <summary>A matrix that is learned.</summary>
internal sealed class Parameter : Leaf;

/// <summary>A matrix of one number repeated.</summary>
internal sealed class Constant(double value) : Leaf
{
    /// <summary>The number.</summary>
    public double Value => value;
}
