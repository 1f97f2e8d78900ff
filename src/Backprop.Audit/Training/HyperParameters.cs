using System.Reflection;
using Backprop.Formulas;

namespace Backprop.Audit;

/// <summary>Optimizers whose hyper-parameters are off by a rounding: what is computed from one cancels, as in 1 − β₂ᵗ, and is further off.</summary>
internal static class HyperParameters
{
    /// <summary>The optimizer again and again, each time with another hyper-parameter multiplied by 1 − <paramref name="share"/>; not the learning rate.</summary>
    public static IEnumerable<Optimizer> Moved(Optimizer optimizer, double share)
    {
        foreach (var property in optimizer.GetType().GetProperties().Where(p => p.PropertyType == typeof(double) && p.CanWrite && p.Name != nameof(Optimizer.LearningRate)))
        {
            var (other, value) = (optimizer with { }, (double)property.GetValue(optimizer)!);
            try
            {
                property.SetValue(other, value * (1 - share));
            }
            catch (TargetInvocationException)
            {
                // At its bound: nothing below is allowed.
                continue;
            }

            if (value != 0)
            {
                yield return other;
            }
        }
    }
}
