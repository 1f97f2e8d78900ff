using Backprop.Models;

namespace Backprop.Audit;

/// <summary>Examples for audits of networks without data.</summary>
public static class RandomBatch
{
    private const uint MostCounts = 5;

    /// <summary>Features and real targets from U(−1, 1); classes, labels and counts uniform; the same seed gives the same table.</summary>
    public static Examples<float> Of(Model model, int rows, long seed)
    {
        // Not the seed itself: initial weights of the same seed would be the same numbers.
        var random = new TorchRandom(~seed);
        var features = new float[rows * model.Inputs];
        random.FillUniform(features, -1, 1);
        var targets = new float[rows * model.Head.TargetColumns(model.Outputs)];
        if (model.Head is RealHead or MulticlassHead { ProbabilityTargets: true })
        {
            random.FillUniform(targets, -1, 1);
        }

        for (var i = 0; i < targets.Length; i++)
        {
            targets[i] = model.Head switch
            {
                BinaryHead => random.NextUInt32() % 2,
                MulticlassHead { ClassLabels: true } => random.NextUInt32() % (uint)model.Outputs,
                MulticlassHead => Math.Abs(targets[i]),
                PoissonHead => random.NextUInt32() % MostCounts,
                _ => targets[i],
            };
        }

        return new(rows, features, targets);
    }
}
