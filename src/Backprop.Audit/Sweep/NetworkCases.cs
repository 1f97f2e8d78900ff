using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Audit;

/// <summary>Random networks: case number i of a seed is the same whatever was drawn before it.</summary>
/// <remarks>
/// 1 to 8 layers deep, 1 to 300 units wide, on 1 to 500 rows; sizes are log-uniform, and a case's widest layer too, so that most cases are
/// small and some are not. Every layer, activation and head with its options; in half of the cases something is extreme: weights or
/// features scaled by 10⁻³ to 10³, constant columns, copied rows, units dead or saturated, features mostly 0.
/// </remarks>
public static class NetworkCases
{
    private const int Deepest = 8, MostClasses = 12;

    // An odd number near 2³² / φ: neighbouring seeds' cases do not overlap.
    private const long Stride = 0x9E3779B1;

    private static readonly double[] Slopes = [0.1, 0.5, 1.5, 3];

    private static readonly IReadOnlyList<Loss> RealLosses =
        [.. Loss.All.Where(loss => loss.Name.Split('(')[0] is "squarederror" or "absoluteerror" or "smoothl1" or "huber" or "pinball")];

    /// <summary>One case.</summary>
    /// <param name="seed">The sweep's seed.</param>
    /// <param name="number">The case's number, from 0.</param>
    public static NetworkCase Of(long seed, long number)
    {
        var own = (uint)unchecked(seed * Stride + number);
        var draw = new Draw(new(own));
        var widest = draw.Size(NetworkCase.Widest);
        var depth = 1 + draw.Below(Deepest);
        var layers = new List<CaseLayer>();
        for (var layer = 1; layer < depth; layer++)
        {
            layers.AddRange(draw.OnceIn(2)
                ? [Layer(draw, LayerKind.Linear, widest), Layer(draw, LayerKind.Activation, widest)]
                : [Layer(draw, draw.Of(LayerKind.All), widest)]);
        }

        var heads = Enumerable.Range(0, draw.OnceIn(4) ? 2 + draw.Below(2) : 1).Select(_ => HeadOf(draw)).ToArray();
        var rows = draw.Size(NetworkCase.MostRows);
        var drawn = new NetworkCase
        {
            // A batch of one row has no variance.
            Rows = layers.Any(layer => layer.Kind.Name == "batchnorm") ? Math.Max(2, rows) : rows,
            Features = draw.Size(NetworkCase.Widest),
            Seed = own,
            Weighted = draw.OnceIn(4),
            Layers = layers,
            Heads = heads,
        };
        var whole = draw.OnceIn(2) ? drawn : Extreme(drawn, draw);
        return draw.OnceIn(16) ? whole with { Heads = [.. heads.Select(head => head with { Members = 2 + draw.Below(3) })] } : whole;
    }

    private static NetworkCase Extreme(NetworkCase of, Draw draw)
    {
        for (var i = 0; i < 1 + draw.Below(2); i++)
        {
            of = draw.Below(6) switch
            {
                0 => of with { WeightScale = draw.Scale(1e-3, 1e3) },
                1 => of with { FeatureScale = draw.Scale(1e-3, 1e3) },
                2 => of with { ConstantColumns = draw.Size(of.Features) },
                3 => of with { DuplicatedRows = draw.Size(of.Rows) - 1 },
                4 => draw.OnceIn(2) ? of with { DeadPercent = 10 + draw.Below(50) } : of with { SaturatedPercent = 10 + draw.Below(50) },
                _ => of with { DensityPercent = 1 + draw.Below(30) },
            };
        }

        return of;
    }

    private static CaseLayer Layer(Draw draw, LayerKind kind, int widest)
        => new(kind, [.. kind.Numbers.Select(number => number.Of(draw, widest))], kind.TakesFunction ? Function(draw) : null);

    /// <summary>Any activation, one in four with other parameters where it has some.</summary>
    private static Activation Function(Draw draw)
    {
        var usual = draw.Of(Activation.All);
        return usual.Parameters.Count == 1 && draw.OnceIn(4) ? usual.With([draw.Of(Slopes)]) : usual;
    }

    private static NetworkHead HeadOf(Draw draw)
    {
        var (reduction, outputs) = (draw.OnceIn(6) ? Reduction.Sum : Reduction.Mean, draw.Size(MostClasses));
        var (task, width) = draw.Below(6) switch
        {
            0 => (Head.Binary with { PositiveWeight = draw.OnceIn(3) ? draw.Scale(0.1, 10) : 1 }, 1),
            1 => (Classes(draw, outputs + 1), outputs + 1),
            2 => (Head.Regression with { OutputLoss = draw.Of(RealLosses) }, outputs),
            3 => (Head.Poisson with { Full = draw.OnceIn(2) }, outputs),
            4 => draw.OnceIn(2) ? (Head.Quantile(0.1, 0.5, 0.9), 3) : (Head.Quantile(Math.Round(0.05 + 0.1 * draw.Below(9), 2)), 1),
            _ => ((Head)Head.Gaussian, 2 * outputs),
        };
        return new(task with { Reduction = reduction }, width, draw.OnceIn(4) ? 0.25 + draw.Below(4) : 1, draw.OnceIn(4) ? 1 : 0);
    }

    private static MulticlassHead Classes(Draw draw, int count)
    {
        var head = Head.Multiclass with
        {
            LabelSmoothing = draw.OnceIn(4) ? Math.Round(0.1 + 0.1 * draw.Below(3), 1) : 0,
            ClassWeights = draw.OnceIn(4) ? [.. Enumerable.Range(0, count).Select(_ => 0.5 * (1 + draw.Below(4)))] : null,
        };
        return draw.Below(6) switch
        {
            0 => head with { ProbabilityTargets = true },
            1 => head with { IgnoreIndex = draw.OnceIn(2) ? -100 : draw.Below(count) },
            _ => head,
        };
    }
}
