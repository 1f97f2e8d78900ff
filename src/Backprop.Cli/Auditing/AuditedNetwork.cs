using Backprop.Audit;
using Backprop.Cli.Tasks;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Cli.Auditing;

/// <summary>A network, and what it is compared on.</summary>
/// <param name="Weights">The weights.</param>
/// <param name="Source">Where they come from.</param>
/// <param name="Batch">The rows whose gradients are compared.</param>
/// <param name="BatchSource">Where they come from.</param>
internal sealed record AuditedNetwork(Weights<float> Weights, string Source, Examples<float> Batch, string BatchSource)
{
    /// <summary>Rows of a batch, unless told otherwise.</summary>
    public const int UsualRows = 64;

    /// <summary>Steps that are followed, unless told otherwise.</summary>
    public const int UsualSteps = 20;

    private const int DifferentBatches = 8;

    /// <summary>The optimizers that are followed, unless told otherwise.</summary>
    public static IReadOnlyList<Optimizer> UsualOptimizers { get; } = [new Sgd(), new Adam()];

    /// <summary>The network.</summary>
    public Model Model => Weights.Model;

    /// <summary>What trainings take their batches from, each of the size of <see cref="Batch"/>.</summary>
    public Examples<float> Table { get; init; } = Batch;

    /// <summary>The trainings that are followed.</summary>
    public IReadOnlyList<Optimizer> Optimizers { get; init; } = [];

    /// <summary>How many steps of each.</summary>
    public int Steps { get; init; } = 1;

    /// <summary>Decides the batches.</summary>
    public long Seed { get; init; }

    /// <summary>A network as it is before training, on random rows.</summary>
    /// <exception cref="ArgumentException">It cannot be audited.</exception>
    public static AuditedNetwork OfInitialWeights(Model model, long seed, int rows, int steps)
        => OnRandomRows(Initializers.Default<float>(model, seed), $"PyTorch's initial ones of seed {seed}", seed, rows, steps);

    /// <summary>Weights of any source, on random rows.</summary>
    /// <exception cref="ArgumentException">They cannot be audited.</exception>
    public static AuditedNetwork OnRandomRows(Weights<float> weights, string source, long seed, int rows, int steps)
    {
        Preconditions.Memory(weights.Model, rows);
        var table = RandomBatch.Of(weights.Model, RowsOfTable(rows, steps), seed);
        return On(table, $"{rows} random ones of seed {seed}, with random targets", weights, source, seed, rows, steps);
    }

    /// <summary>Weights of any source on rows of any source.</summary>
    /// <exception cref="ArgumentException">They cannot be audited.</exception>
    public static AuditedNetwork On(Examples<float> table, string tableSource, Weights<float> weights, string source, long seed, int rows, int steps)
    {
        var batch = FeaturisedExamples.First(table, Math.Min(rows, table.Rows));
        Preconditions.Require(weights, batch);
        return new(weights, source, batch, tableSource) { Table = table, Optimizers = UsualOptimizers, Steps = steps, Seed = seed };
    }

    /// <summary>How many rows make batches for so many steps that are not all the same.</summary>
    public static int RowsOfTable(int rows, int steps) => rows * Math.Min(steps, DifferentBatches);

    /// <summary>One of a sweep's cases, with its weights and rows.</summary>
    /// <param name="text">What names it.</param>
    /// <exception cref="ArgumentException">It is no such text, or no network.</exception>
    public static AuditedNetwork OfCase(string text)
    {
        var one = NetworkCase.Parse(text);
        var model = one.ToModel();
        Preconditions.Memory(model, one.Rows);
        var (weights, batch) = (one.ToWeights(model), one.ToBatch(model));
        Preconditions.Require(weights, batch);
        return new(weights, $"of the case {text}", batch, "of the case") { Seed = one.Seed };
    }

    /// <summary>Its gradients, and each training: pieces that need nothing of each other.</summary>
    public AuditPlan Plan(EngineOptions engine) => new(
        $"{Model}",
        Seed,
        [
            .. Optimizers.Select(optimizer => new AuditPiece("training", optimizer.Name, _ => new()
            {
                Steps = [StepAudit.Run(Training(optimizer), engine)],
                Drifts = [DriftAudit.Run(Training(optimizer), engine)],
            })),
            new("gradients", $"{Model}", _ => new() { Gradients = [GradientAudit.Run(Weights, Batch, engine)] }),
        ],
        [
            ("Network", $"{Model}, {Model.Parameters:N0} weights, {string.Join(", ", Model.HeadOutputs.Select(output => output.Head))}"),
            ("Weights", Source),
            ("Rows", BatchSource),
        ]);

    private TrainingCase Training(Optimizer optimizer) => new(Weights, Table, Batch.Rows, optimizer, Steps, Seed);
}
