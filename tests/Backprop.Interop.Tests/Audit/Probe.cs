using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Interop.Tests.Torch;
using Backprop.Models;
using Xunit.Abstractions;

namespace Backprop.Interop.Tests.Audit;

[Collection(TorchCollection.Name)]
public sealed class Probe(ITestOutputHelper output)
{
    [Fact]
    public void Explore()
    {
        var lines = new Dictionary<string, List<(double O, double T, double N, int Len, double L, double Ref)>>();
        foreach (var head in Head.All)
        foreach (var activation in Activation.All.Where(a => a.Name == "relu"))
        foreach (var (sizes, batch, seeds) in new[] { ("4-16-3", 16, 60), ("8-6-5-4-3", 7, 60), ("20-40-40-40-40-40-5", 32, 12), ("64-128-64-10", 64, 3), ("784-256-128-10", 64, activation.Name == "relu" ? 1 : 0)})
        foreach (var factor in new[] { -1f })
        {
            var s = sizes.Split('-').Select(int.Parse).ToArray();
            if (head == Head.Binary) { s[^1] = 1; }
            var mlp = new Mlp(s, activation, head);
            for (var seed = 0; seed < seeds; seed++)
            {
                var w = Initializers.Default<float>(mlp, seed);
                for (int i = 0; i < w.Values.Length; i++) { w.Values[i] *= Math.Abs(factor); }
                var b = RandomBatch.Of(mlp, batch, seed + 1000);
                if (factor < 0)
                {
                    using var step = new Backprop.Training.TrainingStep<float>(w, new Adam { LearningRate = 0.01 }, batch);
                    for (var i = 0; i < 50 * (seed % 12 + 1); i++) { step.Run(b, Enumerable.Range(0, batch).ToArray()); }
                    step.CopyWeightsTo(w);
                }
                using var single = new Backprop.Training.GradientPass<float>(mlp, b.Rows);
                using var precise = new Backprop.Training.GradientPass<double>(mlp, b.Rows);
                foreach (var (who, r) in new[] { ("engine", GradientAudit.Run(w, b, single.Run, precise.Run)), ("textbook", GradientAudit.Run(w, b, Textbook<float>.Run, Textbook<double>.Run)) })
                {
                foreach (var t in r.Tensors)
                {
                    var key = $"{who} {sizes} {activation}";
                    
                    if (!lines.TryGetValue(key, out var list)) lines[key] = list = [];
                    list.Add((t.OursError, t.TorchError, t.OursError / t.Limit, t.Rows * t.Columns, t.WorstShare, t.DoubleShare));
                    if (t.Verdict != Verdict.Agrees) output.WriteLine($"YY {who} {head,-10} {activation,-8} {sizes,-22} x{factor} {seed} {t.Name} {t.Rows}x{t.Columns} ours {t.OursError:G3} torch {t.TorchError:G3} ratio {t.OursError/t.TorchError:F2} share {t.WorstShare:F3} {t.DoubleShare:G3} {t.Verdict}");
                }
                }
            }
        }
        foreach (var (k, l) in lines)
        {
output.WriteLine($"XX {k,-32} n {l.Count,5} err/limit {l.Max(x => x.N):F2} share {l.Max(x=>x.L):F3} double {l.Max(x => x.Ref):F2} relL2 ours {l.Max(x => x.O):G2} torch {l.Max(x => x.T):G2}");
        }
    }
}
