using Backprop.Graph;

namespace Backprop.Models.Layers;

/// <summary>What a graph of a network is for, and what its layers need done beside computing their results.</summary>
public sealed class GraphMode
{
    private readonly List<(Node Mask, double Probability)> masks = [];
    private readonly Dictionary<Node, Node> assignments = [];

    internal GraphMode(bool training) => Training = training;

    /// <summary>Whether layers that behave differently in training do so.</summary>
    public bool Training { get; }

    /// <summary>Inputs to fill before each run, in this order: 0 with the probability, else 1 / (1 − the probability).</summary>
    internal IReadOnlyList<(Node Mask, double Probability)> Masks => masks;

    /// <summary>The value that each state takes after a step.</summary>
    public IReadOnlyDictionary<Node, Node> Assignments => assignments;

    /// <summary>A mask for a dropout of that many columns.</summary>
    public Node DropoutMask(int columns, double probability)
    {
        var mask = Node.FilledInput("mask", columns);
        masks.Add((mask, probability));
        return mask;
    }

    /// <summary>Has a state take a value after each step, made of its current one; a layer's later use goes on from the earlier one's.</summary>
    public void Assign(Node state, Func<Node, Node> next) => assignments[state] = next(assignments.GetValueOrDefault(state, state));
}
