using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Audit;

/// <summary>
/// Optimizers as loops over single weights, in double, as the sources of torch.optim and of PyTorch's documentation state them: nothing of
/// the engine is in them.
/// </summary>
internal sealed class OptimizerLoops(Optimizer optimizer, Weights<double> weights)
{
    private readonly double[] a = new double[weights.Values.Length];
    private readonly double[] b = new double[weights.Values.Length];
    private readonly double[] c = new double[weights.Values.Length];
    private readonly double rate = optimizer.LearningRate;
    private double muProduct = 1;
    private int t;

    /// <summary>One step.</summary>
    /// <param name="gradients">The gradients.</param>
    /// <param name="touched">Whether the number of that index of that parameter is updated lazily and touched, lazily and not, or, null, always.</param>
    public void Step(Weights<double> gradients, Func<string, int, bool?>? touched = null)
    {
        t++;
        muProduct *= optimizer is NAdam nadam ? Mu(nadam, t) : 1;
        foreach (var tensor in weights.Tensors)
        {
            for (var i = 0; i < tensor.Length; i++)
            {
                var lazy = touched?.Invoke(tensor.Name, i);
                if (lazy != false)
                {
                    Update(tensor.Offset + i, gradients.Values[tensor.Offset + i], tensor.IsVector, lazy == true);
                }
            }
        }
    }

    private void Update(int i, double g, bool vector, bool lazy)
    {
        ref var w = ref weights.Values[i];
        if (!vector || optimizer.DecayBiases)
        {
            g += optimizer.L1 * Math.Sign(w);
            g += optimizer.DecoupledWeightDecay ? 0 : optimizer.WeightDecay * w;
            w -= optimizer.DecoupledWeightDecay ? rate * optimizer.WeightDecay * w : 0;
        }

        switch (optimizer)
        {
            case Sgd o:
                a[i] = t == 1 ? g : o.Momentum * a[i] + (1 - o.Dampening) * g;
                w -= rate * (o.Nesterov ? g + o.Momentum * a[i] : o.Momentum == 0 ? g : a[i]);
                break;
            case Adam o:
                Moments(i, g, o.Beta1, o.Beta2);
                c[i] = o.AmsGrad ? Math.Max(c[i], b[i]) : b[i];
                var (correction1, correction2) = (1 - Math.Pow(o.Beta1, t), 1 - Math.Pow(o.Beta2, t));
                w -= lazy
                    ? rate * Math.Sqrt(correction2) / correction1 * a[i] / (Math.Sqrt(c[i]) + o.Epsilon) // SparseAdam
                    : rate / correction1 * a[i] / (Math.Sqrt(c[i] / correction2) + o.Epsilon);
                break;
            case NAdam o:
                Moments(i, g, o.Beta1, o.Beta2);
                var divisor = Math.Sqrt(b[i] / (1 - Math.Pow(o.Beta2, t))) + o.Epsilon;
                w -= rate * (1 - Mu(o, t)) / (1 - muProduct) * g / divisor;
                w -= rate * Mu(o, t + 1) / (1 - muProduct * Mu(o, t + 1)) * a[i] / divisor;
                break;
            case RAdam o:
                Moments(i, g, o.Beta1, o.Beta2);
                var (mean, limit) = (a[i] / (1 - Math.Pow(o.Beta1, t)), 2 / (1 - o.Beta2) - 1);
                var length = limit - 2 * t * Math.Pow(o.Beta2, t) / (1 - Math.Pow(o.Beta2, t));
                w -= rate * mean * (length > 5
                    ? Math.Sqrt((length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length))
                        * Math.Sqrt(1 - Math.Pow(o.Beta2, t)) / (Math.Sqrt(b[i]) + o.Epsilon)
                    : 1);
                break;
            case RmsProp o:
                a[i] = o.Alpha * a[i] + (1 - o.Alpha) * g * g;
                b[i] = o.Centered ? o.Alpha * b[i] + (1 - o.Alpha) * g : 0;
                c[i] = o.Momentum * c[i] + g / (Math.Sqrt(Math.Max(0, a[i] - b[i] * b[i])) + o.Epsilon);
                w -= rate * c[i];
                break;
            case Adagrad o:
                a[i] += g * g;
                w -= rate / (1 + (t - 1) * o.RateDecay) * g / (Math.Sqrt(o.InitialAccumulator + a[i]) + o.Epsilon);
                break;
            case Adadelta o:
                a[i] = o.Rho * a[i] + (1 - o.Rho) * g * g;
                var delta = Math.Sqrt(b[i] + o.Epsilon) / Math.Sqrt(a[i] + o.Epsilon) * g;
                b[i] = o.Rho * b[i] + (1 - o.Rho) * delta * delta;
                w -= rate * delta;
                break;
            case Adamax o:
                a[i] = o.Beta1 * a[i] + (1 - o.Beta1) * g;
                b[i] = Math.Max(o.Beta2 * b[i], Math.Abs(g) + o.Epsilon);
                w -= rate / (1 - Math.Pow(o.Beta1, t)) * a[i] / b[i];
                break;
            case Rprop o:
                b[i] = b[i] == 0 ? rate : b[i];
                b[i] = Math.Clamp(b[i] * (g * a[i] > 0 ? o.Grow : g * a[i] < 0 ? o.Shrink : 1), o.LeastStep, o.LargestStep);
                a[i] = g * a[i] < 0 ? 0 : g;
                w -= Math.Sign(a[i]) * b[i];
                break;
            default:
                throw new ArgumentException($"Add {optimizer.Name} to the loops.");
        }
    }

    private void Moments(int i, double g, double beta1, double beta2)
    {
        a[i] += (1 - beta1) * (g - a[i]);
        b[i] += (1 - beta2) * (g * g - b[i]);
    }

    private static double Mu(NAdam o, int step) => o.Beta1 * (1 - 0.5 * Math.Pow(0.96, step * o.MomentumDecay));
}
