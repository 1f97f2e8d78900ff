namespace Backprop.Models.Layers;

/// <summary>A layer that is fitted to the training rows before training begins, once, and never when training goes on from a network.</summary>
/// <remarks>
/// Layers before it are fitted first; none of them may learn, as nothing is learned by then. A layer used twice is fitted to what its
/// first use is given. Rows held out for validation are not among those it sees.
/// </remarks>
public interface IFitted
{
    /// <summary>Reads off the rows what the layer needs to know.</summary>
    /// <param name="input">What the layer is given for each of the rows.</param>
    FittedLayer Fit(LayerInput input);
}

/// <summary>A layer fitted to rows.</summary>
/// <param name="Layer">The same layer, or one in its place, such as one of another width.</param>
/// <param name="Tensors">
/// Numbers for tensors of it under the last part of their names, learned ones or others; those that are not there are drawn. They are
/// rounded to the precision of training, and saturated in it.
/// </param>
public sealed record FittedLayer(Layer Layer, IReadOnlyDictionary<string, IReadOnlyList<double>> Tensors);

/// <summary>What a layer is given for the rows it is fitted to: a matrix that is looked at column by column.</summary>
/// <param name="rows">How many rows there are.</param>
/// <param name="columns">How many columns.</param>
/// <param name="valueOf">The number in a row and a column, both from 0.</param>
public sealed class LayerInput(int rows, int columns, Func<int, int, double> valueOf)
{
    /// <summary>How many rows there are.</summary>
    public int Rows { get; } = rows;

    /// <summary>How many columns.</summary>
    public int Columns { get; } = columns;

    /// <summary>A copy of a column, row by row; NaN where a value is missing.</summary>
    /// <param name="column">The column, from 0.</param>
    public double[] Column(int column)
    {
        var values = new double[Rows];
        for (var row = 0; row < Rows; row++)
        {
            values[row] = valueOf(row, column);
        }

        return values;
    }

    /// <summary>A column's finite numbers, ascending, and how many of its values are missing.</summary>
    /// <param name="column">The column, from 0.</param>
    public (double[] Finite, int Missing) Ordered(int column)
    {
        var values = Column(column);
        double[] finite = [.. values.Where(double.IsFinite)];
        Array.Sort(finite);
        return (finite, values.Count(double.IsNaN));
    }
}
