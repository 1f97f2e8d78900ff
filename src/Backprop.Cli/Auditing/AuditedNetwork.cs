using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Cli.Auditing;

/// <summary>A network of the user's choice, and what it is compared on.</summary>
/// <param name="Weights">The weights.</param>
/// <param name="Source">Where they come from.</param>
/// <param name="Batch">The rows whose gradients are compared.</param>
/// <param name="BatchSource">Where they come from.</param>
internal sealed record AuditedNetwork(Weights<float> Weights, string Source, Examples<float> Batch, string BatchSource)
{
    /// <summary>The network.</summary>
    public Model Model => Weights.Model;

    /// <summary>What trainings take their batches from, each of the size of <see cref="Batch"/>.</summary>
    public Examples<float> Table { get; init; } = Batch;

    /// <summary>The trainings that are followed.</summary>
    public IReadOnlyList<Optimizer> Optimizers { get; init; } = [];

    /// <summary>How many steps of each.</summary>
    public int Steps { get; init; } = 1;

    /// <summary>Decides the batches.</summary>
    public long Seed { get; init; }

    /// <summary>One of a sweep's cases, with its weights and rows.</summary>
    /// <param name="text">What names it.</param>
    /// <exception cref="InputException">It is no such text, or no network.</exception>
    public static AuditedNetwork OfCase(string text)
    {
        try
        {
            var one = NetworkCase.Parse(text);
            var weights = one.ToWeights(one.ToModel());
            return new(weights, $"of the case {text}", one.ToBatch(weights.Model), "of the case");
        }
        catch (ArgumentException e)
        {
            throw new InputException($"--case: {e.Message}");
        }
    }
}
