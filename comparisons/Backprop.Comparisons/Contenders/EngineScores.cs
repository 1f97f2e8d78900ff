using Backprop.Audit;
using Backprop.Models;

namespace Backprop.Comparisons.Contenders;

/// <summary>The engine's scores, by its public door.</summary>
internal sealed class EngineScores(Weights<float> weights, float[] features) : Contender
{
    private readonly Network<float> network = new(weights);
    private readonly float[] scores = new float[features.Length / weights.Mlp.Inputs * weights.Mlp.Outputs];

    /// <inheritdoc/>
    public override void Run() => network.Score(features, scores);

    /// <inheritdoc/>
    public override double[] Results()
    {
        Run();
        return [.. scores.Select(score => (double)score)];
    }
}
