using System.Numerics;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Planning;
using Constant = Backprop.Graph.Ops.Constant;
using TensorLayout = Backprop.Models.Layers.TensorLayout;

namespace Backprop.Export;

/// <summary>Writes a scoring graph as the statements that score a row, each operation in one place.</summary>
/// <remarks>What depends on no row is computed now, by the engine, and becomes a table of constants.</remarks>
internal sealed class CSharpTranslation<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private static readonly string[] Parameters = ["a", "b", "c"];

    private readonly ScoringGraph<T> network;
    private readonly CSharpMembers<T> members;
    private readonly List<string> statements = [];
    private readonly Dictionary<Node, string> values = [];
    private readonly Dictionary<Node, string> tables = [];
    private readonly HashSet<Node> ofRows = [];

    /// <summary>Writes a graph.</summary>
    /// <param name="network">The graph.</param>
    /// <param name="members">Receives tables and functions.</param>
    /// <exception cref="NotSupportedException">An operation has no counterpart in C# source.</exception>
    public CSharpTranslation(ScoringGraph<T> network, CSharpMembers<T> members)
    {
        (this.network, this.members) = (network, members);
        foreach (var node in new Topology([network.Scores]).Order)
        {
            if (node == network.Features)
            {
                values[node] = "features";
            }
            else if (node.Op is CustomOp or Source or BatchShare || (!node.Shape.IsBatch && node.Inputs.Any(ofRows.Contains)))
            {
                throw network.Refusal(node, Form);
            }
            else if (node.Inputs.Any(ofRows.Contains))
            {
                values[node] = Translated(node);
            }
            else
            {
                continue;
            }

            ofRows.Add(node);
        }

        statements.Add($"{Row(network.Scores)}.CopyTo(scores);");
    }

    /// <summary>What the text is, in words.</summary>
    private const string Form = "C# source";

    /// <summary>From <c>features</c> to <c>scores</c>, by way of <c>memory</c>.</summary>
    public IReadOnlyList<string> Statements => statements;

    /// <summary>How many numbers of memory that takes.</summary>
    public int Workspace { get; private set; }

    private string Translated(Node node) => node.Op switch
    {
        Map op => Elementwise(node, numbers => op.Read(numbers[0], numbers[1], numbers[2])),
        Apply op => Elementwise(node, numbers => op.Function.Forward(numbers[0])),
        Repeat => Made(node, result => $"{result}.Fill({Row(node.Inputs[0])}[0]);"),
        Product => Kernel("Multiply", node, Row(node.Inputs[0]), Table(node.Inputs[1])),
        SquaredDistance => Kernel("SquaredDistances", node, Row(node.Inputs[0]), Table(node.Inputs[1])),
        Softmax => Kernel("Softmax", node, Row(node.Inputs[0])),
        LogSoftmax => Kernel("LogSoftmax", node, Row(node.Inputs[0])),
        Normalisation { OfRows: true } op => Kernel("Normalise", node, Row(node.Inputs[0]), Code<T>.Literal(T.CreateTruncating(op.Epsilon))),
        RowSums => Sum(node),
        Columns op => Local($"{Row(node.Inputs[0])}.Slice({op.First}, {node.Shape.Columns})"),
        Concatenation => Joined(node),
        Lookup => Local($"{Table(node.Inputs[1])}.Slice({Category(node)} * {node.Shape.Columns}, {node.Shape.Columns})"),
        _ => throw network.Refusal(node, Form),
    };

    /// <summary>f of each column, of operands of as many columns or one.</summary>
    private string Elementwise(Node node, Func<CSharp<T>[], CSharp<T>> read)
    {
        // A single number that no row changes is written into the function.
        var known = node.Inputs.Select(input => !ofRows.Contains(input) && input.Shape.Columns == 1 ? Matrix(input)[0, 0] : (T?)null).ToArray();
        int[] given = [.. Enumerable.Range(0, node.Inputs.Count).Where(i => known[i] is null)];
        var function = members.Function(node.Op.Name, [.. given.Select(i => Parameters[i])], method =>
        {
            CSharp<T> Number(int i) => i >= known.Length ? default : new(known[i] is { } number ? new(number) : method.Parameter(Parameters[i]));
            return read([Number(0), Number(1), Number(2)]).Code;
        });
        var operands = given.Select(i => $"{Row(node.Inputs[i])}[{(node.Inputs[i].Shape.Columns == 1 ? "0" : "i")}]").ToArray();
        return Made(node, result => $"for (var i = 0; i < {result}.Length; i++) {{ {result}[i] = {function}({string.Join(", ", operands)}); }}");
    }

    private string Kernel(string name, Node node, params IEnumerable<string> arguments)
    {
        members.Use(name);
        return Made(node, result => $"{name}({string.Join(", ", arguments)}, {result});");
    }

    private string Sum(Node node)
    {
        members.Use("Sum");
        return Made(node, result => $"{result}[0] = Sum({Row(node.Inputs[0])});");
    }

    private string Joined(Node node) => Made(node, result =>
    {
        var (parts, first) = (new List<string>(), 0);
        foreach (var input in node.Inputs)
        {
            parts.Add($"{Row(input)}.CopyTo({result}.Slice({first}));");
            first += input.Shape.Columns;
        }

        return string.Join(' ', parts);
    });

    private string Category(Node lookup)
    {
        members.Use("Category");
        return $"Category({Row(lookup.Inputs[0])}[0], {lookup.Inputs[1].Shape.Rows})";
    }

    /// <summary>A place in memory, and the statement that writes it.</summary>
    private string Made(Node node, Func<string, string> statement)
    {
        var result = Local($"memory.Slice({Workspace}, {node.Shape.Columns})");
        Workspace = checked(Workspace + node.Shape.Columns);
        statements.Add(statement(result));
        return result;
    }

    private string Local(string expression)
    {
        var name = $"v{values.Count}";
        statements.Add($"var {name} = {expression};");
        return name;
    }

    /// <summary>The source of a node's row: a local, or a table of what is the same for all rows.</summary>
    private string Row(Node node) => ofRows.Contains(node) ? values[node] : Table(node);

    private string Table(Node node)
    {
        if (!tables.TryGetValue(node, out var name))
        {
            tables[node] = name = members.Table(node.TakesNumbers ? node.Name : $"{node.Op.Name}Table", Matrix(node));
        }

        return name;
    }

    /// <summary>The numbers of a node that depends on no row; one row of those that are the same in all.</summary>
    private T[,] Matrix(Node node)
    {
        if (node.Op is Constant constant)
        {
            return Filled(node.Shape.IsBatch ? 1 : node.Shape.Rows, node.Shape.Columns, (_, _) => T.CreateTruncating(constant.Value));
        }

        if (node.TakesNumbers)
        {
            var isTransposed = network.TensorOf(node)?.Layout == TensorLayout.Transposed;
            var values = network.NumbersOf(node).ToArray();
            var (rows, columns) = (node.Shape.Rows, node.Shape.Columns);
            return Filled(rows, columns, (i, j) => values[isTransposed ? j * rows + i : i * columns + j]);
        }

        using var numbers = new Numbers<T>();
        foreach (var leaf in new Topology([node]).Order.Where(leaf => leaf.TakesNumbers))
        {
            numbers[leaf] = Matrix(leaf);
        }

        return numbers.Value(node);
    }

    private static T[,] Filled(int rows, int columns, Func<int, int, T> number)
    {
        var matrix = new T[rows, columns];
        for (var i = 0; i < matrix.Length; i++)
        {
            matrix[i / columns, i % columns] = number(i / columns, i % columns);
        }

        return matrix;
    }
}
