using Backprop.Torch;
using Backprop.Training;
using TorchSharp;
using TorchSharp.Modules;

namespace Backprop.Interop.Tests.Torch;

/// <summary>L-BFGS and gradients' bound against PyTorch's.</summary>
[Collection(TorchCollection.Name)]
public sealed class LbfgsTests
{
    [Theory, InlineData(100, 1.0), InlineData(3, 0.5)]
    public void StepsDownRosenbrocksValleyArePyTorchs(int history, double rate)
    {
        TorchLibrary.EnsureLoaded();
        double[] x = [-1.2, 1, 0.7, -0.4];
        using var scope = torch.NewDisposeScope();
        using var weights = new Parameter(torch.tensor(x, torch.float64));
        using var twin = torch.optim.LBFGS([weights], rate, max_iter: 5, max_eval: 100, tolerange_grad: 1e-7, tolerance_change: 1e-9, history_size: history);
        var ours = new LbfgsMinimizer<double>(new() { LearningRate = rate, Iterations = 5, Evaluations = 100, History = history }, Rosenbrock);
        for (var step = 0; step < 4; step++)
        {
            var theirs = twin.step(() =>
            {
                twin.zero_grad();
                var (even, odd) = (weights[torch.TensorIndex.Slice(0, null, 2)], weights[torch.TensorIndex.Slice(1, null, 2)]);
                var loss = ((1 - even).pow(2) + 100 * (odd - even.pow(2)).pow(2)).sum();
                loss.backward();
                return loss;
            });
            var value = ours.Step(x);
            // Rounding grows along the valley: by up to a thousand each step.
            var tolerance = 1e-13 * Math.Pow(1000, step);
            Assert.Equal(theirs.item<double>(), value, tolerance * Math.Max(1, value));
            Assert.All(x.Zip(weights.data<double>().ToArray()), pair => Assert.Equal(pair.Second, pair.First, tolerance));
        }
    }

    private static double Rosenbrock(ReadOnlySpan<double> x, Span<double> gradient)
    {
        var sum = 0.0;
        for (var i = 0; i < x.Length; i += 2)
        {
            var (a, b) = (1 - x[i], x[i + 1] - x[i] * x[i]);
            (gradient[i], gradient[i + 1]) = (-2 * a - 400 * x[i] * b, 200 * b);
            sum += a * a + 100 * b * b;
        }

        return sum;
    }
}
