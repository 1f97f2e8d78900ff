using Backprop.Graph;
using static TorchSharp.torch;

namespace Backprop.Interop.Tests.Properties;

/// <summary>Makes a graph of a description: whatever the description's numbers, shapes fit and values stay of moderate size.</summary>
internal sealed class GraphBuilder
{
    private const int MostColumns = 40;

    // Larger values are scaled down, that sums of products of many do not leave what exponential functions take.
    private const double MostSize = 8;

    private readonly GraphCase graph;
    private readonly List<GraphValue> pool = [];
    private readonly List<GraphLeaf> leaves = [];
    private readonly Random numbers;
    private Random choices;

    public GraphBuilder(GraphCase graph)
    {
        (this.graph, numbers, choices) = (graph, new(graph.Seed), new(graph.Seed));
        Leaf();
        foreach (var step in graph.Steps)
        {
            choices = new(step.Choice);
            var operation = GraphOperation.All[step.Operation];
            // From the end: the latest values go on, which makes depth; the others are shared.
            var operands = operation.Operands(this, pool[^(1 + step.Operand % pool.Count)]);
            var value = new GraphValue(operation.Ours([.. operands.Select(operand => operand.Node)]), operation.Theirs, operands, operation.Size(operands));
            pool.Add(Tamed(value, MostSize));
        }

        var consumed = Ancestors(pool.SelectMany(value => value.Inputs));
        Result = pool.Where(value => !consumed.Contains(value)).Select(Weighed).Aggregate((a, b)
            => new(a.Node + b.Node, t => t[0] + t[1], [a, b], a.Size + b.Size));
        Directions = [.. Differentiated.ToList().Select(leaf => Aside(leaf.Value.Shape.Rows, leaf.Value.Shape.Columns))];
    }

    /// <summary>A scalar that depends on every value.</summary>
    public GraphValue Result { get; }

    /// <summary>Every leaf with numbers.</summary>
    public IReadOnlyList<GraphLeaf> Leaves => leaves;

    /// <summary>The leaves that gradients are asked for.</summary>
    public IEnumerable<GraphLeaf> Differentiated => leaves.Where(leaf => leaf.Differentiated);

    /// <summary>A leaf for each of them, of its shape: what the Hessian is multiplied by.</summary>
    public IReadOnlyList<GraphValue> Directions { get; }

    /// <summary>Rows: the batch's, or a number.</summary>
    public int Rows() => choices.Next(3) == 0 ? Shape.Batch : Columns();

    /// <summary>A number of columns: small ones most, but panels have edges at 16 and 32.</summary>
    public int Columns() => choices.Next(8) switch { 0 => 1, < 6 => 2 + choices.Next(7), 6 => 9 + choices.Next(15), _ => 24 + choices.Next(MostColumns - 23) };

    /// <summary>A value with so many rows, or a leaf of that size.</summary>
    public GraphValue Of(int rows, int columns)
    {
        var fitting = pool.Where(value => value.Shape.Rows == rows).ToList();
        return fitting.Count > 0 && choices.Next(3) > 0 && fitting[choices.Next(fitting.Count)] is var value && value.Shape.Columns <= MostColumns
            ? value : Leaf(rows, columns);
    }

    /// <summary>Another value that a's elements can be combined with: of its shape, or with one row, one column or both.</summary>
    public GraphValue Partner(GraphValue a, bool mayBeWider = true)
    {
        var shape = a.Shape;
        var fitting = pool.Where(value => value != a && Shape.Broadcast([shape, value.Shape]) is { } common && (common == shape || mayBeWider)).ToList();
        return fitting.Count > 0 && choices.Next(3) > 0 ? fitting[choices.Next(fitting.Count)]
            : Leaf(choices.Next(3) == 0 ? 1 : shape.Rows, choices.Next(3) == 0 ? 1 : shape.Columns);
    }

    /// <summary>The value if its number of rows is known, else another.</summary>
    public GraphValue Fixed(GraphValue a) => !a.Shape.IsBatch ? a : pool.LastOrDefault(value => !value.Shape.IsBatch) ?? Leaf(Columns(), Columns());

    /// <summary>The square plus ½: away from 0, where quotients and logarithms are.</summary>
    public GraphValue Positive(GraphValue a) => new(a.Node.Square() + 0.5, t => t[0] * t[0] + 0.5, [a], a.Size * a.Size + 0.5);

    /// <summary>The value, scaled down if it is larger.</summary>
    public GraphValue Tamed(GraphValue a, double most) => a.Size <= most ? a : new(a.Node * (most / a.Size), t => t[0] * (most / a.Size), [a], most);

    /// <summary>A leaf of numbers between −1 and 1, which later operations may find too.</summary>
    public GraphValue Leaf(int rows, int columns)
    {
        var leaf = Leaf(rows, columns, () => 2 * numbers.NextDouble() - 1, differentiated: true);
        pool.Add(leaf);
        return leaf;
    }

    /// <summary>A leaf of numbers between 0 and 1 that nothing is differentiated with respect to: targets, weights.</summary>
    public GraphValue Aside(int rows, int columns) => Leaf(rows, columns, () => 0.05 + 0.9 * numbers.NextDouble(), differentiated: false);

    /// <summary>A column of category numbers.</summary>
    public GraphValue Categories(int rows, int count) => Leaf(rows, 1, () => numbers.Next(count), differentiated: false);

    /// <summary>Each of these values and what they are computed from.</summary>
    private static HashSet<GraphValue> Ancestors(IEnumerable<GraphValue> values)
    {
        var (seen, pending) = (new HashSet<GraphValue>(), new Stack<GraphValue>(values));
        while (pending.TryPop(out var value))
        {
            if (seen.Add(value))
            {
                foreach (var input in value.Inputs)
                {
                    pending.Push(input);
                }
            }
        }

        return seen;
    }

    private void Leaf() => Leaf(Rows(), Columns());

    private GraphValue Leaf(int rows, int columns, Func<double> number, bool differentiated)
    {
        var name = $"x{leaves.Count}";
        var node = rows == Shape.Batch ? Node.Input(name, columns) : differentiated ? Node.Parameter(name, rows, columns) : Node.State(name, rows, columns);
        var values = new double[rows == Shape.Batch ? graph.BatchRows : rows, columns];
        for (var i = 0; i < values.Length; i++)
        {
            values[i / columns, i % columns] = number();
        }

        var leaf = new GraphValue(node, _ => new(tensor(values, ScalarType.Float64, requires_grad: differentiated)), [], 1);
        leaves.Add(new(leaf, values, differentiated));
        return leaf;
    }

    /// <summary>Every element weighed differently, so that no error cancels and no sum is constant.</summary>
    private GraphValue Weighed(GraphValue a)
    {
        var weights = Aside(a.Shape.Rows, a.Shape.Columns);
        return new((a.Node * weights.Node).Mean(), t => new((t[0] * t[1]).Tensor.mean().reshape(1, 1)), [a, weights], a.Size);
    }
}
