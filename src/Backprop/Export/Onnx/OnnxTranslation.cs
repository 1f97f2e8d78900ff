using System.Numerics;
using Backprop.Graph;
using Backprop.Graph.Ops;
using TensorLayout = Backprop.Models.Layers.TensorLayout;

namespace Backprop.Export;

/// <summary>Writes a scoring graph as ONNX operators, each operation in one place.</summary>
internal sealed class OnnxTranslation<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int LongType = 7;

    private readonly ScoringGraph<T> network;
    private readonly OnnxNodes<T> nodes;
    private readonly string features;
    private readonly Dictionary<Node, Onnx<T>> values = [];
    private readonly Dictionary<Node, string> tensors = [];

    private OnnxTranslation(ScoringGraph<T> network, IOnnxGraph graph, string features)
    {
        (this.network, this.features, nodes) = (network, features, new(graph));
        foreach (var node in network.Topology.Order.Where(node => !TakesNumbers(node) && !IsPartOfGemm(node)))
        {
            values[node] = Translated(node);
        }
    }

    /// <summary>Writes a graph.</summary>
    /// <param name="network">The graph.</param>
    /// <param name="graph">Receives it.</param>
    /// <param name="features">The name of the features there.</param>
    /// <returns>The name of the scores, and of the probabilities if there are any.</returns>
    /// <exception cref="NotSupportedException">An operation has no counterpart in ONNX.</exception>
    public static (string Scores, string? Probabilities) Write(ScoringGraph<T> network, IOnnxGraph graph, string features)
    {
        var translation = new OnnxTranslation<T>(network, graph, features);
        return (translation.Whole(network.Scores), network.Probabilities is { } node ? translation.Whole(node) : null);
    }

    private Onnx<T> Translated(Node node) => node.Op switch
    {
        _ when node == network.Features => Value(features),
        Constant op => op.Value,
        Map<Formulas.Primitives.Addition> when BiasedProduct(node) is { } product => Gemm(product.Inputs[0], product.Inputs[1], node.Inputs[1]),
        Product => Gemm(node.Inputs[0], node.Inputs[1], null),
        TransposedProduct => Value(nodes.Apply("Gemm", [Whole(node.Inputs[0]), Whole(node.Inputs[1])], OnnxAttribute.Of("transA", 1))),
        Transposition => Value(Transposed(Whole(node.Inputs[0]))),
        Map op => op.Read(Operand(node, 0), Operand(node, 1), Operand(node, 2)),
        Apply op => op.Function.Forward(Operand(node, 0)),
        Repeat => Value(Repeated(Operand(node, 0).In(nodes), node.Shape)),
        Columns op => Value(nodes.Apply("Slice", [Whole(node.Inputs[0]), nodes.Whole(op.First), nodes.Whole(op.First + node.Shape.Columns), nodes.Whole(1)])),
        Concatenation => Value(nodes.Apply("Concat", [.. node.Inputs.Select(Whole)], OnnxAttribute.Of("axis", 1))),
        Softmax => Value(nodes.Apply("Softmax", [Whole(node.Inputs[0])], OnnxAttribute.Of("axis", 1))),
        LogSoftmax => Value(nodes.Apply("LogSoftmax", [Whole(node.Inputs[0])], OnnxAttribute.Of("axis", 1))),
        RowSums => Value(nodes.Apply("MatMul", [Whole(node.Inputs[0]), Ones(node.Inputs[0].Shape.Columns, 1)])),
        ColumnSums when !node.Inputs[0].Shape.IsBatch => Value(nodes.Apply("MatMul", [Ones(1, node.Inputs[0].Shape.Rows), Whole(node.Inputs[0])])),
        Normalisation { OfRows: true } op => Normalised(Operand(node, 0), op.Epsilon),
        SquaredDistance => Value(SquaredDistances(node.Inputs[0], node.Inputs[1])),
        Lookup => Value(nodes.Apply("Gather", [Whole(node.Inputs[1]), Indices(node.Inputs[0])])),
        _ => throw network.Refusal(node, "ONNX"),
    };

    private Onnx<T> Value(string name) => new(nodes, name);

    /// <summary>An input as one that others repeat against it by themselves; nothing for one that is not there.</summary>
    private Onnx<T> Operand(Node node, int input)
        => input >= node.Inputs.Count ? default : TakesNumbers(node.Inputs[input]) ? Value(Whole(node.Inputs[input])) : values[node.Inputs[input]];

    /// <summary>The name of a node's value, with as many rows and columns as the node has.</summary>
    private string Whole(Node node)
    {
        if (TakesNumbers(node))
        {
            var tensor = TensorOf(node);
            return network.TensorOf(node)?.Layout == TensorLayout.Transposed ? Transposed(tensor) : tensor;
        }

        var name = values[node].In(nodes);
        return node.Op is Constant ? Repeated(name, node.Shape) : name;
    }

    private static bool TakesNumbers(Node node) => node.Op is Parameter or State;

    /// <summary>A leaf's numbers in the layout of PyTorch's state dict, vectors as rows.</summary>
    private string TensorOf(Node leaf)
    {
        if (!tensors.TryGetValue(leaf, out var name))
        {
            var (rows, columns) = network.TensorOf(leaf) is { } tensor ? (tensor.Rows, tensor.Columns) : (leaf.Shape.Rows, leaf.Shape.Columns);
            tensors[leaf] = name = nodes.Tensor(leaf.Name, network.NumbersOf(leaf), rows, columns);
        }

        return name;
    }

    private string Transposed(string matrix) => nodes.Apply("Transpose", [matrix]);

    private string Ones(int rows, int columns)
        => nodes.Apply("Expand", [nodes.Number(T.One), nodes.Whole(rows, columns)]);

    /// <summary>The product whose sum with a row this is, if nothing else wants it: Gemm adds the row by itself.</summary>
    private Node? BiasedProduct(Node sum)
        => sum.Op is Map<Formulas.Primitives.Addition> && sum.Inputs is [{ Op: Product } product, { Shape.Rows: 1 } bias]
            && bias.Shape.Columns == product.Shape.Columns && network.Topology.Consumers(product).Count == 1 ? product : null;

    private bool IsPartOfGemm(Node node)
        => node.Op is Product && network.Topology.Consumers(node) is [var (consumer, _)] && BiasedProduct(consumer) == node;

    private Onnx<T> Gemm(Node a, Node b, Node? bias)
    {
        var isTransposed = TakesNumbers(b) && network.TensorOf(b)?.Layout == TensorLayout.Transposed;
        string[] inputs = [Whole(a), isTransposed ? TensorOf(b) : Whole(b), .. bias is null ? Array.Empty<string>() : [Whole(bias)]];
        return Value(nodes.Apply("Gemm", inputs, isTransposed ? [OnnxAttribute.Of("transB", 1)] : []));
    }

    /// <summary>Each row less its mean, over its deviation: written out, as LayerNormalization may cancel where the mean is large.</summary>
    private Onnx<T> Normalised(Onnx<T> x, double epsilon)
    {
        Onnx<T> Mean(Onnx<T> of) => Value(nodes.Apply("ReduceMean", [of.In(nodes)], OnnxAttribute.List("axes", 1), OnnxAttribute.Of("keepdims", 1)));
        var deviation = x - Mean(x);
        return deviation * Kernels.Normalising.InverseRoot(Mean(deviation * deviation), epsilon);
    }

    /// <summary>From the differences themselves, rows × units × columns of them, so that nothing cancels.</summary>
    private string SquaredDistances(Node x, Node w)
    {
        var rows = nodes.Apply("Reshape", [Whole(x), nodes.Whole(-1, 1, x.Shape.Columns)]);
        var units = TakesNumbers(w) && network.TensorOf(w)?.Layout == TensorLayout.Transposed ? TensorOf(w) : Transposed(Whole(w));
        return nodes.Apply("ReduceSumSquare", [nodes.Apply("Sub", [rows, units])], OnnxAttribute.List("axes", 2), OnnxAttribute.Of("keepdims", 0));
    }

    private string Indices(Node column)
        => nodes.Apply("Cast", [nodes.Apply("Reshape", [Whole(column), nodes.Whole(-1)])], OnnxAttribute.Of("to", LongType));

    private string Repeated(string value, Shape shape)
    {
        if (!shape.IsBatch)
        {
            return nodes.Apply("Expand", [value, nodes.Whole(shape.Rows, shape.Columns)]);
        }

        var rows = nodes.Apply("Slice", [nodes.Apply("Shape", [features]), nodes.Whole(0), nodes.Whole(1)]);
        return nodes.Apply("Expand", [value, nodes.Apply("Concat", [rows, nodes.Whole(shape.Columns)], OnnxAttribute.Of("axis", 0))]);
    }
}
