using Backprop.Models;

namespace Backprop.Audit;

/// <summary>Examples for audits of networks without data.</summary>
public static class RandomBatch
{
    /// <summary>Features and real targets from U(−1, 1); classes and labels uniform; the same seed gives the same table.</summary>
    public static Examples<float> Of(Model model, int rows, long seed)
    {
        // Not the seed itself: initial weights of the same seed would be the same numbers.
        var random = new TorchRandom(~seed);
        var features = new float[rows * model.Inputs];
        random.FillUniform(features, -1, 1);
        var targets = new float[rows * model.Head.TargetColumns(model.Outputs)];
        if (model.Head == Head.Regression)
        {
            random.FillUniform(targets, -1, 1);
        }
        else
        {
            var classes = (uint)Math.Max(2, model.Outputs);
            for (var i = 0; i < targets.Length; i++)
            {
                targets[i] = random.NextUInt32() % classes;
            }
        }

        return new(rows, features, targets);
    }
}
