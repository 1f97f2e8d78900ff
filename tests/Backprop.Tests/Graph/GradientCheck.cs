using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Kernels;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Tests.Graph;

/// <summary>Compares a graph's gradients with central differences, in double.</summary>
internal static class GradientCheck
{
    private const double Step = 1e-5;

    // Differences err by h² f‴ / 6 + ε |f| / h, about 1e-10 for values near 1.
    private const double Tolerance = 2e-8;

    public static void Assert(Node loss, IReadOnlyList<Node> parameters, string where)
    {
        IReadOnlyList<Node> kept = [loss, .. Gradient.Build(loss, parameters, zeros: true)];
        var states = new Topology(kept).Order.Where(node => node.Op is State).ToList();
        var store = Plan<double>.Store(kept, null, [.. parameters, .. states]);
        using var plan = new Plan<double>(kept, new Dictionary<Node, Node>(), null, store, 1, new() { Threads = 1 });
        var random = new TorchRandom(11);
        foreach (var parameter in parameters)
        {
            Each(store.Values(parameter), (panels, r, c) =>
            {
                var value = new double[1];
                random.FillUniform<double>(value, -1, 1);
                panels[r, c] = value[0];
            });
        }

        foreach (var state in states)
        {
            // Category numbers that come again, or numbers that differ.
            Each(store.Values(state), (panels, r, c) => panels[r, c] = state.Name == "index" ? (2 * r + 2) % 3 : 0.25 + 0.5 * r - 0.125 * c);
        }

        double Loss()
        {
            foreach (var parameter in parameters)
            {
                store.Refresh(parameter);
            }

            plan.RunPrepared(1);
            return plan.Value(loss)[0, 0];
        }

        for (var p = 0; p < parameters.Count; p++)
        {
            var gradient = kept[p + 1];
            Each(store.Values(parameters[p]), (panels, r, c) =>
            {
                var original = panels[r, c];
                panels[r, c] = original + Step;
                var above = Loss();
                panels[r, c] = original - Step;
                var below = Loss();
                panels[r, c] = original;
                Loss();
                var (expected, actual) = ((above - below) / (2 * Step), plan.Value(gradient)[r, c]);
                Xunit.Assert.True(
                    Math.Abs(expected - actual) <= Tolerance * Math.Max(1, Math.Abs(expected)),
                    $"{where}, {parameters[p].Name} ({r}, {c}): differences {expected:R}, gradient {actual:R}");
            });
        }
    }

    private static void Each(Panels<double> panels, Action<Panels<double>, int, int> action)
    {
        for (var r = 0; r < panels.Rows; r++)
        {
            for (var c = 0; c < panels.Columns; c++)
            {
                action(panels, r, c);
            }
        }
    }
}
