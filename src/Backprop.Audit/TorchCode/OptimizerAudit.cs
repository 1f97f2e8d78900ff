using System.Numerics;
using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Torch;
using TorchSharp;
using TorchSharp.Modules;

namespace Backprop.Audit;

/// <summary>Holds an optimizer, TorchSharp's, one of your own made on it, or the engine's kernels, to the formula of its name, step by step.</summary>
/// <remarks>The gradients have sizes from 1e-6 to 100, some are 0, always or from the fourth step on, and signs change; some weights start at 0.</remarks>
public static class OptimizerAudit
{
    private const string Area = "optimizer";
    private const int Count = 37, Steps = 12;

    /// <summary>Every optimizer of the catalogue, and each kind with L2, decoupled and L1 regularisation.</summary>
    internal static IEnumerable<Optimizer> Catalogue => Optimizer.All.Concat(Optimizer.All.DistinctBy(o => o.Name).SelectMany(o => new[]
    {
        o with { WeightDecay = 0.02, DecoupledWeightDecay = false },
        o with { WeightDecay = 0.02, DecoupledWeightDecay = true },
        o with { L1 = 0.003 },
    })).Select(Comparable).Distinct();

    /// <summary>Audits TorchSharp's, or one of your own, in double.</summary>
    /// <param name="theirs">Makes the optimizer of the parameters it is given.</param>
    /// <param name="ours">The formula, with the same hyper-parameters.</param>
    /// <param name="steps">How many steps; from the sixth on RAdam's are rectified.</param>
    /// <param name="maximize">Whether it goes up: the formula is then given the gradients with their signs flipped.</param>
    /// <param name="unusedParameters">
    /// Whether to look, too, at a parameter that gets a gradient at the first step only: after zero_grad PyTorch leaves it as it is.
    /// </param>
    /// <returns>The worst weight of the first step that is off, or of the last one.</returns>
    public static IReadOnlyList<Finding> Run(
        Func<IEnumerable<Parameter>, torch.optim.Optimizer> theirs, Optimizer ours, int steps = Steps, bool maximize = false, bool unusedParameters = false)
    {
        TorchLibrary.EnsureLoaded();
        var (start, gradients) = Drawn(steps);
        double[][] descents = maximize ? [.. gradients.Select(gradient => Array.ConvertAll(gradient, g => -g))] : gradients;
        var (name, weights) = OptimizerPath.Torch<double>(theirs, start, gradients);
        return
        [
            Judge<double>(
                new(ours, start, descents), Party.Theirs, OptimizerPath.Engine<double>(ours, start, descents), weights, ours.Name, name,
                $"{name} of TorchSharp against {ours.Name}"),
            .. unusedParameters ? new[] { Unused(theirs, steps) } : [],
        ];
    }

    /// <summary>Audits one of the catalogue.</summary>
    internal static IReadOnlyList<Finding> Run(Optimizer optimizer) => Run(optimizer, optimizer);

    /// <summary>Audits one that is to be another, such as a broken one to see the audit fail.</summary>
    internal static IReadOnlyList<Finding> Run(Optimizer optimizer, Optimizer meant) => [Kernels<float>(optimizer, meant), Kernels<double>(optimizer, meant)];

    /// <summary>The optimizer at a learning rate at which TorchSharp's is PyTorch's: RAdam's is at 1 only.</summary>
    internal static Optimizer Comparable(Optimizer optimizer) => optimizer is Formulas.RAdam ? optimizer with { LearningRate = 1 } : optimizer;

    /// <summary>The hyper-parameters that are not the usual ones, behind the name.</summary>
    internal static string NameOf(Optimizer optimizer)
    {
        var usual = (Optimizer)Activator.CreateInstance(optimizer.GetType())!;
        var own = optimizer.GetType().GetProperties().Where(p => p.CanWrite && !Equals(p.GetValue(optimizer), p.GetValue(usual)));
        return string.Join(' ', own.Select(p => FormattableString.Invariant($"{p.Name}={p.GetValue(optimizer)}")).Prepend(optimizer.Name));
    }

    private static Finding Kernels<T>(Optimizer optimizer, Optimizer meant) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (start, gradients) = Drawn(Steps);
        var (theirs, missing) = TorchWitness.Ask(() => OptimizerPath.Torch<T>(p => Twins.Of(meant with { L1 = 0 }, p), start, gradients, meant.L1).Weights);
        return Judge<T>(
            new(meant, start, gradients), Party.Ours, OptimizerPath.Engine<T>(optimizer, start, gradients), theirs, meant.Name, NameOf(meant),
            $"steps on given gradients in {Doubles.NameOf<T>()}", missing);
    }

    private static Finding Judge<T>(
        OptimizerPath path, Party audited, double[][] ours, double[][]? theirs, string formula, string subject, string check, string? missing = null)
    {
        var steps = path.Weights.Select((expected, t) => new ReferenceCheck(
            ours[t], theirs?[t], expected, path.BoundsAfter(t, Bounded.Unit<T>()), i => Element.NameOf($"weights after step {t + 1}", i, Count))
        {
            Audited = audited,
            TheirName = "TorchSharp",
            Missing = missing,
            ReferenceName = $"the formula of {formula}",
        }.Judge(Area, subject, check)).ToList();
        return steps.Find(step => step.Verdict.Faults(audited)) ?? steps[^1];
    }

    private static (double[] Start, double[][] Gradients) Drawn(int steps)
    {
        var (start, drawn) = (new float[Count], new float[steps * Count]);
        new TorchRandom(1).FillUniform(start, -1, 1);
        new TorchRandom(2).FillUniform(drawn, -1, 1);
        var gradients = Doubles.Of<float>(drawn).Chunk(Count).ToArray();
        for (var i = 0; i < Count; i++)
        {
            start[i] = i % 8 == 3 ? 0 : start[i];
            for (var t = 0; t < steps; t++)
            {
                var isNone = i == 0 || (i == 1 && t >= 3) || (t * Count + i) % 11 == 5;
                gradients[t][i] = isNone ? 0 : (float)(gradients[t][i] * Math.Pow(10, i % 9 - 6));
            }
        }

        return (Doubles.Of<float>(start), gradients);
    }

    /// <summary>Zeros instead of no gradient: weight decay and momentum go on.</summary>
    private static Finding Unused(Func<IEnumerable<Parameter>, torch.optim.Optimizer> theirs, int steps)
    {
        using var scope = torch.NewDisposeScope();
        using var used = new Parameter(torch.ones(1, torch.float64));
        using var unused = new Parameter(torch.ones(1, torch.float64));
        using var optimizer = theirs([used, unused]);
        unused.grad = torch.ones(1, torch.float64);
        var left = 0.0;
        for (var step = 0; step < steps; step++)
        {
            used.grad = torch.ones(1, torch.float64);
            optimizer.step();
            left = step == 0 ? unused.item<double>() : left;
            optimizer.zero_grad();
        }

        var name = optimizer.GetType().Name;
        var finding = ReferenceCheck.Tensor("unused", 1, [left], [unused.item<double>()], [left], [0]) with
        {
            Audited = Party.Theirs,
            TheirName = "TorchSharp",
            ReferenceName = "PyTorch's None",
        };
        return finding.Judge(Area, name, $"{name} of TorchSharp on a parameter without a gradient") is var judged && judged.Verdict == Verdict.Agrees
            ? judged
            : judged with { Where = $"{judged.Where}: zero_grad leaves zeros, which momentum and weight decay act on. Set its grad to null instead." };
    }
}
