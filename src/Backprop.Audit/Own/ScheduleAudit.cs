using Backprop.Audit.Bounds;
using Backprop.Torch;
using Backprop.Training;
using TorchSharp;
using TorchSharp.Modules;

namespace Backprop.Audit;

/// <summary>Holds a scheduler of TorchSharp's, or of your own made on it, to the formula of its rates.</summary>
public static class ScheduleAudit
{
    // PyTorch multiplies from step to step where the formula is closed: a few roundings of numbers near the largest rate each.
    private const double RoundingsOfAStep = 16;

    /// <summary>Compares the learning rates of every group of parameters.</summary>
    /// <param name="theirs">Makes the scheduler of an optimizer.</param>
    /// <param name="ours">The schedule.</param>
    /// <param name="rate">The optimizer's learning rate.</param>
    /// <param name="total">How often to call the scheduler, and how many steps the schedule is told of.</param>
    /// <param name="groups">Groups of parameters.</param>
    public static IReadOnlyList<Finding> Run(
        Func<torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler> theirs, Schedule ours, double rate = 0.3, int total = 40, int groups = 2)
        => Run(theirs, t => ours.Rate(rate, t, total), ours.Name, rate, total, groups, optimizer => [.. optimizer.ParamGroups.Select(group => group.LearningRate)]);

    /// <summary>Compares any number that a scheduler sets, such as a momentum, with a formula.</summary>
    /// <param name="theirs">Makes the scheduler of an optimizer, which is SGD with a momentum of 0.9.</param>
    /// <param name="ours">The number at each time, from 0.</param>
    /// <param name="read">Reads the number off the optimizer.</param>
    /// <param name="rate">The optimizer's learning rate.</param>
    /// <param name="total">How often to call the scheduler.</param>
    public static IReadOnlyList<Finding> Run(
        Func<torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler> theirs, Func<long, double> ours, Func<torch.optim.Optimizer, double> read, double rate = 0.3, int total = 40)
        => Run(theirs, ours, "given", rate, total, 1, optimizer => [read(optimizer)]);

    private static IReadOnlyList<Finding> Run(
        Func<torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler> theirs, Func<long, double> ours, string formula, double rate, int total, int groups, Func<torch.optim.Optimizer, double[]> read)
    {
        TorchLibrary.EnsureLoaded();
        using var scope = torch.NewDisposeScope();
        using var optimizer = torch.optim.SGD(Enumerable.Range(0, groups).Select(_ => new SGD.ParamGroup(
            [new Parameter(torch.zeros(1))], new() { LearningRate = rate, InitialLearningRate = rate, momentum = 0.9 })), rate, momentum: 0.9);
        var scheduler = theirs(optimizer);
        var (given, reference, bounds, largest) = (new List<double>(), new List<double>(), new List<double>(), 0.0);
        for (var t = 0; t < total; t++)
        {
            var (expected, now) = (ours(t), read(optimizer));
            largest = Math.Max(largest, Math.Abs(expected));
            given.AddRange(now);
            reference.AddRange(now.Select(_ => expected));
            bounds.AddRange(now.Select(_ => RoundingsOfAStep * (t + 1) * Bounded.Double * largest));
            optimizer.step();
            scheduler.step();
        }

        var name = scheduler.GetType().Name;
        return
        [
            new Numbered("rate at [time, group]", given.Count / total, [.. reference], [.. given], [.. reference], [.. bounds])
            {
                ReferenceName = $"the {formula} formula",
            }.Judge("schedule", name, $"{name} of TorchSharp against the {formula} formula"),
        ];
    }
}
