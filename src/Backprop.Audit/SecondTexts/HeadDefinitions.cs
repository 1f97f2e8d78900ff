using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Audit;

/// <summary>The loss of every head once more, as its paper or PyTorch's manual defines it.</summary>
internal static class HeadDefinitions
{
    /// <summary>A batch's loss; null where the head's is none of the library's.</summary>
    /// <param name="head">The head.</param>
    /// <param name="logits">Its logits, by rows.</param>
    /// <param name="targets">Its targets, by rows.</param>
    public static double? Of(Head head, double[][] logits, double[][] targets)
    {
        // Each row's losses, and what their mean divides by.
        Func<double[], double[], (double Losses, double Terms)>? row = head switch
        {
            MulticlassHead of => (z, t) => CrossEntropy(of, z, t),
            QuantileHead { Levels: var levels }
                => (z, t) => (z.Zip(levels, (one, level) => Math.Max(level * (t[0] - one), (level - 1) * (t[0] - one))).Sum(), z.Length),
            GaussianHead => (z, t) => (t.Select((target, j) => Gaussian(z[j], z[t.Length + j], target)).Sum(), t.Length),
            { OutputLoss: { } loss } when Definitions.Of(loss) is { } definition => (z, t) => (z.Zip(t, definition).Sum(), z.Length),
            _ => null,
        };
        if (row is null)
        {
            return null;
        }

        var rows = logits.Zip(targets, row).ToList();
        return rows.Sum(of => of.Losses) / (head.Reduction == Reduction.Sum ? 1 : rows.Sum(of => of.Terms));
    }

    /// <summary>−Σ w q log softmax(z), q being the targets' probabilities, smoothed: PyTorch's CrossEntropyLoss.</summary>
    private static (double Losses, double Terms) CrossEntropy(MulticlassHead of, double[] z, double[] t)
    {
        if (of.ClassLabels && t[0] == of.IgnoreIndex)
        {
            return default;
        }

        double WeightOf(int c) => of.ClassWeights?[c] ?? 1;
        var total = Math.Log(z.Sum(Math.Exp));
        var losses = z.Select((logit, c)
            => WeightOf(c) * ((1 - of.LabelSmoothing) * (of.ClassLabels ? t[0] == c ? 1 : 0 : t[c]) + of.LabelSmoothing / z.Length) * (total - logit)).Sum();
        return (losses, of.ClassLabels ? WeightOf((int)t[0]) : 1);
    }

    /// <summary>½ (log v + (m − t)² / v), the variance at least 10⁻⁶: PyTorch's GaussianNLLLoss.</summary>
    private static double Gaussian(double mean, double logVariance, double target)
    {
        var variance = Math.Max(Math.Exp(logVariance), 1e-6);
        return (Math.Log(variance) + Math.Pow(mean - target, 2) / variance) / 2;
    }
}
