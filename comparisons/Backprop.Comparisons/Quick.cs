using System.Globalization;
using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Comparisons;

/// <summary>Times a training step of every case with every optimizer in one run, engine and libtorch in turns, and prints a table.</summary>
internal static class Quick
{
    public static void Run(TextWriter output)
    {
        output.WriteLine("| network × batch | optimizer | engine | GFLOP/s | libtorch, 1 thread | ratio | libtorch at its best | ratio | spread |");
        output.WriteLine("|---|---|--:|--:|--:|--:|--:|--:|--:|");
        foreach (var (measured, optimizer) in Case.All.SelectMany(c => new Optimizer[] { new Sgd(), new Adam() }.Select(o => (c, o))))
        {
            var weights = Initializers.Default<float>(measured.Mlp, 1);
            var t = StepTiming.Measure(weights, measured.Examples(), measured.Batch, optimizer);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {measured} | {t.Optimizer} | {t.EngineMicroseconds:N0} µs, {t.EngineThreads} thr. | {measured.Operations / t.EngineMicroseconds / 1e3:F0} "
                + $"| {t.TorchOneThreadMicroseconds:N0} µs | {t.RatioOneThread:F1} | {t.TorchBestMicroseconds:N0} µs, {t.TorchBestThreads} thr. | {t.RatioBest:F1} | {t.Spread:P0} |"));
        }
    }
}
