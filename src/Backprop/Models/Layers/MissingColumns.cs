using System.Runtime.CompilerServices;
using Backprop.Formulas;
using Backprop.Graph;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Models.Layers;

/// <summary>Columns behind those of a layer that say where values are missing: 1 where one is NaN, else 0.</summary>
internal static class MissingColumns
{
    /// <summary>How many there are.</summary>
    /// <param name="indicators">The columns, ascending from 0, that get another one; null for none.</param>
    /// <param name="columns">Columns of the layer's input.</param>
    /// <param name="layer">Whose they are.</param>
    /// <exception cref="ArgumentException">They are not ascending columns of the input.</exception>
    public static int Count(IReadOnlyList<int>? indicators, int columns, Layer layer)
    {
        var last = -1;
        foreach (var column in indicators ?? [])
        {
            last = column > last && column < columns
                ? column
                : throw new ArgumentException(
                    $"Indicators of a {layer.GetType().Name} layer name column {column} after {last} for {columns} columns. "
                    + "Name columns from 0 in ascending order.");
        }

        return indicators?.Count ?? 0;
    }

    /// <summary>The columns, in nodes that each serve neighbours.</summary>
    public static IEnumerable<Node> Of(Node x, IReadOnlyList<int>? indicators)
    {
        var columns = indicators ?? [];
        for (int first = 0, next; first < columns.Count; first = next)
        {
            for (next = first + 1; next < columns.Count && columns[next] == columns[next - 1] + 1;)
            {
                next++;
            }

            yield return Node.Map(default(Missing), x.Columns(columns[first], next - first));
        }
    }

    /// <summary>1 where x is NaN.</summary>
    private readonly record struct Missing : IFormula
    {
        public static int Inputs => 1;

        [MethodImpl(AggressiveInlining)]
        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => TX.IfPositive(a * a + 1, 0, 1);
    }
}
