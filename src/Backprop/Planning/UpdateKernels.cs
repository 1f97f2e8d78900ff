using System.Numerics;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Kernels;

namespace Backprop.Planning;

/// <summary>The kernels of a plan's updates: one for each different rule, and one more where sparse inputs let rows rest.</summary>
/// <param name="kernels">The kernels.</param>
/// <param name="rules">The rule of each parameter; null to update none.</param>
/// <param name="sparseUpdate">The update of parameters that sparse inputs multiply.</param>
internal sealed class UpdateKernels<T>(Kernels<T> kernels, UpdateRules? rules, SparseUpdate sparseUpdate) where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly List<Made> all = [];

    /// <summary>Whether nothing is updated.</summary>
    public bool IsEmpty => all.Count == 0;

    /// <summary>The update of a parameter.</summary>
    public UpdateKernel<T> Of(Node parameter) => Of(parameter, lazy: false);

    /// <summary>The update of a parameter that a sparse input multiplies, where it leaves out rows without a gradient; or null.</summary>
    public UpdateKernel<T>? Sparse(Node parameter) => sparseUpdate == SparseUpdate.Lazy ? Of(parameter, lazy: true)
        : Of(parameter) is { RestsAtZero: true } kernel ? kernel
        : null;

    /// <summary>Computes the constants of a step, counted from 1.</summary>
    public void Prepare(long step, double rate)
    {
        foreach (var made in all)
        {
            made.Kernel.Prepare(step, rate * made.Rule.RateFactor);
        }
    }

    private UpdateKernel<T> Of(Node parameter, bool lazy)
    {
        var rule = rules?[parameter] ?? throw new ArgumentException($"{parameter} is to be updated, but no rule says how. Give it one.");
        var made = all.Find(other => other.Lazy == lazy && other.Rule == rule);
        if (made is null)
        {
            made = new(rule, lazy, kernels.Update(rule, lazy));
            all.Add(made);
        }

        return made.Kernel;
    }

    private sealed record Made(UpdateRule Rule, bool Lazy, UpdateKernel<T> Kernel);
}
