using System.Numerics;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Training;

/// <summary>What one batch, or many averaged, gave before an update.</summary>
/// <param name="Loss">The loss: each head's mean, or its sum if it adds up, times its weight.</param>
/// <param name="Sum">The weighted losses of the rows added up.</param>
/// <param name="Terms">What their mean divides by; of several heads, the rows.</param>
/// <param name="Right">How many rows were classified right; NaN for regression, or where there are several heads.</param>
/// <param name="Judged">Of how many.</param>
/// <param name="Squares">The weighted squared errors added up; NaN unless there is one target, and its loss is the squared error.</param>
/// <param name="Weights">The weights of the rows added up, where there are squares.</param>
internal readonly record struct BatchResult(double Loss, double Sum, double Terms, double Right, long Judged, double Squares, double Weights)
{
    /// <summary>What there is without a row.</summary>
    public static BatchResult None { get; } = new(double.NaN, 0, 0, double.NaN, 0, double.NaN, 0);

    /// <summary>The share of rows classified right; NaN for regression.</summary>
    public double Accuracy => Right / Judged;

    /// <summary>√ of the weighted mean of the squared errors, in the units that are trained on; NaN where there are no squares.</summary>
    public double RootMeanSquaredError => Math.Sqrt(Squares / Weights);

    /// <summary>This and another batch together: the mean over the terms of both.</summary>
    public BatchResult With(BatchResult other)
    {
        var (sum, terms) = (Sum + other.Sum, Terms + other.Terms);
        return new(sum / terms, sum, terms, Right + other.Right, Judged + other.Judged, Squares + other.Squares, Weights + other.Weights);
    }
}

/// <summary>A network's plan that takes its batches from tables, checked at the door.</summary>
internal sealed class BoundPlan<T>(Model model, ModelGraph graph, Plan<T> plan) : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly int[] chosen = new int[plan.Capacity];
    private readonly BoundHead<T>[] heads =
    [
        .. graph.Heads.Zip(model.HeadOutputs, (head, output)
            => new BoundHead<T>(head.Target, [.. head.Losses.Select(loss => plan.Losses[loss])], output.LossWeight)),
    ];

    private readonly bool squared = model.HeadOutputs is [{ Head.SquaresErrors: true }] && model.Targets == 1;

    public Plan<T> Plan => plan;

    /// <summary>Runs the plan on those rows.</summary>
    public BatchResult Run(Examples<T> examples, ReadOnlySpan<int> rows, double rate, bool update = true)
    {
        Check(examples, rows);
        rows.CopyTo(chosen);
        if (examples.SparseFeatures is { } sparse)
        {
            plan.ChooseSparse(graph.Input, sparse.Compressed, chosen);
        }
        else
        {
            plan.Choose(graph.Input, examples.Features, chosen);
        }

        var first = 0;
        foreach (var head in heads)
        {
            plan.Choose(head.Target, examples.Targets, chosen, examples.TargetColumns, first);
            first += head.Target.Shape.Columns;
        }

        plan.Choose(graph.ExampleWeight, examples.Weights, chosen);
        plan.Run(rows.Length, rate, update);
        if (heads is [var only])
        {
            var (sum, weight) = (only.Mean(loss => loss.Sum), only.Weight);
            var (squares, weights) = squared ? (sum, WeightOf(examples, rows)) : (double.NaN, 0);
            return new(weight * only.Mean(loss => loss.Value), weight * sum, only.Terms, only.Mean(loss => loss.Right), only.Judged, squares, weights);
        }

        var (loss, mean) = (0.0, 0.0);
        foreach (var head in heads)
        {
            loss += head.Weight * head.Mean(loss => loss.Value);
            mean += head.Terms > 0 ? head.Weight * head.Mean(loss => loss.Sum) / head.Terms : 0;
        }

        return BatchResult.None with { Loss = loss, Sum = mean * rows.Length, Terms = rows.Length };
    }

    public void Dispose() => plan.Dispose();

    private static double WeightOf(Examples<T> examples, ReadOnlySpan<int> rows)
    {
        if (examples.Weights is not { } weights)
        {
            return rows.Length;
        }

        var sum = 0.0;
        foreach (var row in rows)
        {
            sum += double.CreateTruncating(weights[row]);
        }

        return sum;
    }

    private void Check(Examples<T> examples, ReadOnlySpan<int> rows)
    {
        Checks.Shape(examples, model, "Rows");
        if (graph.Input.IsSparse != examples.SparseFeatures is not null)
        {
            var (planned, given) = graph.Input.IsSparse ? ("sparse", "dense") : ("dense", "sparse");
            throw new ArgumentException($"The table's features are {given}, and this was planned for {planned} ones. "
                + $"Make it with sparseFeatures: {(planned == "sparse" ? "false" : "true")}.");
        }

        if (rows.Length < 1 || rows.Length > plan.Capacity)
        {
            throw new ArgumentException($"A batch of {rows.Length} rows is outside 1 to {plan.Capacity}, for which this step was planned. "
                + "Give fewer rows, or plan for more.");
        }

        if (graph.Mode.Training && rows.Length < model.LeastRows)
        {
            throw new ArgumentException($"A batch of {rows.Length} rows has no variance, but the network {model} normalises batches. "
                + $"Give {model.LeastRows} rows or more.");
        }

        foreach (var row in rows)
        {
            if ((uint)row >= (uint)examples.Rows)
            {
                throw new ArgumentException($"Row {row} is outside 0 to {examples.Rows - 1}. Choose rows of this table.");
            }

            if (model.FindLabel(examples.Targets.AsSpan(row * examples.TargetColumns, examples.TargetColumns)) is var (label, expected))
            {
                throw new ArgumentException($"The label of row {row} is {label}, not {expected}. Leave the row out, or correct it.");
            }
        }
    }
}

/// <summary>A head's targets and losses in a plan.</summary>
/// <param name="Target">Its targets.</param>
/// <param name="Losses">Its loss, or those of its members: of the same rows, so that they have the same terms.</param>
/// <param name="Weight">What its loss counts for.</param>
internal sealed record BoundHead<T>(Node Target, MeanLossStep<T>[] Losses, double Weight) where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>What a mean divides by.</summary>
    public double Terms => Losses[0].Terms;

    /// <summary>How many rows are classified at all.</summary>
    public int Judged => Losses[0].Judged;

    /// <summary>The mean over the members of what each loss gave.</summary>
    public double Mean(Func<MeanLossStep<T>, double> of)
    {
        var sum = 0.0;
        foreach (var loss in Losses)
        {
            sum += of(loss);
        }

        return sum / Losses.Length;
    }
}
