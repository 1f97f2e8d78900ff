using System.Numerics;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Kernels;

namespace Backprop.Planning;

/// <summary>Numbers for the leaves of a graph, and what the graph makes of them: values, gradients, Jacobians and Hessians as numbers.</summary>
/// <remarks>
/// Asked again for the same nodes, it runs the plan it has made. For one thread at a time. Of a matrix of n elements, Jacobians and
/// Hessians have n rows or columns, in row-major order.
/// </remarks>
/// <param name="engine">Threads and vector width; null for the default.</param>
/// <typeparam name="T">float or double.</typeparam>
public sealed class Numbers<T>(EngineOptions? engine = null) : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    // With room for what fills up panels, far from what an array can hold.
    private const int MostElements = 1 << 29;

    private readonly EngineOptions engine = engine ?? EngineOptions.Default;
    private readonly Dictionary<Node, T[,]> given = [];
    private Planned? planned;

    /// <summary>The numbers of an input, a parameter or a state; copied in and out.</summary>
    /// <exception cref="ArgumentException">The node is not one of those, has no numbers, or they have another size.</exception>
    public T[,] this[Node leaf]
    {
        get => (T[,])(given.TryGetValue(leaf, out var numbers) ? numbers : throw Missing(leaf)).Clone();
        set => Set(leaf, (T[,])value.Clone());
    }

    /// <summary>Gives every element of a leaf the same number; an input gets one row.</summary>
    /// <exception cref="ArgumentException">The node is not an input, a parameter or a state.</exception>
    public void Fill(Node leaf, T number)
    {
        var numbers = new T[leaf.Shape.IsBatch ? 1 : leaf.Shape.Rows, leaf.Shape.Columns];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i / leaf.Shape.Columns, i % leaf.Shape.Columns] = number;
        }

        Set(leaf, numbers);
    }

    /// <summary>A node's value.</summary>
    /// <exception cref="ArgumentException">A leaf it is computed from has no numbers, or inputs have different numbers of rows.</exception>
    public T[,] Value(Node node) => Values([node])[0];

    /// <summary>The value of a node that is a scalar.</summary>
    /// <exception cref="ArgumentException">It is not one, or a leaf has no numbers.</exception>
    public T Scalar(Node node) => node.Shape == Shape.Scalar
        ? Value(node)[0, 0]
        : throw new ArgumentException($"{node} is not a scalar. Ask for its {nameof(Value)}.");

    /// <summary>Several nodes' values, from one run.</summary>
    /// <exception cref="ArgumentException">A leaf they are computed from has no numbers, or inputs have different numbers of rows.</exception>
    public IReadOnlyList<T[,]> Values(IReadOnlyList<Node> nodes) => Values(nodes, Rows(nodes, []));

    private IReadOnlyList<T[,]> Values(IReadOnlyList<Node> nodes, int rows)
    {
        if (planned is null || !planned.Nodes.SequenceEqual(nodes) || planned.Plan.Capacity < rows)
        {
            planned?.Plan.Dispose();
            planned = null;
            planned = Plan(nodes, rows);
        }

        foreach (var leaf in planned.Leaves)
        {
            if (leaf.Op is Source)
            {
                Write(leaf, planned.Plan.Value(leaf));
            }
            else
            {
                Write(leaf, planned.Store.Values(leaf));
                planned.Store.Refresh(leaf);
            }
        }

        foreach (var column in planned.Classes)
        {
            var place = planned.Plan.Value(column.Source);
            for (var row = 0; row < (column.Source.Shape.IsBatch ? rows : place.Rows); row++)
            {
                column.Check(place[row, column.Column], row);
            }
        }

        planned.Plan.RunPrepared(rows);
        return [.. nodes.Select(node => Read(planned.Plan.Value(node), node.Shape.IsBatch ? rows : node.Shape.Rows))];
    }

    /// <summary>∂result/∂target for each target.</summary>
    /// <param name="result">A scalar.</param>
    /// <param name="targets">Nodes of any kind.</param>
    /// <param name="zeros">Whether the gradient of a target without influence is 0, instead of an error.</param>
    /// <exception cref="ArgumentException">The result is not a scalar or does not depend on a target, or a leaf has no numbers.</exception>
    public IReadOnlyList<T[,]> Gradients(Node result, IReadOnlyList<Node> targets, bool zeros = false)
    {
        var gradients = Gradient.Build(result, targets, zeros);
        return Values(gradients, Rows(gradients, [result, .. targets]));
    }

    /// <summary>∂y/∂x: a row for each element of y, a column for each of x.</summary>
    /// <exception cref="ArgumentException">y does not depend on x, or a leaf has no numbers.</exception>
    public T[,] Jacobian(Node y, Node x)
    {
        var (v, shown) = (Derivatives.Like(y, "v"), Values([y, x]));
        return Rows(Derivatives.VectorTimesJacobian(v, y, [x])[0], v, (shown[0].GetLength(0), shown[0].GetLength(1)), shown[1].Length);
    }

    /// <summary>∂²result/∂x²: a row and a column for each element of x.</summary>
    /// <exception cref="ArgumentException">The result is not a scalar or does not depend on x, or a leaf has no numbers.</exception>
    public T[,] Hessian(Node result, Node x)
    {
        var (v, shown) = (Derivatives.Like(x, "v"), Value(x));
        return Rows(Derivatives.HessianTimesVector(result, x, v), v, (shown.GetLength(0), shown.GetLength(1)), shown.Length);
    }

    /// <summary>vᵀ ∂y/∂x, of x's size.</summary>
    /// <param name="v">Of y's size.</param>
    /// <param name="y">What is differentiated.</param>
    /// <param name="x">With respect to what.</param>
    /// <exception cref="ArgumentException">The sizes of v and y differ, y does not depend on x, or a leaf has no numbers.</exception>
    public T[,] VectorTimesJacobian(T[,] v, Node y, Node x) => With(v, y, leaf => Derivatives.VectorTimesJacobian(leaf, y, [x])[0]);

    /// <summary>∂y/∂x · v, of y's size.</summary>
    /// <param name="y">What is differentiated.</param>
    /// <param name="x">With respect to what.</param>
    /// <param name="v">Of x's size.</param>
    /// <exception cref="ArgumentException">The sizes of v and x differ, y does not depend on x, or a leaf has no numbers.</exception>
    public T[,] JacobianTimesVector(Node y, Node x, T[,] v) => With(v, x, leaf => Derivatives.JacobianTimesVector(y, x, leaf));

    /// <summary>∂²result/∂x² · v, of x's size.</summary>
    /// <param name="result">A scalar.</param>
    /// <param name="x">With respect to what.</param>
    /// <param name="v">Of x's size.</param>
    /// <exception cref="ArgumentException">
    /// The sizes of v and x differ, the result is not a scalar or does not depend on x, or a leaf has no numbers.
    /// </exception>
    public T[,] HessianTimesVector(Node result, Node x, T[,] v) => With(v, x, leaf => Derivatives.HessianTimesVector(result, x, leaf));

    /// <summary>Stops the workers.</summary>
    public void Dispose() => planned?.Plan.Dispose();

    private void Set(Node leaf, T[,] numbers)
    {
        if (!leaf.TakesNumbers || leaf.IsSparse)
        {
            throw new ArgumentException($"{leaf} is not an input, a parameter or a state, so it takes no numbers. Give them to what it is computed from.");
        }

        if (numbers.GetLength(1) != leaf.Shape.Columns || (!leaf.Shape.IsBatch && numbers.GetLength(0) != leaf.Shape.Rows) || numbers.Length == 0)
        {
            throw new ArgumentException($"{numbers.GetLength(0)} × {numbers.GetLength(1)} numbers do not fit {leaf}. Give as many as it has elements.");
        }

        given[leaf] = numbers;
    }

    /// <summary>The batch's rows: those of the inputs that nodes are computed from, and of others around them, which need no numbers.</summary>
    private int Rows(IReadOnlyList<Node> nodes, IReadOnlyList<Node> around)
    {
        var (needed, first, rows) = (new Topology(nodes), (Node?)null, 1);
        foreach (var leaf in new Topology([.. nodes, .. around]).Order.Where(node => node.TakesNumbers))
        {
            if (!given.TryGetValue(leaf, out var numbers))
            {
                if (needed.Contains(leaf))
                {
                    throw Missing(leaf);
                }

                continue;
            }

            var count = numbers.GetLength(0);
            if (leaf.Shape.IsBatch && first is not null && count != rows)
            {
                throw new ArgumentException($"{leaf} has {count} rows and {first} has {rows}. Give all inputs as many.");
            }

            (first, rows) = leaf.Shape.IsBatch ? (leaf, count) : (first, rows);
        }

        return rows;
    }

    private Planned Plan(IReadOnlyList<Node> nodes, int rows)
    {
        var graph = new Topology(nodes);
        if (graph.Order.FirstOrDefault(node => (long)(node.Shape.IsBatch ? rows : node.Shape.Rows) * node.Shape.Columns > MostElements) is { } large)
        {
            throw new ArgumentException($"{large} would have more than {MostElements} elements on {rows} rows. Make it, or the batch, smaller.");
        }

        var leaves = graph.Order.Where(node => node.TakesNumbers).ToList();
        var store = Plan<T>.Store(nodes, null, [.. leaves.Where(leaf => leaf.Op is not Source)]);
        var plan = new Plan<T>(nodes, new Dictionary<Node, Node>(), null, store, rows, engine);
        foreach (var leaf in leaves.Where(leaf => leaf.Op is Source { Filled: true }))
        {
            plan.Fill(leaf, (panels, _) => Write(leaf, panels));
        }

        return new([.. nodes], leaves, Categories.OfLosses(graph), store, plan);
    }

    private void Write(Node leaf, Panels<T> place)
    {
        var numbers = given[leaf];
        for (var row = 0; row < numbers.GetLength(0); row++)
        {
            for (var column = 0; column < numbers.GetLength(1); column++)
            {
                place[row, column] = numbers[row, column];
            }
        }
    }

    private static T[,] Read(Panels<T> place, int rows)
    {
        var numbers = new T[rows, place.Columns];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i / place.Columns, i % place.Columns] = place[i / place.Columns, i % place.Columns];
        }

        return numbers;
    }

    /// <summary>A product for each unit vector v, as rows.</summary>
    private T[,] Rows(Node product, Node v, (int Rows, int Columns) size, int length)
    {
        if ((long)size.Rows * size.Columns * length > MostElements)
        {
            throw new ArgumentException(
                $"A matrix of {(long)size.Rows * size.Columns} × {length} derivatives would have more than {MostElements} elements. "
                    + "Ask for its product with a vector.");
        }

        var matrix = new T[size.Rows * size.Columns, length];
        for (var i = 0; i < matrix.GetLength(0); i++)
        {
            var unit = new T[size.Rows, size.Columns];
            unit[i / size.Columns, i % size.Columns] = T.One;
            given[v] = unit;
            var row = Value(product);
            for (var j = 0; j < length; j++)
            {
                matrix[i, j] = row[j / row.GetLength(1), j % row.GetLength(1)];
            }
        }

        given.Remove(v);
        return matrix;
    }

    private T[,] With(T[,] v, Node like, Func<Node, Node> product)
    {
        var leaf = Derivatives.Like(like, "v");
        Set(leaf, v);
        try
        {
            return Value(product(leaf));
        }
        finally
        {
            given.Remove(leaf);
        }
    }

    private static ArgumentException Missing(Node leaf) => new($"{leaf} has no numbers. Set them before asking for what is computed from it.");

    private sealed record Planned(
        IReadOnlyList<Node> Nodes, IReadOnlyList<Node> Leaves, IReadOnlyList<Categories> Classes, ParameterStore<T> Store, Plan<T> Plan);
}
