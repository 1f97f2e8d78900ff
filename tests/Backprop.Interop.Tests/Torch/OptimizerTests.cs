using Backprop.Formulas;
using Backprop.Torch;
using TorchSharp;
using TorchSharp.Modules;
using RAdam = Backprop.Formulas.RAdam;

namespace Backprop.Interop.Tests.Torch;

/// <summary>Every optimizer's lines against PyTorch's optimizer of that name.</summary>
[Collection(TorchCollection.Name)]
public sealed class OptimizerTests
{
    private const int Steps = 10, Count = 20;

    public static TheoryData<int> Optimizers => [.. Enumerable.Range(0, Optimizer.All.Count)];

    /// <summary>An optimizer of the catalogue, with the learning rate at which TorchSharp's is PyTorch's.</summary>
    public static Optimizer Comparable(int index) => Optimizer.All[index] is RAdam radam ? radam with { LearningRate = 1 } : Optimizer.All[index];

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void TenStepsAreTorchs(int index)
    {
        var optimizer = Comparable(index);
        var random = new Models.TorchRandom(index);
        var gradients = new double[Steps * Count];
        random.FillUniform(gradients, -1, 1);
        var start = new double[Count];
        random.FillUniform(start, -1, 1);

        var ours = optimizer.Accept(new Run(start, gradients, optimizer.LearningRate));
        var theirs = RunTorch(optimizer, start, gradients);

        // Rounding alone parts them: some ten operations a step, each exact to 1.1e-16. RAdam's rectification subtracts two numbers near
        // 2000, the second exact to 1e-14 of itself, whose difference is near 5.
        var tolerance = optimizer is RAdam ? 1e-10 : 1e-12;
        for (var i = 0; i < Count; i++)
        {
            Assert.True(
                Math.Abs(ours[i] - theirs[i]) <= tolerance * Math.Abs(theirs[i] - start[i]),
                $"{optimizer}, weight {i} after {Steps} steps from {start[i]:R}: ours {ours[i]:R}, torch's {theirs[i]:R}");
        }
    }

    private static double[] RunTorch(Optimizer optimizer, double[] start, double[] gradients)
    {
        using var scope = torch.NewDisposeScope();
        using var weights = new Parameter(torch.tensor(start, torch.float64));
        using var twin = Twins.Of(optimizer with { L1 = 0 }, [weights]);
        for (var step = 0; step < Steps; step++)
        {
            weights.grad = torch.tensor(gradients[(step * Count)..((step + 1) * Count)], torch.float64) + weights.detach().sign() * optimizer.L1;
            twin.step();
        }

        return weights.data<double>().ToArray();
    }

    private sealed class Run(double[] start, double[] gradients, double rate) : IOptimizerVisitor<double[]>
    {
        public double[] Visit<TUpdate>(IOptimizer<TUpdate> optimizer) where TUpdate : struct, IUpdate
        {
            var weights = Array.ConvertAll(start, w => new Scalar<double>(w));
            var (first, second, third) = (new Scalar<double>[Count], new Scalar<double>[Count], new Scalar<double>[Count]);
            for (var step = 0; step < Steps; step++)
            {
                var update = optimizer.At(step + 1, rate);
                for (var i = 0; i < Count; i++)
                {
                    update.Apply(new(gradients[step * Count + i]), ref weights[i], ref first[i], ref second[i], ref third[i]);
                }
            }

            return Array.ConvertAll(weights, w => w.Value);
        }
    }
}
