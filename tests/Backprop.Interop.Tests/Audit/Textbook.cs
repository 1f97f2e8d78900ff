using System.Numerics;
using Backprop.Formulas;
using Backprop.Interop.Tests.Torch;
using Backprop.Models;

namespace Backprop.Interop.Tests.Audit;

/// <summary>Backpropagation as plain loops: an implementation that shares nothing with the engine but the formulas.</summary>
/// <typeparam name="T">float or double.</typeparam>
public static class Textbook<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Source: Goodfellow, Bengio and Courville, Deep Learning, algorithms 6.3 and 6.4.</summary>
    public static double Run(Weights<T> weights, Examples<T> examples, ReadOnlySpan<int> rows, Weights<T> gradients, Span<T> logits)
    {
        var (mlp, mean) = (weights.Model.ToMlp(), 0.0);
        gradients.Values.Clear();
        for (var r = 0; r < rows.Length; r++)
        {
            var x = examples.Features.AsSpan(rows[r] * mlp.Inputs, mlp.Inputs).ToArray();
            var targets = examples.Targets.AsSpan(rows[r] * examples.TargetColumns, examples.TargetColumns).ToArray();
            var weight = examples.Weights is null ? T.One : examples.Weights[rows[r]];
            var (a, z) = Forward(weights, x);
            z[^1].CopyTo(logits[(r * mlp.Outputs)..]);
            var (loss, delta) = Loss(mlp.Head, z[^1], targets, weight, rows.Length);
            mean += loss;
            for (var l = mlp.Layers - 1; l >= 0; l--)
            {
                delta = Backward(weights, gradients, l, a, z, delta);
            }
        }

        return mean;
    }

    /// <summary>Layer by layer: what comes in (a), and the sums before the activation (z).</summary>
    private static (T[][] A, T[][] Z) Forward(Weights<T> weights, T[] x)
    {
        var mlp = weights.Model.ToMlp();
        var (a, z) = (new T[mlp.Layers][], new T[mlp.Layers][]);
        for (var l = 0; l < mlp.Layers; l++)
        {
            a[l] = l == 0 ? x : Array.ConvertAll(z[l - 1], v => mlp.Activation.Forward(new Scalar<T>(v)).Value);
            z[l] = weights[weights.Tensors[2 * l + 1]].ToArray();
            var w = weights[weights.Tensors[2 * l]];
            for (var j = 0; j < z[l].Length; j++)
            {
                for (var i = 0; i < a[l].Length; i++)
                {
                    z[l][j] += w[j * a[l].Length + i] * a[l][i];
                }
            }
        }

        return (a, z);
    }

    /// <summary>Adds one example's gradient of layer l; the delta of the layer below.</summary>
    private static T[] Backward(Weights<T> weights, Weights<T> gradients, int l, T[][] a, T[][] z, T[] delta)
    {
        var (weight, bias) = (weights.Tensors[2 * l], weights.Tensors[2 * l + 1]);
        var below = new T[a[l].Length];
        for (var j = 0; j < delta.Length; j++)
        {
            gradients[bias][j] += delta[j];
            for (var i = 0; i < below.Length; i++)
            {
                gradients[weight][j * below.Length + i] += delta[j] * a[l][i];
                below[i] += weights[weight][j * below.Length + i] * delta[j];
            }
        }

        for (var i = 0; l > 0 && i < below.Length; i++)
        {
            below[i] *= weights.Model.ToMlp().Activation.Derivative(new Scalar<T>(z[l - 1][i]), new Scalar<T>(a[l][i])).Value;
        }

        return below;
    }

    private static (double Loss, T[] Delta) Loss(Head head, T[] z, T[] targets, T weight, int rows)
    {
        var delta = new T[z.Length];
        Scalar<T> Of(T value) => new(value);
        if (head is MulticlassHead)
        {
            var max = z.Max();
            var powers = Array.ConvertAll(z, v => T.CreateTruncating(Math.Exp(double.CreateTruncating(v - max))));
            var (sum, of) = (powers.Aggregate((p, q) => p + q), int.CreateTruncating(targets[0]));
            var each = weight / T.CreateTruncating(rows);
            return (
                double.CreateTruncating(each) * (Math.Log(double.CreateTruncating(sum)) + double.CreateTruncating(max - z[of])),
                [.. powers.Select((p, j) => each * (p / sum - (j == of ? T.One : T.Zero)))]);
        }

        var (loss, share) = (0.0, weight / T.CreateTruncating((double)rows * (head is GaussianHead ? targets.Length : z.Length)));
        void Add(Scalar<T> value) => loss += double.CreateTruncating(share * value.Value);
        for (var j = 0; j < targets.Length && head is GaussianHead; j++)
        {
            var (m, s, t) = (Of(z[j]), Of(z[targets.Length + j]), Of(targets[j]));
            Add(GaussianLikelihood.Value(m, s, t));
            delta[j] = share * GaussianLikelihood.MeanSlope(m, s, t).Value;
            delta[targets.Length + j] = share * GaussianLikelihood.LogVarianceSlope(m, s, t).Value;
        }

        for (var j = 0; j < z.Length && head is not GaussianHead; j++)
        {
            var formula = head is QuantileHead quantiles ? Formulas.Loss.Of(new Pinball(quantiles.Levels[j])) : head.OutputLoss!;
            var (prediction, target) = (Of(z[j]), Of(targets[head is QuantileHead ? 0 : j]));
            Add(formula.Value(prediction, target));
            delta[j] = share * formula.Derivative(prediction, target).Value;
        }

        return (loss, delta);
    }
}
