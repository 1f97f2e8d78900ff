using Microsoft.ML;

namespace Backprop.ML;

/// <summary>The only network of a fitted or loaded pipeline.</summary>
/// <param name="Steps">The pipeline's transformers, those of pipelines in it included.</param>
/// <param name="Place">Where the network is among them.</param>
/// <param name="Perceptron">Its transformer.</param>
internal sealed record PipelineNetwork(
    ITransformer[] Steps, int Place, ISingleFeaturePredictionTransformer<IMultilayerPerceptronModel> Perceptron)
{
    /// <summary>Looks through a pipeline.</summary>
    /// <param name="model">A fitted or loaded pipeline, or a network's transformer.</param>
    /// <exception cref="ArgumentException">There is no network in it, or more than one.</exception>
    internal static PipelineNetwork Of(ITransformer model)
    {
        ITransformer[] steps = [.. StepsOf(model)];
        int[] places = [.. Enumerable.Range(0, steps.Length).Where(i => steps[i] is ISingleFeaturePredictionTransformer<IMultilayerPerceptronModel>)];
        return places is [var only]
            ? new(steps, only, (ISingleFeaturePredictionTransformer<IMultilayerPerceptronModel>)steps[only])
            : throw new ArgumentException(
                $"The model has {(places.Length == 0 ? "no multilayer perceptron" : $"{places.Length} multilayer perceptrons")} among its transformers: "
                + $"{string.Join(", ", steps.Select(step => step.GetType().Name))}. Give a model with one.");
    }

    private static IEnumerable<ITransformer> StepsOf(ITransformer model)
        => model is IEnumerable<ITransformer> chain ? chain.SelectMany(StepsOf) : [model];
}
