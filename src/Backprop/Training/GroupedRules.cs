using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Training;

/// <summary>Finds the update of each parameter of a network.</summary>
internal static class GroupedRules
{
    /// <summary>The update of each parameter.</summary>
    /// <param name="tensors">The network's tensors, each with its node.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="options">Groups, and the bound of gradients.</param>
    /// <param name="scale">What gradients are multiplied by, or null.</param>
    /// <exception cref="ArgumentException">A group fits no parameter, or none is left to train.</exception>
    public static UpdateRules Of(IEnumerable<(Node Node, WeightTensor Tensor)> tensors, Optimizer optimizer, UpdateOptions options, GradientScale? scale)
    {
        var parameters = tensors.Where(t => t.Tensor.Learned).ToList();
        if (parameters.Count == 0)
        {
            throw new ArgumentException("The network has no parameter, so there is nothing to train. Give it a layer that learns, such as a linear one.");
        }

        var names = string.Join(", ", parameters.Select(p => p.Tensor.Name));
        foreach (var group in options.Groups.Where(group => !group.MayFitNone && !parameters.Any(p => group.Fits(p.Tensor.Name))))
        {
            throw new ArgumentException($"The group '{group.Parameters}' fits none of the parameters {names}. Correct it, or leave it out.");
        }

        var rules = parameters.ToDictionary(p => p.Node, p => Rule(p.Tensor));
        return rules.Values.Any(rule => rule is not null)
            ? new(p => rules.GetValueOrDefault(p))
            : throw new ArgumentException($"Every one of the parameters {names} is frozen. Leave one to train.");

        UpdateRule? Rule(WeightTensor parameter)
        {
            var group = options.Groups.FirstOrDefault(group => group.Fits(parameter.Name)) ?? new("*");
            var decays = !parameter.IsVector || (group.DecayBiases ?? optimizer.DecayBiases);
            return group.Frozen ? null : new(optimizer with
            {
                WeightDecay = decays ? group.WeightDecay ?? optimizer.WeightDecay : 0,
                L1 = decays ? group.L1 ?? optimizer.L1 : 0,
            })
            {
                RateFactor = group.LearningRateFactor / (group.PerRootOfInputs && !parameter.IsVector ? Math.Sqrt(parameter.Columns) : 1),
                ClipValue = options.ClipValue ?? double.PositiveInfinity,
                Scale = scale,
            };
        }
    }
}
