using Backprop.Models;

namespace Backprop.Tests.Training;

/// <summary>Backpropagation as loops over single numbers, in double: Goodfellow et al. (2016), algorithms 6.3 and 6.4.</summary>
internal static class Textbook
{
    public static (double Loss, Weights<double> Gradients) Gradients(Weights<double> weights, Examples<double> table, int[] rows)
    {
        var (mlp, gradients, loss) = (weights.Model.ToMlp(), new Weights<double>(weights.Model), 0.0);
        foreach (var row in rows)
        {
            // Forward: z = W h + b, h = f(z).
            var z = new List<double[]>();
            var h = new List<double[]> { table.Features[(row * mlp.Inputs)..((row + 1) * mlp.Inputs)] };
            for (var layer = 0; layer < mlp.Layers; layer++)
            {
                var (x, w, b) = (h[layer], weights[$"{2 * layer}.weight"].ToArray(), weights[$"{2 * layer}.bias"].ToArray());
                z.Add([.. b.Select((bias, unit) => bias + x.Select((value, i) => value * w[unit * x.Length + i]).Sum())]);
                h.Add([.. layer < mlp.Layers - 1 ? z[layer].Select(v => TextbookActivations.Of(mlp.Activation.Name, v).Value) : z[layer]]);
            }

            var share = (table.Weights?[row] ?? 1) / rows.Length;
            var (rowLoss, delta) = Loss(mlp.Head, z[^1], table.Targets[(row * table.TargetColumns)..((row + 1) * table.TargetColumns)]);
            loss += share * rowLoss;
            delta = [.. delta.Select(d => d * share)];

            // Backward: ∂W = δ hᵀ, ∂b = δ, δ ← Wᵀ δ ⊙ f′(z).
            for (var layer = mlp.Layers - 1; layer >= 0; layer--)
            {
                var (x, w) = (h[layer], weights[$"{2 * layer}.weight"].ToArray());
                for (var unit = 0; unit < delta.Length; unit++)
                {
                    gradients[$"{2 * layer}.bias"][unit] += delta[unit];
                    for (var i = 0; i < x.Length; i++)
                    {
                        gradients[$"{2 * layer}.weight"][unit * x.Length + i] += delta[unit] * x[i];
                    }
                }

                if (layer > 0)
                {
                    var above = delta;
                    delta = [.. z[layer - 1].Select((v, i) =>
                        above.Select((d, unit) => d * w[unit * x.Length + i]).Sum() * TextbookActivations.Of(mlp.Activation.Name, v).Slope)];
                }
            }
        }

        return (loss, gradients);
    }

    private static (double Loss, double[] Delta) Loss(Head head, double[] z, double[] target)
    {
        if (head == Head.Multiclass)
        {
            var sum = z.Sum(Math.Exp);
            return (Math.Log(sum) - z[(int)target[0]], [.. z.Select((v, i) => Math.Exp(v) / sum - (i == (int)target[0] ? 1 : 0))]);
        }

        if (head == Head.Binary)
        {
            var p = 1 / (1 + Math.Exp(-z[0]));
            return (-target[0] * Math.Log(p) - (1 - target[0]) * Math.Log(1 - p), [p - target[0]]);
        }

        if (head is PoissonHead)
        {
            return (z.Zip(target, (v, t) => Math.Exp(v) - t * v).Average(), [.. z.Zip(target, (v, t) => (Math.Exp(v) - t) / z.Length)]);
        }

        if (head is QuantileHead quantiles)
        {
            var levels = quantiles.Levels;
            return (
                z.Select((v, i) => v > target[0] ? (1 - levels[i]) * (v - target[0]) : levels[i] * (target[0] - v)).Average(),
                [.. z.Select((v, i) => ((v > target[0] ? 1 : 0) - levels[i]) / z.Length)]);
        }

        if (head is GaussianHead)
        {
            var (mean, variance) = (z[..target.Length], z[target.Length..].Select(Math.Exp).ToArray());
            var errors = mean.Zip(target, (m, t) => m - t).ToArray();
            return (
                errors.Zip(variance, (e, v) => (Math.Log(v) + e * e / v) / 2).Average(),
                [
                    .. errors.Zip(variance, (e, v) => e / v / target.Length),
                    .. errors.Zip(variance, (e, v) => (1 - e * e / v) / 2 / target.Length),
                ]);
        }

        return (z.Zip(target, (a, b) => (a - b) * (a - b)).Average(), [.. z.Zip(target, (a, b) => 2 * (a - b) / z.Length)]);
    }
}
