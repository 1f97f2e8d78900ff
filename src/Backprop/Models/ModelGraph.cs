using Backprop.Graph;
using Backprop.Models.Layers;

namespace Backprop.Models;

/// <summary>The nodes of a network's graph that its users name.</summary>
/// <param name="Input">Features.</param>
/// <param name="ExampleWeight">A weight for each row.</param>
/// <param name="Heads">The outputs, head by head.</param>
/// <param name="Loss">The scalar that is learned from: the heads' mean losses, weighted and added.</param>
/// <param name="Tensors">A node for each of the network's tensors, in logical order.</param>
/// <param name="Parameters">Those that are learned.</param>
/// <param name="Values">The node of each signal.</param>
/// <param name="Mode">What is to be done beside computing: masks to fill, states to assign.</param>
internal sealed record ModelGraph(
    Node Input,
    Node ExampleWeight,
    IReadOnlyList<HeadGraph> Heads,
    Node Loss,
    IReadOnlyList<Node> Tensors,
    IReadOnlyList<Node> Parameters,
    IReadOnlyDictionary<Signal, Node> Values,
    GraphMode Mode)
{
    /// <summary>The same network with other nodes in the place of some.</summary>
    public ModelGraph With(Rewriting rewriting)
    {
        foreach (var (state, next) in Mode.Assignments.ToList())
        {
            Mode.Assign(state, _ => rewriting.Forward(next));
        }

        return this with
        {
            Heads = [.. Heads.Select(head => head with { Logits = rewriting.Forward(head.Logits), Losses = [.. head.Losses.Select(rewriting.Forward)] })],
            Loss = rewriting.Forward(Loss),
            Values = Values.ToDictionary(pair => pair.Key, pair => rewriting.Forward(pair.Value)),
        };
    }
}

/// <summary>The nodes of one head.</summary>
/// <param name="Target">Its targets.</param>
/// <param name="Logits">Its outputs.</param>
/// <param name="Losses">The head's loss is the mean of these: of its outputs, or in training of each of its members.</param>
internal sealed record HeadGraph(Node Target, Node Logits, IReadOnlyList<Node> Losses);
