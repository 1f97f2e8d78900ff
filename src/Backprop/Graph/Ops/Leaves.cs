using System.Globalization;

namespace Backprop.Graph.Ops;

/// <summary>A matrix given for each batch; a sparse one is only ever the left operand of a product, transposed or not.</summary>
/// <param name="sparse">Whether only its non-zeros are given.</param>
/// <param name="filled">Whether the caller writes it before each run, instead of choosing rows of a table.</param>
internal sealed class Source(bool sparse = false, bool filled = false) : Leaf
{
    /// <summary>Whether only its non-zeros are given.</summary>
    public bool Sparse => sparse;

    /// <summary>Whether the caller writes it before each run: random masks, for example.</summary>
    public bool Filled => filled;
}

/// <summary>A matrix that is learned.</summary>
internal sealed class Parameter : Leaf;

/// <summary>A matrix that lasts from run to run beside the parameters but is not learned: a plan may assign it a node's value at a run's end.</summary>
internal sealed class State : Leaf;

/// <summary>A matrix of one number repeated.</summary>
internal sealed class Constant(double value) : Leaf
{
    internal override object Identity => (typeof(Constant), value);

    public override string Name => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>The number.</summary>
    public double Value => value;
}

/// <summary>1 / the number of rows of the batch: what turns a sum over the batch into a mean.</summary>
internal sealed class BatchShare : Leaf
{
    internal override object Identity => typeof(BatchShare);
}
