using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Planning;

namespace Backprop.Training;

/// <summary>Finds the update of each parameter of a network.</summary>
internal static class GroupedRules
{
    /// <summary>The update of each parameter.</summary>
    /// <param name="parameters">The network's parameters.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="options">Groups, and the bound of gradients.</param>
    /// <param name="scale">What gradients are multiplied by, or null.</param>
    /// <exception cref="ArgumentException">A group fits no parameter, or none is left to train.</exception>
    public static UpdateRules Of(IReadOnlyList<Node> parameters, Optimizer optimizer, UpdateOptions options, GradientScale? scale)
    {
        var names = string.Join(", ", parameters.Select(p => p.Name));
        foreach (var group in options.Groups.Where(group => !parameters.Any(p => group.Fits(p.Name))))
        {
            throw new ArgumentException($"The group '{group.Parameters}' fits none of the parameters {names}. Correct it, or leave it out.");
        }

        var rules = parameters.ToDictionary(p => p, Rule);
        return rules.Values.Any(rule => rule is not null)
            ? new(p => rules[p])
            : throw new ArgumentException($"Every one of the parameters {names} is frozen. Leave one to train.");

        UpdateRule? Rule(Node parameter)
        {
            var group = options.Groups.FirstOrDefault(group => group.Fits(parameter.Name)) ?? new("*");
            var decays = !parameter.Name.EndsWith(".bias", StringComparison.Ordinal) || (group.DecayBiases ?? optimizer.DecayBiases);
            return group.Frozen ? null : new(optimizer with
            {
                WeightDecay = decays ? group.WeightDecay ?? optimizer.WeightDecay : 0,
                L1 = decays ? group.L1 ?? optimizer.L1 : 0,
            })
            {
                RateFactor = group.LearningRateFactor,
                ClipValue = options.ClipValue ?? double.PositiveInfinity,
                Scale = scale,
            };
        }
    }
}
