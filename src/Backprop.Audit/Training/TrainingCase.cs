using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Audit;

/// <summary>A training to be audited: the same first weights and the same batches for everybody.</summary>
/// <param name="Weights">Where it starts.</param>
/// <param name="Examples">The table.</param>
/// <param name="BatchSize">Rows of a batch.</param>
/// <param name="Optimizer">The optimizer.</param>
/// <param name="Steps">How many steps.</param>
/// <param name="Seed">Decides the batches.</param>
public sealed record TrainingCase(Weights<float> Weights, Examples<float> Examples, int BatchSize, Optimizer Optimizer, int Steps, long Seed)
{
    /// <summary>What changes the learning rate; null for none.</summary>
    public Schedule? Schedule { get; init; }

    /// <summary>The optimizer, and the schedule if there is one.</summary>
    public string Name => Schedule is null ? Optimizer.Name : $"{Optimizer.Name}, {Schedule.Name}";

    /// <summary>Batches of an epoch: rows that fill no batch are left out.</summary>
    internal int StepsOfAnEpoch => Examples.Rows / BatchSize;

    /// <summary>The rows of each step.</summary>
    /// <exception cref="ArgumentException">The table has fewer rows than a batch, or there is no step to make.</exception>
    internal IEnumerable<int[]> Batches => BatchSize >= 1 && BatchSize <= Examples.Rows && Steps >= 1 ? Shuffled().Take(Steps) : throw new ArgumentException(
        $"{Steps} steps with batches of {BatchSize} rows cannot be made of {Examples.Rows} rows. "
        + "Give 1 step and 1 row at least, and no more rows than there are.");

    /// <summary>Some rows as a table of their own.</summary>
    internal Examples<float> Gather(int[] rows)
    {
        var features = new float[rows.Length * Examples.FeatureColumns];
        foreach (var (i, row) in rows.Index())
        {
            Examples.CopyFeaturesTo(row, features.AsSpan(i * Examples.FeatureColumns, Examples.FeatureColumns));
        }

        var targets = rows.SelectMany(row => Examples.Targets.AsSpan(row * Examples.TargetColumns, Examples.TargetColumns).ToArray());
        return new(rows.Length, features, [.. targets], Examples.Weights is { } weights ? [.. rows.Select(row => weights[row])] : null);
    }

    private IEnumerable<int[]> Shuffled()
    {
        var (random, order) = (new TorchRandom(Seed), new int[Examples.Rows]);
        while (true)
        {
            random.FillPermutation(order);
            foreach (var batch in order.Chunk(BatchSize).Where(batch => batch.Length == BatchSize))
            {
                yield return batch;
            }
        }
    }
}
