using System.IO.Enumeration;

namespace Backprop.Training;

/// <summary>Parameters that are trained in their own way; of several groups that a parameter's name fits, the first one counts.</summary>
/// <param name="Parameters">Which: a name such as <c>0.weight</c>, with * for any text and ? for any character, as in <c>*.bias</c> and <c>0.*</c>.</param>
public sealed record ParameterGroup(string Parameters)
{
    /// <summary>What the learning rate is multiplied by, above 0.</summary>
    public double LearningRateFactor { get; init; } = 1;

    /// <summary>The group's own <see cref="Formulas.Optimizer.WeightDecay"/>; null for the optimizer's.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>The group's own <see cref="Formulas.Optimizer.L1"/>; null for the optimizer's.</summary>
    public double? L1 { get; init; }

    /// <summary>The group's own <see cref="Formulas.Optimizer.DecayBiases"/>; null for the optimizer's.</summary>
    public bool? DecayBiases { get; init; }

    /// <summary>Whether the parameters stay as they are. No gradient is computed for them.</summary>
    public bool Frozen { get; init; }

    /// <summary>Whether a parameter of that name belongs here.</summary>
    internal bool Fits(string name) => FileSystemName.MatchesSimpleExpression(Parameters, name, ignoreCase: false);
}
