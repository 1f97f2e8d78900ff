using System.Globalization;
using Backprop.Formulas;
using Backprop.Graph;

namespace Backprop.Models;

/// <summary>The description of a multilayer perceptron: sizes, one activation for the hidden layers, and a head.</summary>
public sealed class Mlp
{
    /// <summary>The most units a layer may have: more is a typing mistake far more often than a wish.</summary>
    public const int MaxUnits = 1 << 20;

    /// <summary>The most weights a network may have: with its optimizer's states they must fit one buffer.</summary>
    public const long MaxParameters = 1 << 28;

    /// <summary>Describes a network.</summary>
    /// <param name="sizes">Inputs, hidden units layer by layer, outputs: at least two numbers, each from 1 to <see cref="MaxUnits"/>.</param>
    /// <param name="activation">Applied after each hidden layer.</param>
    /// <param name="head">The task.</param>
    /// <exception cref="ArgumentException">A size is out of range, or does not fit the head.</exception>
    public Mlp(IReadOnlyList<int> sizes, Activation activation, Head head)
    {
        if (sizes.Count < 2)
        {
            throw new ArgumentException($"A network of {sizes.Count} sizes has no layer. Give inputs and outputs at least, such as 4-16-3.");
        }

        for (var i = 0; i < sizes.Count; i++)
        {
            if (sizes[i] is < 1 or > MaxUnits)
            {
                throw new ArgumentException($"Layer size {i + 1} is {sizes[i]}, outside 1 to {MaxUnits}. Correct it.");
            }
        }

        head.RequireOutputs(sizes[^1]);
        (Sizes, Activation, Head) = ([.. sizes], activation, head);
        if (Parameters > MaxParameters)
        {
            throw new ArgumentException($"The network {this} has {Parameters} weights, more than {MaxParameters}. Make its largest layers smaller.");
        }
    }

    /// <summary>Inputs, hidden units layer by layer, outputs.</summary>
    public IReadOnlyList<int> Sizes { get; }

    /// <summary>Applied after each hidden layer.</summary>
    public Activation Activation { get; }

    /// <summary>The task.</summary>
    public Head Head { get; }

    /// <summary>The number of features of a row.</summary>
    public int Inputs => Sizes[0];

    /// <summary>The number of logits of a row.</summary>
    public int Outputs => Sizes[^1];

    /// <summary>The number of linear layers.</summary>
    public int Layers => Sizes.Count - 1;

    /// <summary>The number of weights and biases.</summary>
    public long Parameters => Enumerable.Range(0, Layers).Sum(l => (Sizes[l] + 1L) * Sizes[l + 1]);

    /// <summary>Reads sizes written like <c>784-256-128-10</c>.</summary>
    /// <exception cref="ArgumentException">The text is not a list of sizes joined by hyphens.</exception>
    public static Mlp Parse(string sizes, Activation activation, Head head)
    {
        var numbers = sizes.Split('-').Select(part =>
            int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
                ? size
                : throw new ArgumentException($"'{sizes}' is not a network: '{part}' is not a whole number. Write sizes joined by hyphens, such as 784-256-128-10."));
        return new([.. numbers], activation, head);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join('-', Sizes);

    /// <summary>The name of layer l's weights, as in the state dict of a PyTorch <c>nn.Sequential</c> of linear layers and activations.</summary>
    internal static string WeightName(int layer) => $"{2 * layer}.weight";

    /// <summary>The name of layer l's biases.</summary>
    internal static string BiasName(int layer) => $"{2 * layer}.bias";

    /// <summary>Writes the network as a graph: h ← f(h W + b) layer by layer, then the head's loss.</summary>
    /// <param name="sparse">Whether features are sparse.</param>
    /// <param name="shared">The parameters of another graph of this network to use, or null for new ones.</param>
    internal MlpGraph ToGraph(bool sparse = false, IReadOnlyList<Node>? shared = null)
    {
        var input = Node.Input("input", Inputs, sparse);
        var target = Node.Input("target", Head.TargetColumns(Outputs));
        var exampleWeight = Node.Input("exampleWeight", 1);
        var parameters = new List<Node>();
        var h = input;
        for (var layer = 0; layer < Layers; layer++)
        {
            var weight = shared?[2 * layer] ?? Node.Parameter(WeightName(layer), Sizes[layer], Sizes[layer + 1]);
            var bias = shared?[2 * layer + 1] ?? Node.Parameter(BiasName(layer), 1, Sizes[layer + 1]);
            parameters.AddRange([weight, bias]);
            h = h.Times(weight).AddRow(bias);
            if (layer < Layers - 1)
            {
                h = h.Apply(Activation);
            }
        }

        return new(input, target, exampleWeight, h, Head.Loss(h, target, exampleWeight), parameters);
    }
}

/// <summary>The nodes of a network's graph that its users name.</summary>
internal sealed record MlpGraph(Node Input, Node Target, Node ExampleWeight, Node Logits, Node Loss, IReadOnlyList<Node> Parameters);
