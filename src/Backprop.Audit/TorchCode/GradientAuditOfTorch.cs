using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <content>Checks of code made on TorchSharp, built in or a user's own: there theirs is what is audited, and ours the engine's of that name.</content>
public static partial class GradientAudit
{
    /// <summary>Checks a module: its gradients against its own values, against the same network of this library, and its float32 against its float64.</summary>
    /// <param name="module">The module, in training or evaluation as it is set.</param>
    /// <param name="input">Rows of numbers, or of categories.</param>
    /// <param name="model">The network it is meant to be; null to read it off a sequence of known modules.</param>
    /// <param name="loss">A scalar of its outputs; null for their sum with random weights.</param>
    /// <remarks>
    /// The module is converted to float64 and back, which makes its parameters other objects, of the same numbers: make optimizers afterwards.
    /// </remarks>
    /// <exception cref="GradientAuditException">A gradient of the module's, or its outputs, are at fault, or the witnesses contradict each other.</exception>
    public static IReadOnlyList<Finding> Check(nn.Module<Tensor, Tensor> module, Tensor input, Model? model = null, Func<Tensor, Tensor>? loss = null)
        => GradientAuditException.ThrowIfFaulty(ModuleAudit.Run(module, input, model, loss), Party.Theirs);

    /// <summary>Checks an optimizer against the formula of its name.</summary>
    /// <inheritdoc cref="OptimizerAudit.Run(Func{IEnumerable{Parameter}, optim.Optimizer}, Optimizer, int, bool, bool)"/>
    /// <exception cref="GradientAuditException">A weight after a step is not what the formula gives.</exception>
    public static IReadOnlyList<Finding> Check(
        Func<IEnumerable<Parameter>, optim.Optimizer> theirs, Optimizer ours, int steps = 12, bool maximize = false, bool unusedParameters = false)
        => GradientAuditException.ThrowIfFaulty(OptimizerAudit.Run(theirs, ours, steps, maximize, unusedParameters), Party.Theirs);

    /// <summary>Checks a scheduler against the schedule of its name.</summary>
    /// <inheritdoc cref="ScheduleAudit.Run(Func{optim.Optimizer, optim.lr_scheduler.LRScheduler}, Schedule, double, int, int)"/>
    /// <exception cref="GradientAuditException">A rate is not what the formula gives.</exception>
    public static IReadOnlyList<Finding> Check(
        Func<optim.Optimizer, optim.lr_scheduler.LRScheduler> theirs, Schedule ours, double rate = 0.3, int total = 40, int groups = 2)
        => GradientAuditException.ThrowIfFaulty(ScheduleAudit.Run(theirs, ours, rate, total, groups), Party.Theirs);

    /// <summary>Checks any number that a scheduler sets, such as a momentum, against a formula.</summary>
    /// <inheritdoc cref="ScheduleAudit.Run(Func{optim.Optimizer, optim.lr_scheduler.LRScheduler}, Func{long, double}, Func{optim.Optimizer, double}, double, int)"/>
    /// <exception cref="GradientAuditException">A number is not what the formula gives.</exception>
    public static IReadOnlyList<Finding> Check(
        Func<optim.Optimizer, optim.lr_scheduler.LRScheduler> theirs,
        Func<long, double> ours,
        Func<optim.Optimizer, double> read,
        double rate = 0.3,
        int total = 40)
        => GradientAuditException.ThrowIfFaulty(ScheduleAudit.Run(theirs, ours, read, rate, total), Party.Theirs);

    /// <summary>Checks a loss against that of a head.</summary>
    /// <inheritdoc cref="LossAudit.Run(Func{Tensor, Tensor, Tensor}, Head, double[,], double[,], long)"/>
    /// <exception cref="GradientAuditException">The loss, or its gradient, is not the head's.</exception>
    public static IReadOnlyList<Finding> Check(
        Func<Tensor, Tensor, Tensor> theirs, Head ours, double[,]? outputs = null, double[,]? targets = null, long seed = 1)
        => GradientAuditException.ThrowIfFaulty(LossAudit.Run(theirs, ours, outputs, targets, seed), Party.Theirs);

    /// <summary>Checks a loss against a formula.</summary>
    /// <inheritdoc cref="LossAudit.Run(Func{Tensor, Tensor, Tensor}, Loss, double[,], double[,], long)"/>
    /// <exception cref="GradientAuditException">The loss, or its gradient, is not the formula's mean.</exception>
    public static IReadOnlyList<Finding> Check(
        Func<Tensor, Tensor, Tensor> theirs, Loss ours, double[,]? outputs = null, double[,]? targets = null, long seed = 1)
        => GradientAuditException.ThrowIfFaulty(LossAudit.Run(theirs, ours, outputs, targets, seed), Party.Theirs);

    /// <summary>Checks an initialiser against that of its name.</summary>
    /// <inheritdoc cref="InitializerAudit.Run(Func{Tensor, Tensor}, Initializer, int, int, long)"/>
    /// <exception cref="GradientAuditException">A number is not PyTorch's.</exception>
    public static IReadOnlyList<Finding> Check(Func<Tensor, Tensor> theirs, Initializer ours, int units = 20, int inputs = 30, long seed = 1)
        => GradientAuditException.ThrowIfFaulty(InitializerAudit.Run(theirs, ours, units, inputs, seed), Party.Theirs);
}
