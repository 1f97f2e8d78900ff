namespace Backprop.Graph.Ops;

/// <summary>A matrix given for each batch; a sparse one is only ever the left operand of a product, transposed or not.</summary>
internal sealed class Source(bool sparse) : Leaf
{
    /// <summary>Whether only its non-zeros are given.</summary>
    public bool Sparse => sparse;
}

/// <summary>A matrix that is learned.</summary>
internal sealed class Parameter : Leaf;

/// <summary>A matrix of one number repeated.</summary>
internal sealed class Constant(double value) : Leaf
{
    /// <summary>The number.</summary>
    public double Value => value;
}
