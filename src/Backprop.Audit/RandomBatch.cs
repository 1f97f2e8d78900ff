using Backprop.Models;
using Backprop.Models.Layers;

namespace Backprop.Audit;

/// <summary>Examples for audits of networks without data.</summary>
public static class RandomBatch
{
    private const uint MostCounts = 5;

    /// <summary>
    /// Features and real targets from U(−1, 1); categories that embeddings read, classes, labels and counts uniform; a class's probability
    /// from U(0, 1), which those of a row need not add up to 1 for, as no head asks for it; the same seed gives the same table.
    /// </summary>
    public static Examples<float> Of(Model model, int rows, long seed)
    {
        // Not the seed itself: initial weights of the same seed would be the same numbers.
        var random = new TorchRandom(~seed);
        var features = new float[rows * model.Inputs];
        random.FillUniform(features, -1, 1);
        foreach (var (column, categories) in Categories(model))
        {
            for (var row = 0; row < rows; row++)
            {
                features[row * model.Inputs + column] = random.NextUInt32() % (uint)categories;
            }
        }

        var (targets, first) = (new float[rows * model.Targets], 0);
        foreach (var (logits, head, _) in model.HeadOutputs)
        {
            var columns = head.TargetColumns(logits.Width);
            var own = Targets(head, logits.Width, rows * columns, random);
            for (var row = 0; row < rows; row++)
            {
                own.AsSpan(row * columns, columns).CopyTo(targets.AsSpan(row * model.Targets + first));
            }

            first += columns;
        }

        return new(rows, features, targets);
    }

    /// <summary>The feature columns that are read as numbers of categories, and how many there are.</summary>
    private static IEnumerable<(int Column, int Categories)> Categories(Model model)
        => from signal in model.Signals
           where signal.Layer is Embedding
           let read = signal.Inputs[0]
           where read == model.Signals[0] || (read.Layer is Columns && read.Inputs[0] == model.Signals[0])
           select ((read.Layer as Columns)?.First ?? 0, ((Embedding)signal.Layer!).Categories);

    private static float[] Targets(Head head, int outputs, int count, TorchRandom random)
    {
        var targets = new float[count];
        if (head is RealHead or MulticlassHead { ProbabilityTargets: true })
        {
            random.FillUniform(targets, -1, 1);
        }

        for (var i = 0; i < targets.Length; i++)
        {
            targets[i] = head switch
            {
                BinaryHead => random.NextUInt32() % 2,
                MulticlassHead { ClassLabels: true } => random.NextUInt32() % (uint)outputs,
                MulticlassHead => Math.Abs(targets[i]),
                PoissonHead => random.NextUInt32() % MostCounts,
                _ => targets[i],
            };
        }

        return targets;
    }
}
