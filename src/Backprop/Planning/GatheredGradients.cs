using System.Numerics;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Kernels;

namespace Backprop.Planning;

/// <summary>All gradients of a step before any update: summed over batches, and their norm bounded.</summary>
/// <param name="maxNorm">The most their norm may be; infinite for no bound.</param>
/// <param name="accumulates">Whether several batches make one update.</param>
internal sealed class GatheredGradients<T>(double maxNorm, bool accumulates) where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>PyTorch's: keeps the factor finite where all gradients are 0.</summary>
    private const double Epsilon = 1e-6;

    private readonly Dictionary<Node, Panels<T>> gradients = [];
    private readonly List<NormStep> norms = [];
    private UpdateKernel<T>? sum;
    private long batches;
    private int rows;
    private double weights;
    private bool adds;

    /// <summary>What updates multiply gradients by.</summary>
    public GradientScale Scale { get; } = new();

    /// <summary>The norm of the last update's gradients before it was bounded; NaN without a bound.</summary>
    public double Norm { get; private set; } = double.NaN;

    /// <summary>Whether several batches make one update.</summary>
    public bool Accumulates => accumulates;

    /// <summary>The losses of the heads, which say what a batch counts for.</summary>
    public List<MeanLossStep<T>> Losses { get; } = [];

    /// <summary>The gradient a parameter is updated with: a batch's, or the sum's.</summary>
    public Panels<T> this[Node parameter] => gradients[parameter];

    /// <summary>The first step that runs only if an update follows.</summary>
    public Step<T> FirstOfUpdate { get; private set; } = null!;

    /// <summary>Adds the steps, on levels from <paramref name="level"/>; updates come on the fourth after it.</summary>
    /// <param name="phases">The plan's steps.</param>
    /// <param name="level">The first level on which all gradients are there.</param>
    /// <param name="kernels">The kernels.</param>
    /// <param name="batch">The place of each parameter's gradient of a batch.</param>
    /// <param name="prepareUpdates">Computes the constants of the updates, when the scale is known.</param>
    public void AddTo(
        Phases<T> phases,
        int level,
        Kernels<T> kernels,
        IEnumerable<(Node Parameter, Panels<T> Gradient)> batch,
        Action prepareUpdates)
    {
        if (accumulates)
        {
            sum = kernels.Update(new RunningSum());
            phases.Add(level, new SerialStep(Weigh));
        }

        foreach (var (parameter, gradient) in batch)
        {
            gradients[parameter] = gradient;
            if (sum is not null)
            {
                var place = Buffers.Allocate<T>(Panels<T>.Size(gradient.Rows, gradient.Columns));
                gradients[parameter] = new(place, gradient.Rows, gradient.Columns);
                phases.Add(level + 1, new UpdateStep<T>(gradient, new(sum, gradients[parameter], null, new(place, default, default, default))));
            }

            if (double.IsFinite(maxNorm))
            {
                norms.Add(new(gradients[parameter]));
                phases.Add(level + 2, norms[^1]);
            }
        }

        var decide = new SerialStep(() =>
        {
            Finish();
            prepareUpdates();
        });
        phases.Add(level + 3, decide);
        FirstOfUpdate = norms.Count > 0 ? norms[0] : decide;
    }

    /// <summary>Prepares for a batch of that many rows.</summary>
    public void Begin(int batchRows) => rows = batchRows;

    /// <summary>Has the batch count for what its mean divides by, so that many give the mean of one; a sum counts once.</summary>
    private void Weigh()
    {
        var terms = Losses[0].Terms;
        var alike = adds = true;
        foreach (var loss in Losses)
        {
            (adds, alike) = (adds && loss.Adds, alike && loss.Terms == terms);
        }

        // Means of several heads divide by several numbers, where classes have weights.
        var weight = adds ? 1 : alike ? terms : rows;
        weights += weight;
        sum!.Prepare(++batches, weight);
    }

    /// <summary>Decides the scale; the next batch starts anew.</summary>
    private void Finish()
    {
        // The mean of nothing has no gradient.
        var mean = !accumulates || adds ? 1 : weights > 0 ? 1 / weights : 0;
        (batches, weights, Scale.Factor) = (0, 0, mean);
        if (double.IsFinite(maxNorm))
        {
            var squares = 0.0;
            foreach (var step in norms)
            {
                squares += step.Sum();
            }

            Norm = Math.Sqrt(squares) * mean;
            var factor = maxNorm / (Norm + Epsilon);
            Scale.Factor *= factor > 1 ? 1 : factor;
        }
    }

    /// <summary>Adds up the squares of a gradient block by block.</summary>
    private sealed class NormStep(Panels<T> gradient) : Step<T>
    {
        private readonly double[] sums = new double[gradient.Count * Blocks(gradient.Rows)];

        public override int Tasks(int batchRows) => sums.Length;

        public override void Run(int task, int batchRows, Scratch<T> scratch)
        {
            var (panel, row, rows) = Place(task, gradient.Count, gradient.Rows, 0);
            var columns = Math.Min(Panels<T>.Width, gradient.Columns - panel * Panels<T>.Width);
            var sum = 0.0;
            if (columns == Panels<T>.Width)
            {
                var block = Span(panel, row, rows * columns);
                sum = Dot.Of(block, block);
            }
            else
            {
                for (var r = row; r < row + rows; r++)
                {
                    var block = Span(panel, r, columns);
                    sum += Dot.Of(block, block);
                }
            }

            sums[task] = sum;
        }

        /// <summary>The squares of all blocks, in order.</summary>
        public double Sum()
        {
            var sum = 0.0;
            foreach (var block in sums)
            {
                sum += block;
            }

            return sum;
        }

        private ReadOnlySpan<T> Span(int panel, int row, int length)
            => gradient.Start.Buffer.AsSpan(gradient.Start.Offset + gradient.PanelOffset(panel) + row * Panels<T>.Width, length);
    }

    /// <summary>Runs something by one thread while all others wait.</summary>
    private sealed class SerialStep(Action work) : Step<T>
    {
        public override int Tasks(int batchRows) => 1;

        public override void Run(int task, int batchRows, Scratch<T> scratch) => work();
    }
}
