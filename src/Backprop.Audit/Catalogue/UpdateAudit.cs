using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Models;
using Backprop.Planning;
using Backprop.Torch;
using Backprop.Training;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>
/// What happens to gradients and weights around an optimizer: bounds of norms and numbers, batches that make one update, groups of
/// parameters, averages of weights, lazy updates of sparse features. Beside loops over single weights, and PyTorch's clip_grad.
/// </summary>
/// <remarks>
/// In double, with gradient descent, from the engine's own gradients of single rows: whether these, and other optimizers, are right the
/// other audits tell. Each update begins with the engine's weights, so that no error is carried on.
/// </remarks>
internal static class UpdateAudit
{
    private const string Area = "update";
    private const int Rows = 12, BatchRows = 4, Updates = 2;

    // PyTorch's of clip_grad_norm_.
    private const double Epsilon = 1e-6;

    // Engine and loops round.
    private const double Both = 2;

    // Both add up some dozens of rows; the factor of a bound rounds some ten times, its norm's sum √N; then comes the product.
    private const double Roundings = 64;

    private static readonly Sgd Descent = new() { LearningRate = 1 };
    private static readonly Sgd Decaying = new() { LearningRate = 0.5, WeightDecay = 0.1, L1 = 0.01 };
    private static readonly Model Network = Mlp.Parse("9-10-3", Activation.Of(new Formulas.Tanh()), Head.Multiclass);

    /// <summary>Every option, and some together.</summary>
    public static IEnumerable<UpdateRow> Catalogue =>
    [
        new("no option", Decaying, new()),
        new("norm above its bound", Descent, new() { ClipNorm = 0.01 }),
        new("norm below its bound", Descent, new() { ClipNorm = 1000 }),
        new("numbers bounded", Descent, new() { ClipValue = 0.002 }),
        new("norm, then numbers bounded", Descent, new() { ClipNorm = 0.05, ClipValue = 0.004 }),
        new("three batches an update", Decaying, new() { AccumulatedBatches = 3 }),
        new("norm of three batches bounded", Descent, new() { AccumulatedBatches = 3, ClipNorm = 0.01 }),
        new("averaged weights", Decaying, new() { AverageDecay = 0.9 }),
        new("biases decay", Decaying with { DecayBiases = true }, new()),
        new("decoupled decay", Decaying with { DecoupledWeightDecay = true, L1 = 0 }, new()),
        new("a frozen layer", Decaying, new() { Groups = [new("0.*") { Frozen = true }] }),
        new("a layer's own rate and decay", Decaying, new() { Groups = [new("0.weight") { LearningRateFactor = 0.25, WeightDecay = 0.3, L1 = 0 }] }),
        new("rates per root of inputs", Decaying, new() { Groups = [new("*") { PerRootOfInputs = true }] }),
        new("the first of two groups", Decaying, new() { Groups = [new("*.bias") { DecayBiases = true }, new("2.*") { LearningRateFactor = 3 }] }),
        new("features that no row has", Decaying, new()) { IsLazy = true },
    ];

    /// <summary>Audits an option.</summary>
    public static IEnumerable<Finding> Run(UpdateRow of)
    {
        var (weights, batch) = (Initializers.Default<float>(Network, 2), RandomBatch.Of(Network, Rows, 3));
        if (of.IsLazy)
        {
            for (var i = 0; i < batch.Features.Length; i++)
            {
                // Some features are rare: a batch has none of them.
                batch.Features[i] = i % Network.Inputs % 3 == 0 || i / Network.Inputs == i % Network.Inputs ? batch.Features[i] : 0;
            }
        }

        yield return Run(weights, batch, BatchRows, of);
    }

    /// <summary>Audits two updates of an engine that may be given other options, or other nodes, such as a broken one to see the audit fail.</summary>
    /// <param name="weights">The weights; the loss is a mean over rows.</param>
    /// <param name="table">The table.</param>
    /// <param name="batchRows">Rows of a batch.</param>
    /// <param name="of">What is meant to happen.</param>
    /// <param name="given">What the engine is told; null for that.</param>
    /// <param name="rewriting">Nodes that are replaced.</param>
    public static Finding Run(
        Weights<float> weights, Examples<float> table, int batchRows, UpdateRow of, UpdateOptions? given = null, Rewriting? rewriting = null)
    {
        var (now, wide) = (weights.To<double>(), table.To<double>());
        using var pass = new GradientPass<double>(now.Model, 1, new() { Threads = 1 });
        using var step = new TrainingStep<double>(
            now, of.Optimizer, batchRows, new() { Threads = 1 }, of.IsLazy, of.IsLazy ? SparseUpdate.Lazy : SparseUpdate.Dense, given ?? of.Options, null,
            keepGradients: false, rewriting);
        var read = of.IsLazy ? Sparse(wide) : wide;
        var (ours, theirs, expected, bounds) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        var (average, missing) = (Array.Empty<Bounded>(), (string?)null);
        for (var update = 0; update < Updates; update++)
        {
            var count = of.Options.AccumulatedBatches * batchRows;
            int[] rows = [.. Enumerable.Range(update * count, count).Select(row => row % table.Rows)];
            var after = of.After(now, Gradients(pass, now, wide, rows), wide, rows);
            if (of.HasTwin)
            {
                (var their, missing) = TorchWitness.Ask(() => Torch(now, wide, rows, of.Options));
                theirs.AddRange(their ?? []);
            }

            foreach (var batch in rows.Chunk(batchRows))
            {
                step.Run(read, batch);
            }

            step.CopyWeightsTo(now);
            if (of.Options.AverageDecay is { } decay)
            {
                // The first update's weights begin it. Each average begins with the engine's last.
                var own = Doubles.Of<double>(now.Values);
                after = average.Length == 0 ? Array.ConvertAll(own, Bounded.Exact)
                    : [.. average.Zip(own, (a, w) => decay * a + (1 - decay) * Bounded.Exact(w))];
                var averaged = now.Clone();
                step.CopyAverageTo(averaged);
                average = Array.ConvertAll(averaged.Values.ToArray(), Bounded.Exact);
                ours.AddRange(averaged.Values);
            }
            else
            {
                ours.AddRange(now.Values);
            }

            expected.AddRange(after.Select(w => w.Value));
            bounds.AddRange(after.Select(w => Both * w.ErrorIn(Bounded.Double)));
        }

        string[] names =
        [
            .. now.Tensors.SelectMany(tensor => Enumerable.Range(0, tensor.Length).Select(i => Element.NameOf(tensor.Name, i, tensor.Columns))),
        ];
        return new ReferenceCheck(
            [.. ours], theirs.Count == 0 ? null : [.. theirs], [.. expected], [.. bounds],
            i => $"{names[i % names.Length]} after update {i / names.Length + 1}")
        {
            Missing = missing,
            ReferenceName = "loops over single weights",
        }.Judge(Area, of.Name, "weights after an update in double");
    }

    /// <summary>The mean of the rows' gradients, with the error of adding them up.</summary>
    private static Bounded[] Gradients(GradientPass<double> pass, Weights<double> weights, Examples<double> table, int[] rows)
    {
        var (sum, size, row) = (new double[weights.Values.Length], new double[weights.Values.Length], new Weights<double>(weights.Model));
        foreach (var at in rows)
        {
            pass.Run(weights, table, [at], row, new double[weights.Model.Outputs]);
            for (var i = 0; i < sum.Length; i++)
            {
                sum[i] += row.Values[i] / rows.Length;
                size[i] += Math.Abs(row.Values[i]) / rows.Length;
            }
        }

        return [.. sum.Zip(size, (value, of) => new Bounded(value, Roundings * of))];
    }

    /// <summary>Gradient descent on gradients that PyTorch bounds.</summary>
    private static double[] Torch(Weights<double> weights, Examples<double> table, int[] rows, UpdateOptions options)
    {
        using var twin = new TorchModel<double>(weights);
        twin.Gradients(table, rows, new(weights.Model), new double[rows.Length * weights.Model.Outputs]);
        if (options.ClipNorm is { } norm)
        {
            nn.utils.clip_grad_norm_(twin.Network.parameters(), norm);
        }

        if (options.ClipValue is { } value)
        {
            nn.utils.clip_grad_value_(twin.Network.parameters(), value);
        }

        using var scope = NewDisposeScope();
        using var silent = no_grad();
        foreach (var parameter in twin.Network.parameters())
        {
            parameter.sub_(parameter.grad!);
        }

        var after = new Weights<double>(weights.Model);
        twin.CopyTo(after);
        return after.Values.ToArray();
    }

    private static Examples<double> Sparse(Examples<double> table)
    {
        var columns = table.Features.Length / table.Rows;
        int[] held = [.. Enumerable.Range(0, table.Features.Length).Where(i => table.Features[i] != 0)];
        int[] starts = [.. Enumerable.Range(0, table.Rows + 1).Select(row => held.Count(i => i < row * columns))];
        var matrix = new SparseMatrix<double>(table.Rows, columns, starts, [.. held.Select(i => i % columns)], [.. held.Select(i => table.Features[i])]);
        return new(matrix, table.Targets);
    }

    /// <summary>What is done around an optimizer.</summary>
    /// <param name="Name">What is looked at.</param>
    /// <param name="Optimizer">Gradient descent, with what it adds to gradients.</param>
    /// <param name="Options">The options.</param>
    internal sealed record UpdateRow(string Name, Sgd Optimizer, UpdateOptions Options)
    {
        /// <summary>Whether features are sparse, and only weights of those updated that a row of the batch has.</summary>
        public bool IsLazy { get; init; }

        /// <summary>Whether PyTorch does it to plain gradients.</summary>
        public bool HasTwin => Optimizer == Descent && Options is { AccumulatedBatches: 1, AverageDecay: null };

        /// <summary>The weights after an update, weight by weight.</summary>
        public Bounded[] After(Weights<double> weights, Bounded[] gradients, Examples<double> table, int[] rows)
        {
            var norm = Math.Sqrt(gradients.Sum(g => g.Value * g.Value));
            var factor = Options.ClipNorm is { } most ? Math.Min(1, most / (norm + Epsilon)) : 1;
            var after = Array.ConvertAll(weights.Values.ToArray(), Bounded.Exact);
            foreach (var tensor in weights.Tensors)
            {
                var group = Options.Groups.FirstOrDefault(group => group.Fits(tensor.Name)) ?? new("*");
                for (var i = 0; i < tensor.Length && !group.Frozen; i++)
                {
                    // The first layer's columns are features.
                    var isTouched = !IsLazy || tensor.Name != "0.weight" || rows.Any(row => table.Features[row * tensor.Columns + i % tensor.Columns] != 0);
                    if (isTouched)
                    {
                        ref var weight = ref after[tensor.Offset + i];
                        weight = Updated(weight, factor * gradients[tensor.Offset + i], tensor, group);
                    }
                }
            }

            return after;
        }

        private Bounded Updated(Bounded weight, Bounded gradient, WeightTensor tensor, ParameterGroup group)
        {
            var decays = !tensor.IsVector || (group.DecayBiases ?? Optimizer.DecayBiases);
            var rate = Optimizer.LearningRate * group.LearningRateFactor / (group.PerRootOfInputs && !tensor.IsVector ? Math.Sqrt(tensor.Columns) : 1);
            var (decay, l1) = decays ? (group.WeightDecay ?? Optimizer.WeightDecay, group.L1 ?? Optimizer.L1) : (0, 0);
            var bounded = Options.ClipValue is { } most ? gradient with { Value = Math.Clamp(gradient.Value, -most, most) } : gradient;
            var old = weight;
            weight = Optimizer.DecoupledWeightDecay ? weight - rate * decay * old : weight;
            bounded += l1 * Math.Sign(old.Value);
            return weight - rate * (Optimizer.DecoupledWeightDecay ? bounded : bounded + decay * old);
        }
    }
}
