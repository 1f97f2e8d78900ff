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
        var (outputShift, outputScale) = (new T[model.Outputs], Ones(model.Outputs));
        var (target, output) = (0, 0);
        foreach (var (logits, head, _) in model.HeadOutputs)
        {
            var targets = head.TargetColumns(logits.Width);
            for (var i = 0; i < targets && head.Standardises; i++)
            {
                (shift[target + i], scale[target + i]) = Rounded(momentsOf(target + i));
            }

            for (var i = 0; i < logits.Width && head.Standardises; i++)
            {
                var (of, squared) = head.UnitsOf(i, logits.Width);
                var unit = scale[target + of];
                (outputShift[output + i], outputScale[output + i]) = squared ? (T.Zero, unit * unit) : (shift[target + of], unit);
            }

            (target, output) = (target + targets, output + logits.Width);
        }

        return model.HeadOutputs.Any(part => part.Head.Standardises)
            ? new(shift, scale) { OutputScale = outputScale, OutputShift = outputShift }
            : null;
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
