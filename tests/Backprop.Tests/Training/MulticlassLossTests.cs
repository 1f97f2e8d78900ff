using System.Numerics;
using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Tests.Training;

/// <summary>Softmax cross-entropy with every option, against loops over single numbers, and at its edges.</summary>
public class MulticlassLossTests
{
    private const double Infinity = double.PositiveInfinity;

    public static TheoryData<string> Options
    {
        get
        {
            var data = new TheoryData<string>();
            foreach (var targets in new[] { "", "ignore=1,", "probabilities," })
            {
                foreach (var smoothing in new[] { "", "smoothing=0.1,", "smoothing=1," })
                {
                    foreach (var weights in new[] { "", "weights=," })
                    {
                        data.Add($"{targets}{smoothing}{weights}");
                        data.Add($"{targets}{smoothing}{weights}sum");
                    }
                }
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Options))]
    public void EveryOptionEqualsTheLoops(string options)
    {
        // Around the 16 rows of a group, the 16 lanes of a reduction and the panels of both precisions.
        foreach (var (rows, classes) in new[] { (1, 2), (5, 3), (17, 16), (3, 33), (33, 50) })
        {
            var head = HeadOf(options, classes);
            var random = new TorchRandom(rows * classes);
            double[] Uniform(int count, double from, double to)
            {
                var values = new double[count];
                random.FillUniform<double>(values, from, to);
                return values;
            }

            double[][] z = [.. Enumerable.Range(0, rows).Select(_ => Uniform(classes, -5, 5))];
            double[][] t = [.. Enumerable.Range(0, rows).Select(row => head.ProbabilityTargets ? Uniform(classes, 0, 1) : [(row * 7 + 1) % classes])];
            var weights = Uniform(rows, 0.5, 1.5);
            var (loss, gradient) = Loops(head, z, t, weights);
            foreach (var bits in new[] { 512, 256, 128, 0 })
            {
                // Sums of as many terms as there are classes, then rows, each at most 12 in size and exact to some 1e-16.
                Check<double>(head, z, t, weights, bits, loss, gradient, 6e-14);
                Check<float>(head, z, t, weights, bits, loss, gradient, 3e-5);
            }
        }
    }

    [Theory, MemberData(nameof(Options))]
    public void EveryWidthGivesTheSameBits(string options)
    {
        var head = HeadOf(options, 37);
        var random = new TorchRandom(3);
        float[][] z = [.. Enumerable.Range(0, 40).Select(_ => new float[37])];
        float[][] t = [.. Enumerable.Range(0, 40).Select(row => head.ProbabilityTargets ? new float[37] : [row * 5 % 37])];
        foreach (var row in z.Concat(head.ProbabilityTargets ? t : []))
        {
            random.FillUniform<float>(row, 0, 1);
        }

        var expected = LossBatch.Run(head, z, t, bits: 0);
        foreach (var bits in new[] { 512, 256, 128 })
        {
            var actual = LossBatch.Run(head, z, t, bits: bits);
            Assert.Equal(expected.Loss, actual.Loss);
            Assert.All(expected.Gradient.Zip(actual.Gradient), pair => SameBits.Assert<float>(pair.First, pair.Second, $"{bits} bits"));
        }
    }

    [Fact]
    public void AnIgnoredRowCountsForNothingWhateverItsLogits()
    {
        var head = Head.Multiclass with { IgnoreIndex = -100, LabelSmoothing = 0.1 };
        var alone = LossBatch.Run<double>(head, [[1, 2, 3]], [[1]]);
        var both = LossBatch.Run<double>(head, [[1, 2, 3], [double.NaN, Infinity, 0]], [[1], [-100]]);
        Assert.Equal(alone.Loss, both.Loss);
        Assert.Equal(alone.Gradient[0], both.Gradient[0]);
        Assert.Equal([0, 0, 0], both.Gradient[1]);
        Assert.Equal((0, 1), (both.Right, both.Judged));
    }

    [Theory, InlineData("multiclass(ignore=5)", 5), InlineData("multiclass(weights=1 1 0)", 2)]
    public void TheMeanOfNothingIsNaNAndItsGradientZero(string text, int label)
    {
        var (loss, gradient, _, judged) = LossBatch.Run<double>(Head.Parse(text), [[1, double.NaN, 3], [4, 5, 6]], [[label], [label]]);
        Assert.Equal((double.NaN, 0), (loss, judged));
        Assert.All(gradient, row => Assert.Equal([0, 0, 0], row));
        Assert.Equal(0, LossBatch.Run<double>(Head.Parse(text) with { Reduction = Reduction.Sum }, [[1, double.NaN, 3]], [[label]]).Loss);
    }

    [Fact]
    public void ARowOfAClassWithWeightZeroCountsForNothing()
    {
        var head = Head.Multiclass with { ClassWeights = [1, 0, 4] };
        var alone = LossBatch.Run<double>(head, [[1, 2, 3], [1, 0, 0]], [[2], [0]]);
        var all = LossBatch.Run<double>(head, [[1, 2, 3], [double.NaN, 5, 6], [1, 0, 0]], [[2], [1], [0]]);
        Assert.Equal(alone.Loss, all.Loss);
        Assert.Equal([alone.Gradient[0], [0, 0, 0], alone.Gradient[1]], all.Gradient);
    }

    // The edges of PyTorch's cross_entropy; where its value or gradient is NaN although there is a limit, the limit.
    [Theory, InlineData("multiclass"), InlineData("multiclass(weights=1 1)"), InlineData("multiclass(probabilities)")]
    public void EdgesAreTheLimits(string text)
    {
        var head = Head.Parse(text);
        void Is(double[] z, int target, double loss, double[] gradient)
        {
            double[] t = head.ClassLabels ? [target] : [1 - target, target];
            var actual = LossBatch.Run<double>(head, [z], [t]);
            Assert.Equal(loss, actual.Loss);
            Assert.Equal(gradient, actual.Gradient[0]);
        }

        Is([1e4, -1e4], 0, 0, [0, 0]);
        Is([1e4, -1e4], 1, 2e4, [1, -1]);
        Is([-1e4, -1e4], 0, Math.Log(2), [-0.5, 0.5]);
        Is([3e38, -3e38], 1, 6e38, [1, -1]);
        Is([0, -Infinity], 0, 0, [0, 0]);
        Is([0, -Infinity], 1, Infinity, [1, -1]);
    }

    [Fact]
    public void SmoothingSharesWithALogitOfMinusInfinity()
        => Assert.Equal(Infinity, LossBatch.Run<double>(Head.Multiclass with { LabelSmoothing = 0.1 }, [[0, -Infinity]], [[0]]).Loss);

    [Fact]
    public void UnnormalisedProbabilitiesCountWithTheirSum()
    {
        var once = LossBatch.Run<double>(Head.Parse("multiclass(probabilities)"), [[1, 2, 3]], [[0.25, 0.25, 0.5]]);
        var half = LossBatch.Run<double>(Head.Parse("multiclass(probabilities)"), [[1, 2, 3]], [[0.125, 0.125, 0.25]]);
        Assert.Equal(once.Loss / 2, half.Loss, 1e-15);
        Assert.Equal(once.Gradient[0].Select(g => g / 2), half.Gradient[0], (a, b) => Math.Abs(a - b) <= 1e-16);
    }

    [Fact]
    public void ProbabilitiesArePredictedRightWhereTheLargestIs()
        => Assert.Equal(2, LossBatch.Run<double>(Head.Parse("multiclass(probabilities)"), [[1, 2, 0], [1, 2, 0], [5, 2, 0]], [[0, 0.6, 0.4], [0.5, 0.3, 0.2], [0.4, 0.4, 0.2]]).Right);

    private static MulticlassHead HeadOf(string options, int classes)
    {
        var weights = string.Join(' ', Enumerable.Range(0, classes).Select(c => c % 4 == 3 ? "0" : $"{c % 4 + 0.5}"));
        var text = options.Replace("weights=", $"weights={weights}", StringComparison.Ordinal).TrimEnd(',');
        return (MulticlassHead)Head.Parse(text.Length == 0 ? "multiclass" : $"multiclass({text})");
    }

    private static void Check<T>(
        Head head, double[][] z, double[][] t, double[] weights, int bits, double loss, double[][] gradient, double tolerance)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[][] Round(double[][] values) => [.. values.Select(row => Array.ConvertAll(row, T.CreateTruncating))];
        var actual = LossBatch.Run(head, Round(z), Round(t), Array.ConvertAll(weights, T.CreateTruncating), bits);
        Assert.True(double.IsNaN(loss) ? double.IsNaN(actual.Loss) : Math.Abs(loss - actual.Loss) <= tolerance * Math.Max(1, loss),
            $"{head}: {actual.Loss:R} instead of {loss:R}");
        for (var row = 0; row < z.Length; row++)
        {
            for (var c = 0; c < z[row].Length; c++)
            {
                var one = double.CreateTruncating(actual.Gradient[row][c]);
                Assert.True(Math.Abs(gradient[row][c] - one) <= tolerance, $"{head}, gradient ({row}, {c}) at {bits} bits: "
                    + $"{one:R} instead of {gradient[row][c]:R}");
            }
        }
    }

    /// <summary>PyTorch's formulae, term by term.</summary>
    private static (double Loss, double[][] Gradient) Loops(MulticlassHead head, double[][] z, double[][] t, double[] exampleWeights)
    {
        var (classes, epsilon) = (z[0].Length, head.LabelSmoothing);
        var w = head.ClassWeights ?? [.. Enumerable.Repeat(1.0, classes)];
        var (sum, terms, gradient) = (0.0, 0.0, new double[z.Length][]);
        for (var row = 0; row < z.Length; row++)
        {
            gradient[row] = new double[classes];
            var target = head.ProbabilityTargets ? -1 : (int)t[row][0];
            if (!head.ProbabilityTargets && target == head.IgnoreIndex)
            {
                continue;
            }

            terms += head.ProbabilityTargets ? 1 : w[target];
            var total = z[row].Sum(Math.Exp);
            for (var c = 0; c < classes; c++)
            {
                var share = head.ProbabilityTargets ? t[row][c] : c == target ? 1 : 0;
                var q = w[c] * ((1 - epsilon) * share + epsilon / classes);
                sum -= exampleWeights[row] * q * Math.Log(Math.Exp(z[row][c]) / total);
                for (var j = 0; j < classes; j++)
                {
                    gradient[row][j] += exampleWeights[row] * q * (Math.Exp(z[row][j]) / total - (j == c ? 1 : 0));
                }
            }
        }

        var divisor = head.Reduction == Reduction.Sum ? 1 : terms;
        return (divisor > 0 ? sum / divisor : double.NaN, [.. gradient.Select(row => Array.ConvertAll(row, g => divisor > 0 ? g / divisor : 0))]);
    }
}
