using System.Numerics;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Training;

/// <summary>What one batch, or many averaged, gave before an update.</summary>
/// <param name="Loss">The mean loss.</param>
/// <param name="Accuracy">The share of rows classified right; NaN for regression.</param>
internal readonly record struct BatchResult(double Loss, double Accuracy);

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
        return new(plan.Loss!.Mean, plan.Loss.Accuracy);
    }

    public void Dispose() => plan.Dispose();

    private void Check(Examples<T> examples, ReadOnlySpan<int> rows)
    {
        if (examples.FeatureColumns != mlp.Inputs || examples.TargetColumns != mlp.Head.TargetColumns(mlp.Outputs))
        {
            throw new ArgumentException(
                $"Rows of {examples.FeatureColumns} features and {examples.TargetColumns} targets do not fit the network {mlp}, "
                + $"which takes {mlp.Inputs} and {mlp.Head.TargetColumns(mlp.Outputs)}.");
        }

        if (graph.Input.IsSparse != examples.SparseFeatures is not null)
        {
            var (planned, given) = graph.Input.IsSparse ? ("sparse", "dense") : ("dense", "sparse");
            throw new ArgumentException($"The table's features are {given}, and this was planned for {planned} ones. Say so where it is made.");
        }

        if (rows.Length < 1 || rows.Length > plan.Capacity)
        {
            throw new ArgumentException($"A batch of {rows.Length} rows is outside 1 to {plan.Capacity}, for which this step was planned.");
        }

        foreach (var row in rows)
        {
            if ((uint)row >= (uint)examples.Rows)
            {
                throw new ArgumentException($"Row {row} is outside 0 to {examples.Rows - 1}.");
            }

            foreach (var label in examples.Targets.AsSpan(row * examples.TargetColumns, examples.TargetColumns))
            {
                if (!mlp.Head.Takes(double.CreateTruncating(label), mlp.Outputs))
                {
                    throw new ArgumentException($"The label of row {row} is {label}, not {mlp.Head.Labels}.");
                }
            }
        }
    }
}
