using Backprop.Models;

namespace Backprop.Audit;

/// <summary>Examples for audits of networks without data.</summary>
public static class RandomBatch
{
    /// <summary>Features and real targets from U(−1, 1); classes and labels uniform; the same seed gives the same table.</summary>
    public static Examples<float> Of(Mlp mlp, int rows, long seed)
    {
        // Not the seed itself: initial weights of the same seed would be the same numbers.
        var random = new TorchRandom(~seed);
        var features = new float[rows * mlp.Inputs];
        random.FillUniform(features, -1, 1);
        var targets = new float[rows * mlp.Head.TargetColumns(mlp.Outputs)];
        if (mlp.Head == Head.Regression)
        {
            random.FillUniform(targets, -1, 1);
        }
        else
        {
            var classes = (uint)Math.Max(2, mlp.Outputs);
            for (var i = 0; i < targets.Length; i++)
            {
                targets[i] = random.NextUInt32() % classes;
            }
        }

        return new(rows, features, targets);
    }
}
