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
    /// <summary>The description of the mean of that many networks; the network's own for one.</summary>
    /// <param name="model">What each is.</param>
    /// <param name="members">How many, 1 or more.</param>
    /// <exception cref="ArgumentException">There is none, or the network is too large to be there so often.</exception>
    public static Model Of(Model model, int members)
    {
        if (members < 1)
        {
            throw new ArgumentException($"The mean of {members} networks is none. Give 1 at least.");
        }

        if (members == 1)
        {
            return model;
        }

        var features = Signal.Features(model.Inputs);
        var branches = Enumerable.Range(1, members).Select(member => Branch(model, features, member)).ToArray();
        var means = new Dictionary<Signal, Signal>();
        foreach (var logits in model.HeadOutputs.Select(output => output.Logits).Distinct())
        {
            var sum = Signal.Of(new Sum(), [.. branches.Select(branch => branch[logits])]);
            means[logits] = IsDividable(model, logits) ? sum : sum.Scale(MeanName(model, logits));
        }

        return Model.Of([.. model.HeadOutputs.Select(output => output with { Logits = means[output.Logits] })]);
    }

    /// <summary>The mean of networks: a copy of the only one, or what <see cref="Of"/> describes.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    /// <param name="members">The weights of each, all of one description.</param>
    /// <exception cref="ArgumentException">There is none, or they are of different networks, or too many for one.</exception>
    public static Weights<T> Mean<T>(params IReadOnlyList<Weights<T>> members) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (members is [var only])
        {
            return only.Clone();
        }

        var model = members.Count > 0 ? members[0].Model : throw new ArgumentException("The mean of 0 networks is none. Give 1 at least.");
        var (mean, count) = (new Weights<T>(Of(model, members.Count)), T.CreateTruncating(members.Count));
        var logits = model.HeadOutputs.Select(output => output.Logits).Distinct().ToArray();
        var divided = model.NamedLayers.Where(layer => logits.Contains(layer.First) && IsDividable(model, layer.First))
            .SelectMany(layer => new[] { $"{layer.Name}.weight", $"{layer.Name}.bias" }).ToHashSet();
        for (var i = 0; i < members.Count; i++)
        {
            members[i].RequireFit(model, $"weights of member {i + 1}");
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

        foreach (var signal in logits.Where(signal => !IsDividable(model, signal)))
        {
            mean[$"{MeanName(model, signal)}.weight"].Fill(T.One / count);
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

    private static string MeanName(Model model, Signal logits)
        => model.HeadOutputs.Count == 1 ? "mean" : $"mean{model.HeadOutputs.TakeWhile(output => output.Logits != logits).Count() + 1}";

    /// <summary>Whether logits come from a linear layer whose result nothing else is made of.</summary>
    private static bool IsDividable(Model model, Signal logits) => logits.Layer is Linear
        && model.Signals.All(signal => !signal.Inputs.Contains(logits) && (signal.Layer != logits.Layer || signal == logits));
}
