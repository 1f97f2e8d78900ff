using System.Reflection;
using Backprop.Formulas;

namespace Backprop.Audit;

/// <summary>Optimizers whose hyper-parameters are off by a rounding: what is computed from one cancels, as in 1 − β₂ᵗ, and is further off.</summary>
internal static class HyperParameters
{
    /// <summary>For each hyper-parameter that is not 0, but not the learning rate, the optimizer with it multiplied by 1 − share.</summary>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="shares">Shares, ascending.</param>
    public static IEnumerable<IReadOnlyList<Optimizer>> Moved(Optimizer optimizer, params IReadOnlyList<double> shares)
        => optimizer.GetType().GetProperties()
            .Where(p => p.PropertyType == typeof(double) && p.CanWrite && p.Name != nameof(Optimizer.LearningRate) && (double)p.GetValue(optimizer)! != 0)
            .Select(property => shares.Select(share => Moved(optimizer, property, share)).OfType<Optimizer>().ToArray());

    private static Optimizer? Moved(Optimizer optimizer, PropertyInfo property, double share)
    {
        var other = optimizer with { };
        try
        {
            property.SetValue(other, (double)property.GetValue(optimizer)! * (1 - share));
            return other;
        }
        catch (TargetInvocationException)
        {
            // At its bound: nothing below is allowed.
            return null;
        }
    }
}
