using System.Numerics;
using Backprop.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Backprop.Torch;

/// <summary>PyTorch's optimizer of some parameters, and what it remembers beside each.</summary>
/// <param name="formula">The optimizer.</param>
/// <param name="parameters">The parameters by name.</param>
internal sealed class TorchUpdate(Formulas.Optimizer formula, IReadOnlyList<(string Name, Parameter Parameter)> parameters)
{
    /// <summary>PyTorch's.</summary>
    public optim.Optimizer Optimizer { get; } = Twins.Of(formula, parameters.Select(p => p.Parameter));

    /// <summary>Sets the learning rate of the next steps.</summary>
    public void SetLearningRate(double rate)
    {
        foreach (var group in Optimizer.ParamGroups)
        {
            group.LearningRate = rate;
        }
    }

    /// <summary>Takes over what the optimizer remembers, in the order of the engine's.</summary>
    public void CopyFrom<T>(IReadOnlyList<Weights<T>> memory) where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var constant = no_grad();
        foreach (var (state, (name, parameter)) in ((OptimizerHelper)Optimizer).state_dict().State.Zip(parameters))
        {
            foreach (var (remembered, beside) in Of(state).Zip(memory))
            {
                var numbers = beside[name].ToArray();
                if (formula is Formulas.Adagrad { InitialAccumulator: var initial })
                {
                    // PyTorch keeps what its sum starts at in the sum.
                    numbers = Array.ConvertAll(numbers, sum => sum + T.CreateTruncating(initial));
                }

                using var copy = zeros(parameter.shape, Precision.Of<T>());
                copy.Set<T>(numbers);
                remembered.copy_(copy);
            }
        }
    }

    /// <summary>Gives what the optimizer remembers, in the order of the engine's.</summary>
    /// <param name="memory">Filled: the first number beside each weight, the second, the third.</param>
    /// <returns>How many numbers there are beside each weight that are the same as the engine's.</returns>
    public int CopyTo<T>(IReadOnlyList<Weights<T>> memory) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (formula is Formulas.Adagrad { InitialAccumulator: not 0 })
        {
            // Its sum holds what it starts at, and has lost digits to it.
            return 0;
        }

        var count = 0;
        foreach (var (state, (name, _)) in ((OptimizerHelper)Optimizer).state_dict().State.Zip(parameters))
        {
            count = 0;
            foreach (var (remembered, beside) in Of(state).Zip(memory))
            {
                remembered.Get(beside[name]);
                count++;
            }
        }

        return count;
    }

    private IEnumerable<Tensor> Of(OptimizerState state) => (state, formula) switch
    {
        (SGD.State s, Formulas.Sgd { Momentum: > 0 }) => [s.momentum_buffer],
        (SGD.State, _) => [],
        (Adam.State s, Formulas.Adam { AmsGrad: true }) => [s.exp_avg, s.exp_avg_sq, s.max_exp_avg_sq],
        (Adam.State s, _) => [s.exp_avg, s.exp_avg_sq],
        (AdamW.State s, Formulas.Adam { AmsGrad: true }) => [s.exp_avg, s.exp_avg_sq, s.max_exp_avg_sq],
        (AdamW.State s, _) => [s.exp_avg, s.exp_avg_sq],
        (NAdam.State s, _) => [s.exp_avg, s.exp_avg_sq],
        (RAdam.State s, _) => [s.exp_avg, s.exp_avg_sq],
        (RMSProp.State s, Formulas.RmsProp { Centered: true, Momentum: > 0 }) => [s.square_avg, s.grad_avg, s.momentum_buffer],
        (RMSProp.State s, Formulas.RmsProp { Centered: true }) => [s.square_avg, s.grad_avg],
        (RMSProp.State s, Formulas.RmsProp { Momentum: > 0 }) => [s.square_avg, s.momentum_buffer],
        (RMSProp.State s, _) => [s.square_avg],
        (Adagrad.State s, _) => [s.sum],
        (Adadelta.State s, _) => [s.square_avg, s.acc_delta],
        (Adamax.State s, _) => [s.exp_avg, s.exp_inf],
        (Rprop.State s, _) => [s.prev, s.step_size],
        _ => throw new NotSupportedException($"What PyTorch's {formula.Name} remembers is not named. Add it to TorchUpdate.cs."),
    };
}
