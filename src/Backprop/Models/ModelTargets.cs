using System.Numerics;

namespace Backprop.Models;

/// <content>What the targets of a row are to the heads that they stand side by side for.</content>
public partial class Model
{
    /// <summary>The first of a row's targets that its head cannot learn from, and what it takes.</summary>
    internal (T Label, string Expected)? FindLabel<T>(ReadOnlySpan<T> targets) where T : unmanaged, IFloatingPointIeee754<T>
    {
        foreach (var (logits, head, _) in outputs)
        {
            var own = targets[..head.TargetColumns(logits.Width)];
            foreach (var label in own)
            {
                if (!head.Takes(double.CreateTruncating(label), logits.Width))
                {
                    return (label, head.Labels);
                }
            }

            targets = targets[own.Length..];
        }

        return null;
    }

    /// <summary>The class of a row with those targets: that of the first head that has any, or else 0.</summary>
    internal int ClassOf<T>(ReadOnlySpan<T> targets) where T : unmanaged, IFloatingPointIeee754<T>
    {
        foreach (var (logits, head, _) in outputs)
        {
            var columns = head.TargetColumns(logits.Width);
            if (head.Classifies)
            {
                return head.ClassOf(targets[..columns]);
            }

            targets = targets[columns..];
        }

        return 0;
    }

    /// <summary>Whether a row with those targets counts in the loss of a head.</summary>
    internal bool Counts<T>(ReadOnlySpan<T> targets) where T : unmanaged, IFloatingPointIeee754<T>
    {
        foreach (var (logits, head, _) in outputs)
        {
            var columns = head.TargetColumns(logits.Width);
            if (head.Counts(targets[..columns]))
            {
                return true;
            }

            targets = targets[columns..];
        }

        return false;
    }
}
