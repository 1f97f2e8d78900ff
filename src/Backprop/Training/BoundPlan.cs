using System.Numerics;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Training;

/// <summary>What one batch, or many averaged, gave before an update.</summary>
/// <param name="Rows">Rows.</param>
/// <param name="Loss">The mean loss.</param>
/// <param name="Right">How many rows were classified right; NaN for regression, or where there are several heads.</param>
internal readonly record struct BatchResult(int Rows, double Loss, double Right)
{
    /// <summary>The share of rows classified right; NaN for regression.</summary>
    public double Accuracy => Right / Rows;
}

/// <summary>A network's plan that takes its batches from tables, checked at the door.</summary>
internal sealed class BoundPlan<T>(Model model, ModelGraph graph, Plan<T> plan) : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly int[] chosen = new int[plan.Capacity];
    private readonly (Node Target, MeanLossStep<T> Loss, double Weight)[] heads =
        [.. graph.Heads.Zip(model.HeadOutputs, (head, output) => (head.Target, plan.Losses[head.Loss], output.LossWeight))];

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
        var loss = 0.0;
        foreach (var head in heads)
        {
            loss += head.Weight * head.Loss.Mean;
        }

        return new(rows.Length, loss, heads.Length == 1 ? heads[0].Loss.Right : double.NaN);
    }

    public void Dispose() => plan.Dispose();

    private void Check(Examples<T> examples, ReadOnlySpan<int> rows)
    {
        Checks.Shape(examples, model, "Rows");
        if (graph.Input.IsSparse != examples.SparseFeatures is not null)
        {
            var (planned, given) = graph.Input.IsSparse ? ("sparse", "dense") : ("dense", "sparse");
            throw new ArgumentException($"The table's features are {given}, and this was planned for {planned} ones. Make it with sparseFeatures: {(planned == "sparse" ? "false" : "true")}.");
        }

        if (rows.Length < 1 || rows.Length > plan.Capacity)
        {
            throw new ArgumentException($"A batch of {rows.Length} rows is outside 1 to {plan.Capacity}, for which this step was planned. Give fewer rows, or plan for more.");
        }

        if (graph.Mode.Training && rows.Length < model.LeastRows)
        {
            throw new ArgumentException($"A batch of {rows.Length} rows has no variance, but the network {model} normalises batches. Give {model.LeastRows} rows or more.");
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
