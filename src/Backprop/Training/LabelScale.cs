using System.Numerics;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>Standardises the labels of regressions, so that a network's first outputs are of the right size whatever the label's units.</summary>
/// <param name="Shift">The mean of each target; 0 where the target is left as it is.</param>
/// <param name="Scale">Its standard deviation; 1 for a constant target, or one left as it is.</param>
internal sealed record LabelScale<T>(T[] Shift, T[] Scale) where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>What each output is multiplied by to be in the label's units.</summary>
    public required T[] OutputScale { get; init; }

    /// <summary>What is added then.</summary>
    public required T[] OutputShift { get; init; }

    /// <summary>The mean and standard deviation of some rows' targets, in double and in row order; null if every target stays as it is.</summary>
    public static LabelScale<T>? Of(Model model, Examples<T> examples, int[] rows) => Of(model, target => Moments.Of(
        rows.Length, i => double.CreateTruncating(examples.Targets[rows[i] * examples.TargetColumns + target])));

    /// <summary>The same by moments that are known.</summary>
    public static LabelScale<T>? Of(Model model, Func<int, Moments> momentsOf)
    {
        var (shift, scale) = (new T[model.Targets], Ones(model.Targets));
        foreach (var target in Outputs(model).Select(output => output.Target).Distinct())
        {
            (shift[target], scale[target]) = Rounded(momentsOf(target));
        }

        return Of(model, shift, scale);
    }

    /// <summary>The scale of a trained network, so that training goes on from the scores it gives; null if every target stays as it is.</summary>
    /// <exception cref="ArgumentException">Its outputs' scales are not such as training gives.</exception>
    public static LabelScale<T>? Of(Network<T> network)
    {
        var model = network.Model;
        var (shift, scale) = (new T[model.Targets], Ones(model.Targets));
        foreach (var (output, target, _) in Outputs(model).Where(output => !output.Squared))
        {
            (shift[target], scale[target]) = (network.OutputShift[output], network.OutputScale[output]);
        }

        var labels = Of(model, shift, scale);
        for (var i = 0; i < model.Outputs; i++)
        {
            var (outputScale, outputShift) = (labels?.OutputScale[i] ?? T.One, labels?.OutputShift[i] ?? T.Zero);
            var (ownScale, ownShift) = (network.OutputScale[i], network.OutputShift[i]);
            if (!(ownScale > T.Zero && T.IsFinite(ownScale) && T.IsFinite(ownShift) && ownScale == outputScale && ownShift == outputShift))
            {
                throw new ArgumentException(
                    $"Output {i} of the network to start from is multiplied by {ownScale} and {ownShift} is added, which training does not give a "
                    + $"network {model}: the scale is a finite number above 0, the same for all outputs of a target, its square for a variance, and "
                    + $"1 with shift 0 where labels are not standardised. Correct {nameof(network.OutputScale)} and {nameof(network.OutputShift)}.");
            }
        }

        return labels;
    }

    /// <summary>The table with standardised targets.</summary>
    public Examples<T> Apply(Examples<T> examples)
    {
        var targets = examples.Targets.ToArray();
        Apply(targets);
        return examples.WithTargets(targets);
    }

    /// <summary>Standardises the targets of whole rows.</summary>
    public void Apply(Span<T> targets)
    {
        for (var i = 0; i < targets.Length; i++)
        {
            var column = i % Shift.Length;
            targets[i] = (targets[i] - Shift[column]) / Scale[column];
        }
    }

    /// <summary>The same, with the units of the outputs.</summary>
    private static LabelScale<T>? Of(Model model, T[] shift, T[] scale)
    {
        var (outputShift, outputScale) = (new T[model.Outputs], Ones(model.Outputs));
        foreach (var (output, target, squared) in Outputs(model))
        {
            var unit = scale[target];
            (outputShift[output], outputScale[output]) = squared ? (T.Zero, unit * unit) : (shift[target], unit);
        }

        return model.HeadOutputs.Any(part => part.Head.Standardises)
            ? new(shift, scale) { OutputScale = outputScale, OutputShift = outputShift }
            : null;
    }

    /// <summary>Every output in the units of a standardised target, or in their squares.</summary>
    private static IEnumerable<(int Output, int Target, bool Squared)> Outputs(Model model)
    {
        var (target, output) = (0, 0);
        foreach (var (logits, head, _) in model.HeadOutputs)
        {
            for (var i = 0; i < logits.Width && head.Standardises; i++)
            {
                var (of, squared) = head.UnitsOf(i, logits.Width);
                yield return (output + i, target + of, squared);
            }

            (target, output) = (target + head.TargetColumns(logits.Width), output + logits.Width);
        }
    }

    private static (T Mean, T Deviation) Rounded(Moments moments)
    {
        var deviation = T.CreateTruncating(moments.Deviation);
        return (T.CreateTruncating(moments.Mean), T.IsNormal(deviation) && T.IsFinite(deviation) ? deviation : T.One);
    }

    private static T[] Ones(int count)
    {
        var ones = new T[count];
        ones.AsSpan().Fill(T.One);
        return ones;
    }
}
