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
        foreach (var head in Head.All)
        foreach (var activation in Activation.All)
        foreach (var (sizes, batch, seeds) in new[] { ("8-6-5-4-3", 7, 100), ("20-40-40-40-40-40-5", 32, 40) })
        foreach (var factor in new[] { 1f, 3f })
        {
            var s = sizes.Split('-').Select(int.Parse).ToArray();
            if (head == Head.Binary) { s[^1] = 1; }
            var mlp = new Mlp(s, activation, head);
            for (var seed = 0; seed < seeds; seed++)
            {
                var w = Initializers.Default<float>(mlp, seed);
                for (int i = 0; i < w.Values.Length; i++) { w.Values[i] *= factor; }
                var b = RandomBatch.Of(mlp, batch, seed + 1000);
                var r = GradientAudit.Run(w, b, Textbook<float>.Run, Textbook<double>.Run);
                foreach (var t in r.Tensors)
                {
                    if (t.OursError > .7 * t.Limit) output.WriteLine($"XX {head,-10} {activation,-8} {sizes,-22} x{factor} {seed} {t.Name} {t.Rows}x{t.Columns} ours {t.OursError:G3} torch {t.TorchError:G3} ratio {t.OursError/t.TorchError:F2} share {t.WorstShare:F3} {t.Verdict}");
                }
            }
        }
    }
}
