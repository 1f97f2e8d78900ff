using Backprop.Models;
using Microsoft.ML.Data;
using Microsoft.ML.Internal.Utilities;

namespace Backprop.ML;

/// <summary>Explains a network's outputs. Shared by threads: each has a batch of its own.</summary>
internal sealed class FeatureAttributor
{
    private readonly InputGradients<float> gradients;
    private readonly AttributionMethod method;
    private readonly int output;
    private readonly Func<ReadOnlySpan<float>, int>? prediction;
    private readonly float[] baseline;
    private readonly int points;

    /// <summary>Prepares the gradient.</summary>
    /// <param name="network">The network, of one head.</param>
    /// <param name="method">How features are given their part.</param>
    /// <param name="of">What of the output is explained.</param>
    /// <param name="output">
    /// Which output, from 0; null for the one that is the prediction: the predicted class, the quantile that is the Score, or the only one.
    /// </param>
    /// <param name="baseline">What integrated gradients start from; empty for zeros.</param>
    /// <param name="points">Points of their path.</param>
    /// <exception cref="ArgumentException">One of them does not fit the network.</exception>
    internal FeatureAttributor(
        Network<float> network, AttributionMethod method, ExplainedValue of, int? output = null, float[]? baseline = null,
            int points = InputGradients<float>.DefaultPoints)
    {
        (gradients, this.method, this.baseline, this.points) = (new(network, of), method, baseline ?? [], points);
        if (output is null && !PredictsOne(network.Model))
        {
            throw new ArgumentException(
                $"The network has {network.Model.Outputs} outputs, and its prediction is all of them. "
                    + $"Choose the {nameof(output)} to explain, from 0 to {network.Model.Outputs - 1}.");
        }

        (this.output, prediction) = (output ?? 0, output is null && network.Model.Outputs > 1 ? PredictionOf(network.Model.Head) : null);
        // What does not fit is refused here, by a row of zeros, and not in the midst of the data.
        var row = new float[network.Model.Inputs];
        gradients.IntegratedGradients(row, [this.output], new float[row.Length], baseline, points);
    }

    /// <summary>The network.</summary>
    internal Network<float> Network => gradients.Network;

    /// <summary>Whether a row's scores tell which output is explained.</summary>
    internal bool ReadsScores => prediction is not null;

    /// <summary>Whether a feature of 0 gets 0.</summary>
    internal bool KeepsZeros => method != AttributionMethod.Gradient && baseline.Length == 0;

    /// <summary>Whether a network's prediction is one output of several, or the only one.</summary>
    internal static bool PredictsOne(Model model) => model.Outputs == 1 || model.Head is MulticlassHead or QuantileHead;

    /// <summary>The output to explain; -1 if none is predicted.</summary>
    internal int OutputOf(ReadOnlySpan<float> scores) => prediction is null ? output : prediction(scores);

    /// <summary>Explains rows.</summary>
    /// <param name="features">rows × inputs.</param>
    /// <param name="outputs">Of each row, what <see cref="OutputOf"/> told.</param>
    /// <param name="attributions">rows × inputs.</param>
    internal void Explain(ReadOnlySpan<float> features, Span<int> outputs, Span<float> attributions)
    {
        var unpredicted = outputs.Contains(-1) ? outputs.ToArray() : [];
        outputs.Replace(-1, 0);
        switch (method)
        {
            case AttributionMethod.Gradient:
                gradients.Gradients(features, outputs, attributions);
                break;
            case AttributionMethod.GradientTimesInput:
                gradients.GradientsTimesInputs(features, outputs, attributions);
                break;
            default:
                gradients.IntegratedGradients(features, outputs, attributions, baseline, points);
                break;
        }

        for (var row = 0; row < unpredicted.Length; row++)
        {
            if (unpredicted[row] < 0)
            {
                attributions.Slice(row * Network.Model.Inputs, Network.Model.Inputs).Fill(float.NaN);
            }
        }
    }

    /// <summary>From a row of features to their attributions.</summary>
    internal ValueMapper<VBuffer<float>, VBuffer<float>> GetMapper()
    {
        var batch = new AttributionBatch(this, 1);
        var attributions = batch.AttributionsGetter(() => 0);
        return (in VBuffer<float> features, ref VBuffer<float> result) =>
        {
            batch.ScoreOnly(in features);
            attributions(ref result);
        };
    }

    /// <summary>Finds the output that is the prediction by a row's scores; -1 where they are NaN and tell none.</summary>
    private static Func<ReadOnlySpan<float>, int> PredictionOf(Head head)
    {
        if (head is QuantileHead quantiles)
        {
            return new QuantileColumns(quantiles.Levels).ScoredOutput;
        }

        return MathUtils.ArgMax;
    }
}
