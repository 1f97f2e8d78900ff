using System.Numerics;
using Backprop.Models.Layers;

namespace Backprop.Models;

/// <summary>Several networks of one description as one network, whose logits are the means of theirs.</summary>
/// <remarks>
/// <para>
/// It is a network like any other: it is saved, exported, scored and explained as they are, and takes the time of all of them. Layer
/// <c>n</c> of the first is <c>member1.n</c>. Where a head's logits come from a linear layer of its own, that layer's weights and biases
/// are divided by the number of networks and a sum follows; else the sum is multiplied by a <see cref="Scale"/>.
/// </para>
/// <para>
/// So probabilities are geometric means of the members', normalised; rates, and a Gaussian's variances, are geometric means too. As
/// losses of classes, counts, quantiles and means are convex in the logits, the loss on any row is at most the mean of the members'
/// losses there. That does not hold for a Gaussian's variances, which know nothing of how far the members' means are apart.
/// </para>
/// </remarks>
public static class Ensemble
{
    /// <summary>The description of the mean of networks; the network's own for one.</summary>
    /// <param name="members">What each is: of the same features and heads, and usually of the same layers.</param>
    /// <exception cref="ArgumentException">There is none, they are not for the same, or all of them are too large for one network.</exception>
    public static Model Of(params IReadOnlyList<Model> members)
    {
        if (members is [var only])
        {
            return only;
        }

        var model = members.Count > 0 ? members[0] : throw new ArgumentException("The mean of 0 networks is none. Give 1 at least.");
        static IEnumerable<(Head, int, double)> HeadsOf(Model one) => one.HeadOutputs.Select(output => (output.Head, output.Logits.Width, output.LossWeight));
        if (members.FirstOrDefault(other => other.Inputs != model.Inputs || !HeadsOf(other).SequenceEqual(HeadsOf(model))) is { } stranger)
        {
            throw new ArgumentException($"The networks {model} and {stranger} have no mean: their features or heads differ. Give networks for the same.");
        }

        var features = Signal.Features(model.Inputs);
        var branches = members.Select((member, i) => Branch(member, features, i + 1)).ToArray();
        var means = new Signal[model.HeadOutputs.Count];
        for (var head = 0; head < means.Length; head++)
        {
            var (same, at) = (FirstAlike(members, head), head);
            var sum = same < head ? means[same] : Signal.Of(new Sum(), [.. members.Select((member, i) => branches[i][member.HeadOutputs[at].Logits])]);
            means[head] = same < head || IsDividable(members, head) ? sum : sum.Scale(MeanName(model, head));
        }

        return Model.Of([.. model.HeadOutputs.Select((output, head) => output with { Logits = means[head] })]);
    }

    /// <summary>The mean of networks: a copy of the only one, or what <see cref="Of"/> describes.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    /// <param name="members">The weights of each.</param>
    /// <exception cref="ArgumentException">There is none, they are of networks for other features or heads, or too many for one.</exception>
    public static Weights<T> Mean<T>(params IReadOnlyList<Weights<T>> members) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (members is [var only])
        {
            return only.Clone();
        }

        Model[] models = [.. members.Select(member => member.Model)];
        var (mean, count) = (new Weights<T>(Of(models)), T.CreateTruncating(members.Count));
        int[] heads = [.. Enumerable.Range(0, models[0].HeadOutputs.Count)];
        for (var i = 0; i < members.Count; i++)
        {
            var own = models[i];
            var divided = own.NamedLayers.Where(layer => heads.Any(head => IsDividable(models, head) && own.HeadOutputs[head].Logits == layer.First))
                .SelectMany(layer => new[] { $"{layer.Name}.weight", $"{layer.Name}.bias" }).ToHashSet();
            foreach (var tensor in members[i].Tensors)
            {
                var target = mean[NameOf(i + 1, tensor.Name)];
                members[i][tensor].CopyTo(target);
                if (divided.Contains(tensor.Name))
                {
                    foreach (ref var number in target)
                    {
                        number /= count;
                    }
                }
            }
        }

        foreach (var head in heads.Where(head => FirstAlike(models, head) == head && !IsDividable(models, head)))
        {
            mean[$"{MeanName(models[0], head)}.weight"].Fill(T.One / count);
        }

        return mean;
    }

    /// <summary>Every signal of a network, again, from layers under the member's name.</summary>
    private static Dictionary<Signal, Signal> Branch(Model model, Signal features, int member)
    {
        var layers = model.NamedLayers.ToDictionary(layer => layer.First.Layer!, layer => layer.First.Layer!.Named(NameOf(member, layer.Name)));
        var branch = new Dictionary<Signal, Signal> { [model.Signals[0]] = features };
        foreach (var signal in model.Signals.Skip(1))
        {
            branch[signal] = Signal.Of(layers[signal.Layer!], [.. signal.Inputs.Select(input => branch[input])]);
        }

        return branch;
    }

    private static string NameOf(int member, string name) => $"member{member}.{name}";

    private static string MeanName(Model model, int head) => model.HeadOutputs.Count == 1 ? "mean" : $"mean{head + 1}";

    /// <summary>The first head that is given the same logits in all networks: the head itself, mostly.</summary>
    private static int FirstAlike(IReadOnlyList<Model> members, int head)
        => Enumerable.Range(0, head + 1).First(other => members.All(member => member.HeadOutputs[other].Logits == member.HeadOutputs[head].Logits));

    /// <summary>Whether a head's logits come from a linear layer whose result nothing else is made of, in all networks.</summary>
    private static bool IsDividable(IReadOnlyList<Model> members, int head)
        => members.All(member => member.HeadOutputs[head].Logits is { Layer: Linear } logits
            && member.Signals.All(signal => !signal.Inputs.Contains(logits) && (signal.Layer != logits.Layer || signal == logits)));
}
