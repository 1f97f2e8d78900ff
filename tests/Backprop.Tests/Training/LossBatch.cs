using System.Numerics;
using Backprop.Graph;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Tests.Training;

/// <summary>A head's loss of a batch of logits, and its gradient, by a plan.</summary>
internal static class LossBatch
{
    /// <summary>Runs the head's node and its gradient on logits, targets and example weights, each row by row.</summary>
    public static (double Loss, T[][] Gradient, double Right, int Judged) Run<T>(Head head, T[][] z, T[][] t, T[]? weights = null, int? bits = null)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (logits, target, weight) = (Node.Input("z", z[0].Length), Node.Input("t", t[0].Length), Node.Input("w", 1));
        var loss = head.Loss(logits, target, weight);
        IReadOnlyList<Node> kept = [loss, .. Gradient.Build(loss, [logits])];
        var store = Plan<T>.Store(kept, null, []);
        using var plan = new Plan<T>(kept, new Dictionary<Node, Node>(), null, store, z.Length, new() { Threads = 1, VectorBits = bits });
        for (var row = 0; row < z.Length; row++)
        {
            plan.Value(logits).SetRow(row, z[row]);
            plan.Value(target).SetRow(row, t[row]);
            plan.Value(weight)[row, 0] = weights is null ? T.One : weights[row];
        }

        plan.RunPrepared(z.Length);
        var gradient = z.Select((row, i) =>
        {
            var values = new T[row.Length];
            plan.Value(kept[1]).GetRow(i, values);
            return values;
        }).ToArray();
        var value = double.CreateTruncating(plan.Value(loss)[0, 0]);
        var step = plan.Losses[loss];
        Assert.Equal(double.CreateTruncating(T.CreateTruncating(step.Value)), value);
        return (step.Value, gradient, step.Right, step.Judged);
    }
}
