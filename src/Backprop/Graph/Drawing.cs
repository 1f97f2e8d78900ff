using System.Text;

namespace Backprop.Graph;

/// <summary>Prints a graph: as text, as Mermaid and as DOT.</summary>
public static class Drawing
{
    /// <summary>A line for each node, inputs first: <c>h = Product(x, w), batch × 4</c>.</summary>
    public static string ToText(params IReadOnlyList<Node> results)
    {
        var (text, names) = (new StringBuilder(), Names(results));
        foreach (var (node, name) in names)
        {
            var inputs = string.Join(", ", node.Inputs.Select(input => names[input]));
            text.Append(name).Append(node.IsLeaf ? "" : $" = {OneLine(node.Op.Name)}({inputs})").Append(", ").Append(node.Shape).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>A Mermaid flowchart, as GitHub shows it in Markdown.</summary>
    public static string ToMermaid(params IReadOnlyList<Node> results)
    {
        var (text, order) = (new StringBuilder("flowchart LR\n"), new Topology(results).Order.Index().ToDictionary(pair => pair.Item, pair => pair.Index));
        foreach (var (node, index) in order)
        {
            var (open, close) = node.IsLeaf ? ("([", "])") : ("[", "]");
            text.Append($"    n{index}{open}\"{string.Join("<br/>", Lines(node).Select(MermaidText))}\"{close}\n");
        }

        foreach (var (node, index) in order)
        {
            foreach (var input in node.Inputs)
            {
                text.Append($"    n{order[input]} --> n{index}\n");
            }
        }

        return text.ToString();
    }

    /// <summary>A digraph in Graphviz' language.</summary>
    public static string ToDot(params IReadOnlyList<Node> results)
    {
        var (text, order) =
            (new StringBuilder("digraph {\n    rankdir=LR;\n"), new Topology(results).Order.Index().ToDictionary(pair => pair.Item, pair => pair.Index));
        foreach (var (node, index) in order)
        {
            text.Append($"    n{index} [shape={(node.IsLeaf ? "ellipse" : "box")}, label=\"{string.Join("\\n", Lines(node).Select(DotText))}\"];\n");
        }

        foreach (var (node, index) in order)
        {
            foreach (var input in node.Inputs)
            {
                text.Append($"    n{order[input]} -> n{index};\n");
            }
        }

        return text.Append("}\n").ToString();
    }

    /// <summary>The name, the operation if that is another, and the shape.</summary>
    private static IEnumerable<string> Lines(Node node)
        => node.IsLeaf || node.Name == node.Op.Name ? [OneLine(node.Name), $"{node.Shape}"] : [OneLine(node.Name), OneLine(node.Op.Name), $"{node.Shape}"];

    /// <summary>Names of which none comes twice: the second addition is Addition#2.</summary>
    private static Dictionary<Node, string> Names(IReadOnlyList<Node> results)
    {
        var (names, used, counts) = (new Dictionary<Node, string>(), new HashSet<string>(), new Dictionary<string, int>());
        foreach (var node in new Topology(results).Order)
        {
            var (name, unique) = (OneLine(node.Name), OneLine(node.Name));
            while (!used.Add(unique))
            {
                counts[name] = counts.GetValueOrDefault(name, 1) + 1;
                unique = $"{name}#{counts[name]}";
            }

            names[node] = unique;
        }

        return names;
    }

    private static string OneLine(string name) => string.Concat(name.Select(c => char.IsControl(c) ? ' ' : c));

    private static string DotText(string line) => line.Replace("\\", "\\\\").Replace("\"", "\\\"");

    // By character codes: quotes end the text, # begins a code, a backtick begins Markdown, and browsers read HTML.
    private static string MermaidText(string line)
        => string.Concat(line.Select(c => c is '"' or '#' or '&' or '<' or '>' or '`' or '\\' or ';' ? $"#{(int)c};" : $"{c}"));
}
