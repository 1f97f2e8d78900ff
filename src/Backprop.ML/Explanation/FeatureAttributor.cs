using Backprop.Models;
using Microsoft.ML.Data;
using Microsoft.ML.Internal.Utilities;

namespace Backprop.ML;

/// <summary>Explains a network's outputs row by row. Shared by threads: each has a mapper with buffers of its own.</summary>
internal sealed class FeatureAttributor
{
    private readonly InputGradients<float> gradients;
    private readonly AttributionMethod method;
    private readonly int output;
    private readonly Func<float[], int>? prediction;
    private readonly float[] baseline;
    private readonly int points;

    /// <summary>Prepares the gradient.</summary>
    /// <param name="network">The network, of one head.</param>
    /// <param name="method">How features are given their part.</param>
    /// <param name="of">What of the output is explained.</param>
    /// <param name="output">Which output, from 0; null for the one that is the prediction: the predicted class, the quantile that is the Score, or the only one.</param>
    /// <param name="baseline">What integrated gradients start from; empty for zeros.</param>
    /// <param name="points">Points of their path.</param>
    /// <exception cref="ArgumentException">One of them does not fit the network.</exception>
    internal FeatureAttributor(
        Network<float> network, AttributionMethod method, ExplainedValue of, int? output = null, float[]? baseline = null, int points = InputGradients<float>.DefaultPoints)
    {
        (gradients, this.method, this.baseline, this.points) = (new(network, of), method, baseline ?? [], points);
        if (output is null && !PredictsOne(network.Model))
        {
            throw new ArgumentException(
                $"The network has {network.Model.Outputs} outputs, and its prediction is all of them. Choose the {nameof(output)} to explain, from 0 to {network.Model.Outputs - 1}.");
        }

        (this.output, prediction) = (output ?? 0, output is null && network.Model.Outputs > 1 ? PredictionOf(network.Model.Head) : null);
        // What does not fit is refused here, by a row of zeros, and not in the midst of the data.
        var row = new float[network.Model.Inputs];
        gradients.IntegratedGradients(row, [this.output], new float[row.Length], baseline, points);
    }

    /// <summary>Whether a network's prediction is one output of several, or the only one.</summary>
    internal static bool PredictsOne(Model model) => model.Outputs == 1 || model.Head is MulticlassHead or QuantileHead;

    /// <summary>From a row of features to their attributions, sparse where the row is and the others are 0.</summary>
    internal ValueMapper<VBuffer<float>, VBuffer<float>> GetMapper()
    {
        var network = gradients.Network;
        var (row, scores, attributions) = (new float[network.Model.Inputs], new float[network.Model.Outputs], new float[network.Model.Inputs]);
        return (in VBuffer<float> features, ref VBuffer<float> result) =>
        {
            ScoreBatch.CheckLength(in features, network);
            features.CopyTo(row);
            var explained = output;
            if (prediction is not null)
            {
                network.Score(row, scores);
                explained = prediction(scores);
            }

            Explain(row, explained, attributions);
            Write(in features, attributions, ref result);
        };
    }

    /// <summary>Finds the output that is the prediction by a row's scores; -1 where they are NaN and tell none.</summary>
    private static Func<float[], int> PredictionOf(Head head)
    {
        if (head is QuantileHead quantiles)
        {
            var columns = new QuantileColumns(quantiles.Levels);
            return scores => columns.ScoredOutput(scores);
        }

        return scores => MathUtils.ArgMax(scores);
    }

    private void Explain(ReadOnlySpan<float> row, int explained, Span<float> attributions)
    {
        // Nothing is predicted where scores are NaN.
        if (explained < 0)
        {
            attributions.Fill(float.NaN);
            return;
        }

        switch (method)
        {
            case AttributionMethod.Gradient:
                gradients.Gradients(row, [explained], attributions);
                break;
            case AttributionMethod.GradientTimesInput:
                gradients.GradientsTimesInputs(row, [explained], attributions);
                break;
            default:
                gradients.IntegratedGradients(row, [explained], attributions, baseline, points);
                break;
        }
    }

    private void Write(in VBuffer<float> features, ReadOnlySpan<float> attributions, ref VBuffer<float> result)
    {
        if (features.IsDense || method == AttributionMethod.Gradient || baseline.Length > 0)
        {
            var all = VBufferEditor.Create(ref result, attributions.Length);
            attributions.CopyTo(all.Values);
            result = all.Commit();
            return;
        }

        var indices = features.GetIndices();
        var some = VBufferEditor.Create(ref result, attributions.Length, indices.Length);
        indices.CopyTo(some.Indices);
        for (var i = 0; i < indices.Length; i++)
        {
            some.Values[i] = attributions[indices[i]];
        }

        result = some.Commit();
    }
}
