using Backprop.Formulas;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Audit.Mutations;

/// <summary>A small network with a batch, on which a defect is to show.</summary>
internal sealed class Specimen
{
    private readonly Lazy<TrialResult> soundWithTorch;
    private readonly Lazy<TrialResult> soundAlone;

    private Specimen(Weights<float> weights, Examples<float> batch)
    {
        (Weights, Batch) = (weights, batch);
        soundWithTorch = new(() => GradientTrial.Run(this, null, null, true));
        soundAlone = new(() => GradientTrial.Run(this, null, null, false));
    }

    /// <summary>One thread: what is audited is small.</summary>
    public static EngineOptions Engine { get; } = new() { Threads = 1 };

    /// <summary>The weights.</summary>
    public Weights<float> Weights { get; }

    /// <summary>The batch.</summary>
    public Examples<float> Batch { get; }

    /// <summary>What the audit of gradients says of the sound engine, with libtorch or without.</summary>
    public TrialResult Sound(bool withTorch) => (withTorch ? soundWithTorch : soundAlone).Value;

    /// <summary>A multilayer perceptron with random weights, on random features.</summary>
    /// <param name="sizes">Its sizes.</param>
    /// <param name="activation">The activation's name.</param>
    /// <param name="head">The head, with options.</param>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="features">What features from −1 to 1 are multiplied by.</param>
    /// <param name="weights">What PyTorch's initial weights are multiplied by.</param>
    public static Specimen Of(string sizes, string activation, string head, int rows = 12, double features = 1, double weights = 1)
    {
        var specimen = Of(Mlp.Parse(sizes, Activation.Parse(activation), Head.Parse(head)), rows);
        Scale(specimen.Weights.Values, (float)weights);
        Scale(specimen.Batch.Features, (float)features);
        return specimen;
    }

    /// <summary>Any network.</summary>
    public static Specimen Of(Model model, int rows = 12) => new(Initializers.Default<float>(model, 11), RandomBatch.Of(model, rows, 12));

    /// <summary>The same with a weight for each row, from ½ to 2.</summary>
    public Specimen Weighted()
    {
        var weights = new float[Batch.Rows];
        new TorchRandom(14).FillUniform<float>(weights, 0.5, 2);
        return new(Weights, new(Batch.Rows, Batch.Features, Batch.Targets, weights));
    }

    private static void Scale(Span<float> values, float factor)
    {
        foreach (ref var value in values)
        {
            value *= factor;
        }
    }
}
