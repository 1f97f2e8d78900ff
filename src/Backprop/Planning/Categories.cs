using System.Numerics;
using Backprop.Graph;
using Backprop.Graph.Ops;

namespace Backprop.Planning;

/// <summary>A column of category numbers that rows of a table are looked up by: they are checked before anything runs.</summary>
/// <param name="Source">The leaf it is a column of.</param>
/// <param name="Column">The column.</param>
/// <param name="Count">Rows of the table.</param>
/// <param name="Table">The table, or the logits that have a column for each class.</param>
internal sealed record Categories(Node Source, int Column, int Count, Node Table)
{
    /// <summary>The columns of category numbers in a graph.</summary>
    /// <exception cref="NotSupportedException">A category number is computed, so that it cannot be checked.</exception>
    public static IReadOnlyList<Categories> Of(Topology topology)
        => [.. topology.Order.Where(node => node.Op is Lookup).Select(node => Of(node.Inputs[0], node.Inputs[1], node.Inputs[1].Shape.Rows)).Distinct()];

    /// <summary>The columns of class numbers that losses in a graph index logits by. (A network's are checked with its table.)</summary>
    /// <exception cref="NotSupportedException">A class number is computed, so that it cannot be checked.</exception>
    public static IReadOnlyList<Categories> OfLosses(Topology topology)
        => [.. topology.Order.Where(node => node.Op is SoftmaxCrossEntropy or MeanLossGradient { Loss: SoftmaxCrossEntropy })
            .Select(node => Of(node.Inputs[1], node.Inputs[0], node.Inputs[0].Shape.Columns)).Distinct()];

    /// <summary>Throws unless a number is a whole one from 0 to below <see cref="Count"/>.</summary>
    public void Check<T>(T number, int row) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (!T.IsInteger(number) || number < T.Zero || number >= T.CreateTruncating(Count))
        {
            throw new ArgumentException(
                $"Row {row} of the batch has category {number} in column {Column} of {Source.Name}, but {Table.Name} has categories 0 to {Count - 1}. "
                    + $"Correct the row, or give {Table.Name} more.");
        }
    }

    private static Categories Of(Node index, Node table, int count)
    {
        var column = 0;
        for (; index.Op is Columns columns; index = index.Inputs[0])
        {
            column += columns.First;
        }

        return index.Op is Leaf
            ? new(index, column, count, table)
            : throw new NotSupportedException($"Category numbers come from an input or a column of one, not from {index}. Compute them before.");
    }
}
