using Backprop.Formulas;
using Backprop.Models;
using Backprop.Tests.Models;
using Backprop.Torch;
using Backprop.Training;
using static TorchSharp.torch;

namespace Backprop.Interop.Tests.Torch;

/// <summary>Networks of every kind of layer beside the same networks in PyTorch, in double.</summary>
[Collection(TorchCollection.Name)]
public sealed class LayerTests
{
    private const int Rows = 21;

    // Sums of some 40 terms near 1 and a few layers, in another order: 2⁻⁵³ times a few hundred.
    private const double Tolerance = 1e-13;

    /// <summary>All but the one that TorchSharp cannot build: its BatchNorm1d has no average over all batches.</summary>
    public static TheoryData<string> Names => [.. Networks.All.Keys.Except(["cumulative"])];

    [Theory]
    [MemberData(nameof(Names))]
    public void GradientsArePyTorchs(string name)
    {
        var model = Networks.All[name];
        var (table, weights) = (Networks.Table(model, Rows), Initializers.Default<double>(model, 3));
        using var twin = new TorchModel<double>(weights);
        var (ours, theirs) = (new Weights<double>(model), new Weights<double>(model));
        var (z, torchZ) = (new double[Rows * model.Outputs], new double[Rows * model.Outputs]);
        // The masks too are PyTorch's, from the same seed.
        using var pass = new GradientPass<double>(model, Rows, random: new TorchRandom(9));
        manual_seed(9);
        int[] rows = [.. Enumerable.Range(0, Rows)];
        Near(twin.Gradients(table, rows, theirs, torchZ), pass.Run(weights, table, rows, ours, z), "loss");
        for (var i = 0; i < z.Length; i++)
        {
            Near(torchZ[i], z[i], $"logit {i}");
        }

        foreach (var tensor in weights.Tensors)
        {
            for (var i = 0; i < tensor.Length; i++)
            {
                Near(theirs[tensor][i], ours[tensor][i], $"∂ {tensor.Name}[{i}]");
            }
        }

        void Near(double expected, double actual, string what)
            => Assert.True(Math.Abs(expected - actual) <= Tolerance * Math.Max(1, Math.Abs(expected)), $"{name}, {what}: torch {expected:R}, ours {actual:R}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TrainedWeightsAndStatisticsArePyTorchs(string name)
    {
        var model = Networks.All[name];
        var (table, random) = (Networks.Table(model, Rows), new TorchRandom(4));
        var weights = Initializers.Default<double>(model, random);
        var optimizer = new Sgd { LearningRate = 0.05, Momentum = 0.9 };
        using var twin = new TorchModel<double>(weights, optimizer);
        using var step = new TrainingStep<double>(weights, optimizer, Rows, random: random);
        // PyTorch's stream to where ours is after the first weights.
        manual_seed(4);
        SkipInitialWeights(model);
        for (var i = 0; i < 10; i++)
        {
            int[] rows = [.. Enumerable.Range(0, 15 + i % 3)];
            Assert.Equal(twin.Step(table, rows), step.Run(table, rows), 1e-11);
        }

        var (ours, theirs) = (new Weights<double>(model), new Weights<double>(model));
        step.CopyWeightsTo(ours);
        twin.CopyTo(theirs);
        foreach (var tensor in ours.Tensors)
        {
            for (var i = 0; i < tensor.Length; i++)
            {
                Assert.True(Math.Abs(theirs[tensor][i] - ours[tensor][i]) <= 1e-11, $"{name}, {tensor.Name}[{i}]: "
                    + $"torch {theirs[tensor][i]:R}, ours {ours[tensor][i]:R}");
            }
        }

        // What is scored is PyTorch's eval mode: running statistics, no masks.
        twin.CopyFrom(ours);
        twin.Network.eval();
        using var features = tensor(table.Features).reshape(Rows, model.Inputs);
        using var graph = no_grad();
        using var logits = twin.Network.call(features);
        var (expected, actual) = (logits.data<double>().ToArray(), new double[Rows * model.Outputs]);
        new Network<double>(ours).Score(table.Features, actual);
        for (var row = 0; row < Rows; row++)
        {
            var first = row * model.Outputs;
            foreach (var (z, head, _) in model.HeadOutputs)
            {
                if (head is MulticlassHead)
                {
                    var powers = expected[first..(first + z.Width)].Select(Math.Exp).ToArray();
                    powers.Select(power => power / powers.Sum()).ToArray().CopyTo(expected, first);
                }

                first += z.Width;
            }
        }

        for (var i = 0; i < actual.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= Tolerance * Math.Max(1, Math.Abs(expected[i])), $"{name}, score {i}: "
                + $"torch {expected[i]:R}, ours {actual[i]:R}");
        }
    }

    /// <summary>Draws what the first weights took: two words for each double.</summary>
    private static void SkipInitialWeights(Model model)
    {
        var random = new TorchRandom(4);
        Initializers.Default<double>(model, random);
        using var reached = tensor(random.SaveState());
        set_rng_state(reached);
    }
}
