using Backprop.Audit;
using Backprop.Models;

namespace Backprop.Comparisons.Contenders;

/// <summary>The engine's scores, by its public door, on at most that many threads.</summary>
internal sealed class EngineScores(Weights<float> weights, float[] features, int threads) : Contender
{
    private readonly Network<float> network = new(weights);
    private readonly float[] scores = new float[features.Length / weights.Model.Inputs * weights.Model.Outputs];

    /// <inheritdoc/>
    public override int Threads => Math.Max(1, network.ThreadsFor(features.Length / network.Model.Inputs, threads));

    /// <inheritdoc/>
    public override void Run() => network.Score(features, scores, threads);

    /// <inheritdoc/>
    public override double[] Results()
    {
        Run();
        return [.. scores.Select(score => (double)score)];
    }
}
