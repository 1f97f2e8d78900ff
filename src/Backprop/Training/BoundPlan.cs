using System.Numerics;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Training;

/// <summary>What one batch, or many averaged, gave before an update.</summary>
/// <param name="Loss">The loss: the mean, or the sum if the head adds up.</param>
/// <param name="Sum">The weighted losses of the rows added up.</param>
/// <param name="Terms">What their mean divides by.</param>
/// <param name="Right">How many rows were classified right; NaN for regression.</param>
/// <param name="Judged">Of how many.</param>
internal readonly record struct BatchResult(double Loss, double Sum, double Terms, double Right, int Judged)
{
    /// <summary>The share of rows classified right; NaN for regression.</summary>
    public double Accuracy => Right / Judged;
}

/// <summary>A network's plan that takes its batches from tables, checked at the door.</summary>
internal sealed class BoundPlan<T>(Mlp mlp, MlpGraph graph, Plan<T> plan) : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly int[] chosen = new int[plan.Capacity];

    public Plan<T> Plan => plan;

    /// <summary>Runs the plan on those rows.</summary>
    public BatchResult Run(Examples<T> examples, ReadOnlySpan<int> rows, double rate)
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

        plan.Choose(graph.Target, examples.Targets, chosen);
        plan.Choose(graph.ExampleWeight, examples.Weights, chosen);
        plan.Run(rows.Length, rate);
        return new(plan.Loss!.Value, plan.Loss.Sum, plan.Loss.Terms, plan.Loss.Right, plan.Loss.Judged);
    }

    public void Dispose() => plan.Dispose();

    private void Check(Examples<T> examples, ReadOnlySpan<int> rows)
    {
        Checks.Shape(examples, mlp, "Rows");
        if (graph.Input.IsSparse != examples.SparseFeatures is not null)
        {
            var (planned, given) = graph.Input.IsSparse ? ("sparse", "dense") : ("dense", "sparse");
            throw new ArgumentException($"The table's features are {given}, and this was planned for {planned} ones. Make it with sparseFeatures: {(planned == "sparse" ? "false" : "true")}.");
        }

        if (rows.Length < 1 || rows.Length > plan.Capacity)
        {
            throw new ArgumentException($"A batch of {rows.Length} rows is outside 1 to {plan.Capacity}, for which this step was planned. Give fewer rows, or plan for more.");
        }

        foreach (var row in rows)
        {
            if ((uint)row >= (uint)examples.Rows)
            {
                throw new ArgumentException($"Row {row} is outside 0 to {examples.Rows - 1}. Choose rows of this table.");
            }

            foreach (var label in examples.Targets.AsSpan(row * examples.TargetColumns, examples.TargetColumns))
            {
                if (!mlp.Head.Takes(double.CreateTruncating(label), mlp.Outputs))
                {
                    throw new ArgumentException($"The label of row {row} is {label}, not {mlp.Head.Labels}. Leave the row out, or correct it.");
                }
            }
        }
    }
}
