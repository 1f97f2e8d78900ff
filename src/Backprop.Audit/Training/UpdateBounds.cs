using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Audit;

/// <summary>An update as it should be.</summary>
/// <param name="Optimizer">The optimizer.</param>
/// <param name="Step">Its number, from 1.</param>
/// <param name="Rate">The learning rate.</param>
/// <param name="RateError">How far off that may be.</param>
internal sealed record MeantUpdate(Optimizer Optimizer, long Step, double Rate, double RateError);

/// <summary>What a step makes of weights, of what the optimizer remembers and of gathered statistics, and how far rounding may carry each number.</summary>
/// <remarks>
/// A gradient's error is read off the network's graph, that of the update off its own lines. What a gradient's error makes of the update
/// is not told by a slope: Adam divides a gradient by its own size and Rprop takes its sign, so that one within rounding of 0 moves its
/// weight a whole step in either direction. It is how far the update goes for gradients all over the range of the error; its deviation is
/// what it goes for one of the gradient's, and all that it goes for some of them beyond a straight line.
/// </remarks>
internal sealed class UpdateBounds : IBoundedRun
{
    private readonly NetworkBounds network;
    private readonly Weights<double> weights;
    private readonly IReadOnlyList<Weights<double>> memory;
    private readonly MeantUpdate update;
    private readonly double unit;
    private readonly (WeightTensor? Tensor, int Remembered)[] places;

    /// <summary>Reads the update.</summary>
    /// <param name="network">The network on the batch, with the weights before the step.</param>
    /// <param name="weights">These weights.</param>
    /// <param name="memory">What the optimizer remembers before the step: the first number beside each weight, the second, the third.</param>
    /// <param name="update">The update.</param>
    /// <param name="unit">The roundoff of the precision.</param>
    public UpdateBounds(NetworkBounds network, Weights<double> weights, IReadOnlyList<Weights<double>> memory, MeantUpdate update, double unit)
    {
        (this.network, this.weights, this.memory, this.update, this.unit) = (network, weights, memory, update, unit);
        var states = update.Optimizer.Accept(new States());
        places =
        [
            (null, 0),
            .. weights.Tensors.SelectMany(tensor => Enumerable.Range(0, tensor.Learned ? 1 + states : 1).Select(k => ((WeightTensor?)tensor, k))),
        ];
        Tensors = TensorsOf(Run);
    }

    /// <inheritdoc/>
    public BoundedGraph Run => network.Run;

    /// <inheritdoc/>
    public IReadOnlyList<BoundedTensor> Tensors { get; }

    /// <summary>The loss, then each tensor after the step, and behind it what is remembered beside it.</summary>
    public IReadOnlyList<BoundedTensor> TensorsOf(BoundedGraph run)
        => [network.TensorsOf(run)[0], .. weights.Tensors.SelectMany(tensor => Updated(tensor, network.After(tensor, run)))];

    /// <inheritdoc/>
    public double Largest => Math.Max(Run.Largest, Tensors.Max(tensor => tensor.Values.Max(Math.Abs)));

    /// <inheritdoc/>
    public IEnumerable<int> Kin(int tensor)
        => places[tensor].Tensor is not { } of ? [tensor] : Enumerable.Range(0, places.Length).Where(i => places[i].Tensor == of);

    /// <summary>How far rounding may carry all weights together: the norm of what it may do to each, usually.</summary>
    public double Reach => Math.Sqrt(places.Zip(Tensors).Where(pair => pair.First is { Tensor.Learned: true, Remembered: 0 })
        .Sum(pair => pair.Second.Errors
            .Zip(pair.Second.Variances, (error, variance) => unit * Math.Min(error, Criteria.Usual(pair.Second.Values.Length) * Math.Sqrt(variance)))
            .Sum(off => off * off)));

    /// <summary>Numbers of somebody's step in the order of <see cref="Tensors"/>; memory that is not looked at is as the reference.</summary>
    public Witness WitnessOf(StepNumbers numbers)
    {
        double[] Of((WeightTensor? Tensor, int Remembered) place, BoundedTensor bound) => place switch
        {
            (null, _) => [numbers.Loss],
            (var tensor, 0) => numbers.Weights[tensor].ToArray(),
            var (tensor, k) => k <= numbers.Memory.Count ? numbers.Memory[k - 1][tensor].ToArray() : bound.Values,
        };
        return new([.. places.Zip(Tensors, (place, bound) => new NamedTensor(bound.Name, bound.Rows, bound.Columns, Of(place, bound)))], unit);
    }

    private IReadOnlyList<BoundedTensor> Updated(WeightTensor tensor, BoundedTensor gradient)
    {
        if (!tensor.Learned)
        {
            return [gradient];
        }

        var optimizer = tensor.IsVector && !update.Optimizer.DecayBiases ? update.Optimizer with { WeightDecay = 0, L1 = 0 } : update.Optimizer;
        return optimizer.Accept(new UpdateReading(
            optimizer, update, gradient, weights[tensor].ToArray(), [.. memory.Select(of => of[tensor].ToArray())], unit));
    }

    /// <summary>How many numbers an optimizer remembers beside each weight.</summary>
    private sealed class States : IOptimizerVisitor<int>
    {
        public int Visit<TUpdate>(IOptimizer<TUpdate> optimizer) where TUpdate : struct, IUpdate => TUpdate.States;
    }
}
