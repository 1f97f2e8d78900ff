using System.Numerics;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>What is known of a table before its network, and how it is trained, are chosen.</summary>
/// <param name="Head">The task.</param>
/// <param name="Outputs">Classes, or targets of a regression; 1 for binary.</param>
/// <param name="Rows">Rows to learn from, those included that are split off them to choose the best epoch.</param>
/// <param name="Features">Features of a row.</param>
/// <param name="IsSparse">Whether features are kept as their non-zeros.</param>
public sealed record TableFacts(Head Head, int Outputs, long Rows, int Features, bool IsSparse = false)
{
    /// <summary>Features that name categories, in ascending order; the others are numbers.</summary>
    public IReadOnlyList<CategoricalFeature> Categories { get; init; } = [];

    /// <summary>Whether rows are read back from a file, where those of sparse features stay so.</summary>
    public bool IsInFile { get; init; }

    /// <summary>Features that are numbers.</summary>
    public int Numbers => Features - Categories.Sum(category => category.Features);

    /// <summary>Targets of a row.</summary>
    public int Targets => Head.TargetColumns(Outputs);

    /// <summary>Looks at a table.</summary>
    internal static TableFacts Of<T>(Head head, int outputs, Examples<T> examples) where T : unmanaged, IFloatingPointIeee754<T>
        => new(head, outputs, examples.Rows, examples.FeatureColumns, examples.SparseFeatures is not null);

    /// <summary>Asks for a network and how to train it.</summary>
    /// <exception cref="ArgumentException">The network is for other rows.</exception>
    internal (Model Model, TrainingOptions Options) Choose(Func<TableFacts, (Model Model, TrainingOptions Options)> choose)
    {
        var (model, options) = choose(this);
        return model is { Inputs: var inputs, HeadOutputs: [{ Head: var head, Logits.Width: var width }] } && inputs == Features && width == Outputs
            && head.GetType() == Head.GetType() && head.TargetColumns(width) == Targets
            ? (model, options)
            : throw new ArgumentException(
                $"The network chosen, {model} for {string.Join(" and ", model.HeadOutputs.Select(output => output.Head))}, is not one for rows of {Features} "
                + $"features with {Outputs} outputs of a {Head} head. Choose one, such as {nameof(TrainingOptions.ModelFor)} gives.");
    }
}
