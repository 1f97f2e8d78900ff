using Backprop.Models;

namespace Backprop.Training;

/// <summary>Standardises regression labels, so that a network's first outputs are of the right size whatever the label's units.</summary>
/// <param name="Shift">The mean of each target.</param>
/// <param name="Scale">Its standard deviation; 1 for a constant target.</param>
internal sealed record LabelScale(float[] Shift, float[] Scale)
{
    /// <summary>The mean and standard deviation of some rows, in double and in row order.</summary>
    public static LabelScale Of(Examples<float> examples, int[] rows)
    {
        var (shift, scale) = (new float[examples.TargetColumns], new float[examples.TargetColumns]);
        for (var column = 0; column < examples.TargetColumns; column++)
        {
            double Label(int row) => examples.Targets[row * examples.TargetColumns + column];
            var mean = rows.Sum(Label) / rows.Length;
            var deviation = Math.Sqrt(rows.Sum(row => (Label(row) - mean) * (Label(row) - mean)) / rows.Length);
            shift[column] = (float)mean;
            scale[column] = deviation > 0 && float.IsNormal((float)deviation) ? (float)deviation : 1;
        }

        return new(shift, scale);
    }

    /// <summary>The table with standardised targets.</summary>
    public Examples<float> Apply(Examples<float> examples)
    {
        var targets = new float[examples.Targets.Length];
        for (var i = 0; i < targets.Length; i++)
        {
            var column = i % examples.TargetColumns;
            targets[i] = (examples.Targets[i] - Shift[column]) / Scale[column];
        }

        return new(examples.Rows, examples.Features, targets, examples.Weights);
    }
}
