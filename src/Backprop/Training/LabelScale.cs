using System.Numerics;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>Standardises regression labels, so that a network's first outputs are of the right size whatever the label's units.</summary>
/// <param name="Shift">The mean of each target.</param>
/// <param name="Scale">Its standard deviation; 1 for a constant target.</param>
internal sealed record LabelScale<T>(T[] Shift, T[] Scale) where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>The mean and standard deviation of some rows, in double and in row order.</summary>
    public static LabelScale<T> Of(Examples<T> examples, int[] rows)
    {
        var (shift, scale) = (new T[examples.TargetColumns], new T[examples.TargetColumns]);
        for (var column = 0; column < examples.TargetColumns; column++)
        {
            double Label(int row) => double.CreateTruncating(examples.Targets[row * examples.TargetColumns + column]);
            var mean = rows.Sum(Label) / rows.Length;
            var deviation = T.CreateTruncating(Math.Sqrt(rows.Sum(row => (Label(row) - mean) * (Label(row) - mean)) / rows.Length));
            shift[column] = T.CreateTruncating(mean);
            scale[column] = T.IsNormal(deviation) && T.IsFinite(deviation) ? deviation : T.One;
        }

        return new(shift, scale);
    }

    /// <summary>The table with standardised targets.</summary>
    public Examples<T> Apply(Examples<T> examples)
    {
        var targets = new T[examples.Targets.Length];
        for (var i = 0; i < targets.Length; i++)
        {
            var column = i % examples.TargetColumns;
            targets[i] = (examples.Targets[i] - Shift[column]) / Scale[column];
        }

        return examples.WithTargets(targets);
    }

    /// <summary>The scale and shift of each output's score.</summary>
    public (T[] Scale, T[] Shift) OfOutputs(Mlp mlp)
    {
        var (scale, shift) = (new T[mlp.Outputs], new T[mlp.Outputs]);
        for (var output = 0; output < mlp.Outputs; output++)
        {
            var (target, squared) = mlp.Head.UnitsOf(output, mlp.Outputs);
            (scale[output], shift[output]) = squared ? (Scale[target] * Scale[target], T.Zero) : (Scale[target], Shift[target]);
        }

        return (scale, shift);
    }
}
