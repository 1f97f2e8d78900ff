using System.IO.Enumeration;
using System.Text.Json.Serialization;

namespace Backprop.Training;

/// <summary>Parameters that are trained in their own way; of several groups that a parameter's name fits, the first one counts.</summary>
/// <param name="Parameters">Which: a name such as <c>0.weight</c>, with * for any text and ? for any character, as in <c>*.bias</c> and <c>0.*</c>.</param>
public sealed record ParameterGroup(string Parameters)
{
    /// <summary>What the learning rate is multiplied by, above 0.</summary>
    public double LearningRateFactor { get; init; } = 1;

    /// <summary>
    /// Whether the learning rate of a matrix is also divided by √inputs of a unit, an embedding's by √units: layers of all widths then move their
    /// units' sums alike, as where weights are θ / √inputs and θ is learned by Adam (NTK parametrisation, Jacot et al. 2018).
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool PerRootOfInputs { get; init; }

    /// <summary>The group's own <see cref="Formulas.Optimizer.WeightDecay"/>; null for the optimizer's.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>The group's own <see cref="Formulas.Optimizer.L1"/>; null for the optimizer's.</summary>
    public double? L1 { get; init; }

    /// <summary>The group's own <see cref="Formulas.Optimizer.DecayBiases"/>; null for the optimizer's.</summary>
    public bool? DecayBiases { get; init; }

    /// <summary>Whether the parameters stay as they are. No gradient is computed for them.</summary>
    public bool Frozen { get; init; }

    /// <summary>
    /// Whether a network need have no such parameter, as where a preset's groups meet other layers; of any other group that fits none, training says
    /// so and does not begin.
    /// </summary>
    [JsonIgnore]
    public bool MayFitNone { get; init; }

    /// <summary>Whether a parameter of that name belongs here.</summary>
    internal bool Fits(string name) => FileSystemName.MatchesSimpleExpression(Parameters, name, ignoreCase: false);
}
