using Backprop.Graph;
using Backprop.Graph.Ops;

namespace Backprop.Audit.Bounds;

/// <summary>A number of a node's value: the node, and its row-major index.</summary>
/// <param name="Node">The node.</param>
/// <param name="Index">The index.</param>
internal readonly record struct Place(Node Node, int Index);

/// <summary>
/// Runs a graph, gradients and all, one plain loop an operation and apart from the engine's kernels, with the running error of every
/// number: what bounds the rounding of whoever computes it.
/// </summary>
internal sealed class BoundedGraph
{
    private readonly Dictionary<Node, BoundedMatrix> matrices = [];
    private readonly Dictionary<Node, ulong> paths = [];
    private readonly List<Place> kinks = [];
    private readonly RowCopies copies;
    private readonly int batch;
    private readonly Carried carried;
    private readonly IReadOnlyDictionary<Place, double>? moved;
    private readonly Party formulas;
    private readonly Lazy<BoundedGraph?> ofTheirs;
    private bool haveTheirs;

    /// <summary>Runs what some nodes are computed from, with errors.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="leaf">The numbers of a leaf, row-major.</param>
    /// <param name="batch">The batch's rows.</param>
    /// <param name="copies">Which rows of the batch are the same; null where none are.</param>
    /// <param name="formulas">By whose formulas errors arise: libtorch's cancel where ours do not.</param>
    public BoundedGraph(IReadOnlyList<Node> nodes, Func<Node, double[]> leaf, int batch, RowCopies? copies = null, Party formulas = Party.Ours)
        : this(new Topology(nodes), leaf, batch, Carried.Bounds, formulas, copies ?? RowCopies.None, null, null)
    {
    }

    private BoundedGraph(
        Topology topology,
        Func<Node, double[]> leaf,
        int batch,
        Carried carried,
        Party formulas,
        RowCopies copies,
        BoundedGraph? before,
        IReadOnlyDictionary<Place, double>? moved,
        Node? changedLeaf = null,
        SampledArithmetic? by = null)
    {
        (Topology, this.batch, this.carried, this.formulas, this.copies, this.moved) = (topology, batch, carried, formulas, copies, moved);
        haveTheirs = before?.haveTheirs == true;
        ofTheirs = new(() => !haveTheirs || formulas == Party.Theirs
            ? null : new(topology, node => matrices[node].Values, batch, carried, Party.Theirs, copies, null, moved));
        var changed = moved?.Keys.Select(place => place.Node).ToHashSet() ?? [];
        if (changedLeaf is not null)
        {
            changed.Add(changedLeaf);
        }

        foreach (var node in topology.Order)
        {
            if (before is not null && !changed.Contains(node) && !node.Inputs.Any(changed.Contains))
            {
                matrices.Add(node, before[node]);
                paths.Add(node, before.paths.GetValueOrDefault(node));
                continue;
            }

            changed.Add(node);
            var result = new BoundedMatrix(node.Shape.IsBatch ? batch : node.Shape.Rows, node.Shape.Columns, carried)
            {
                IsExact = node.TakesNumbers && node.Op is not Source { Filled: true },
                By = by,
            };
            matrices.Add(node, result);
            if (node.TakesNumbers)
            {
                leaf(node).CopyTo(result.Values, 0);
                result.RoundUnlessExact();
            }
            else
            {
                BoundedMatrix[] inputs = [.. node.Inputs.Select(input => matrices[input])];
                by?.Begin();
                Run(node, inputs, result);
                result.IsBent = by?.IsBent == true || Array.Exists(inputs, input => input.IsBent);
            }

            foreach (var (place, value) in moved ?? new Dictionary<Place, double>())
            {
                if (place.Node == node)
                {
                    result.Values[place.Index] = value;
                }
            }

            if (carried == Carried.Bounds)
            {
                IsFinite &= Array.TrueForAll(result.Errors!, double.IsFinite) && Array.TrueForAll(result.Values, double.IsFinite);
                Largest = Math.Max(Largest, result.Values.Max(Math.Abs));
            }
        }
    }

    /// <summary>The nodes that were run.</summary>
    public Topology Topology { get; }

    /// <summary>The error of a branch's condition relative to its distance from 0, in 1 / units of roundoff: that of the most doubtful branch.</summary>
    public double Doubt { get; private set; }

    /// <summary>The size of the largest number.</summary>
    public double Largest { get; private set; }

    /// <summary>Whether every number is finite, and its error is.</summary>
    public bool IsFinite { get; private set; } = true;

    /// <summary>Tells apart, but for chance, runs that took different branches.</summary>
    public ulong Path => Topology.Order.Aggregate(0UL, (path, node) => path * 31 + paths.GetValueOrDefault(node));

    /// <summary>Results of formulas with a condition that float's rounding may turn.</summary>
    public IReadOnlyList<Place> Kinks => kinks;

    /// <summary>The same run by the formulas that libtorch has; null where those err as ours do.</summary>
    public BoundedGraph? OfTheirs => ofTheirs.Value;

    /// <summary>A node's numbers.</summary>
    public BoundedMatrix this[Node node] => matrices[node];

    /// <summary>Whether a condition is so near 0 that rounding may take the other branch: derivatives then differ by no fault of anyone.</summary>
    public bool IsOpen(double unit) => unit * Doubt >= 1;

    /// <summary>Some nodes of other leaves, without errors.</summary>
    public BoundedGraph WithLeaves(IReadOnlyList<Node> nodes, Func<Node, double[]> leaf)
        => new(new(nodes), leaf, batch, Carried.Nothing, formulas, copies, null, null);

    /// <summary>The same nodes where one leaf has other numbers; what does not depend on it is shared.</summary>
    public BoundedGraph WithLeaf(Node leaf, double[] numbers) => new(Topology, _ => numbers, batch, carried, formulas, copies, this, null, leaf);

    /// <summary>The run where some numbers of nodes are others than what the nodes' operations give; what does not depend on them is shared.</summary>
    public BoundedGraph Moved(IReadOnlyDictionary<Place, double> numbers) => new(Topology, _ => [], batch, carried, formulas, copies, this, numbers);

    /// <summary>The same run, without errors.</summary>
    public BoundedGraph WithoutErrors() => new(Topology, node => matrices[node].Values, batch, Carried.Nothing, formulas, copies, null, moved);

    /// <summary>The same run, with errors drawn at random: the sample of that number.</summary>
    public BoundedGraph WithSample(int sample)
        => new(Topology, node => matrices[node].Values, batch, Carried.Sample, formulas, copies, null, moved, null, new SampledArithmetic(sample));

    private void Run(Node node, BoundedMatrix[] x, BoundedMatrix result)
    {
        switch (node.Op)
        {
            case Product:
                Products.Run(x[0], x[1], result);
                break;
            case TransposedProduct:
                Products.Run(copies.Correlated(x[0], node.Inputs[0]).Transposed(), copies.Correlated(x[1], node.Inputs[1]), result);
                break;
            case Transposition:
                x[0].Transposed().CopyTo(result);
                break;
            case Columns op:
                x[0].CopyColumnsTo(result, op.First, 0, result.Columns);
                break;
            case Concatenation:
                var first = 0;
                foreach (var part in x)
                {
                    part.CopyColumnsTo(result, 0, first, part.Columns);
                    first += part.Columns;
                }

                break;
            case CustomOp op:
                CustomBounds.Run(op, node, x, result, batch);
                break;
            default:
                // The rest are formulas of numbers.
                switch (carried)
                {
                    case Carried.Bounds:
                        Read<Bounded>(node, x, result);
                        break;
                    case Carried.Sample:
                        Read<FloatSample>(node, x, result);
                        break;
                    default:
                        Read<Plain>(node, x, result);
                        break;
                }

                break;
        }
    }

    private void Read<TX>(Node node, BoundedMatrix[] x, BoundedMatrix result) where TX : struct, Formulas.IReal<TX>, IElement<TX>
    {
        var reading = new Reading<TX>(node, x, result, batch, copies, formulas);
        reading.Run();
        haveTheirs |= reading.HasTheirs;
        Doubt = Math.Max(Doubt, reading.Doubt);
        paths[node] = reading.Path;
        kinks.AddRange(reading.Kinks.Select(index => new Place(node, index)));
    }
}
