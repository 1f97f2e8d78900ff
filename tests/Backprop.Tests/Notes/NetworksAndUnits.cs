using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Tests.Notes;

/// <summary>The lecture notes' part A, networks and units, with the numbers given there.</summary>
public class NetworksAndUnits
{
    private static readonly float[] XorInputs = [0, 0, 0, 1, 1, 0, 1, 1];
    private static readonly float[] XorLabels = [0, 1, 1, 0];

    /// <summary>A2: XOR by rectified linear units. Goodfellow, Bengio and Courville, Deep Learning, section 6.1.</summary>
    [Fact]
    public void XorByGivenWeightsIsExact()
    {
        var weights = new Weights<float>(Mlp.Parse("2-2-1", Activation.Parse("relu"), Head.Regression));
        Set(weights, ("0.weight", [1, 1, 1, 1]), ("0.bias", [0, -1]), ("2.weight", [1, -2]), ("2.bias", [0]));
        Assert.Equal(XorLabels, Score(new(weights), XorInputs));

        // The hidden layer alone: [0, 1] and [1, 0] become the same point.
        var hidden = new Weights<float>(Model.Of(Signal.Features(2).Linear(2).Apply(Activation.Parse("relu")), Head.Regression));
        Set(hidden, ("0.weight", [1, 1, 1, 1]), ("0.bias", [0, -1]));
        Assert.Equal([0, 0, 1, 0, 1, 0, 2, 1], Score(new(hidden), XorInputs));
    }

    /// <summary>A3: the least squares solution of XOR by a linear model is w = 0, b = 1/2.</summary>
    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void XorByALinearModelIsOneHalfEverywhere(long seed)
    {
        var (weights, _) = Train(Mlp.Parse("2-1", Activation.Parse("identity"), Head.Regression), seed, new Sgd { LearningRate = 0.5 }, steps: 300);
        Assert.All(weights["0.weight"].ToArray(), w => Assert.Equal(0, w, 1e-6));
        Assert.Equal(0.5, weights["0.bias"][0], 1e-6);
        Assert.All(Score(new(weights), XorInputs), y => Assert.Equal(0.5, y, 1e-6));
    }

    /// <summary>A4: how many of the seeds 1 to 100 reach a loss below 0.001. The bits are the same everywhere, and so is the number.</summary>
    [Theory]
    [InlineData("2-2-1", "tanh", 44)]
    [InlineData("2-8-1", "tanh", 100)]
    [InlineData("2-2-1", "relu", 22)]
    [InlineData("2-8-1", "relu", 95)]
    public void XorIsLearnedFromRandomWeights(string sizes, string activation, int seeds)
    {
        var mlp = Mlp.Parse(sizes, Activation.Parse(activation), Head.Binary);
        var losses = Enumerable.Range(1, 100).Select(seed => Train(mlp, seed, new Adam { LearningRate = 0.05 }, steps: 1000).Loss).ToArray();
        Assert.Equal(seeds, losses.Count(loss => loss < 1e-3));
    }

    /// <summary>A5: the units of the notes without parameters that are learned; those are layers.</summary>
    [Theory]
    [InlineData("identity", -2, -2), InlineData("relu", -2, 0), InlineData("leakyrelu", -2, -0.02), InlineData("absolute", -2, 2)]
    [InlineData("sigmoid", 0, 0.5), InlineData("tanh", 0.5, 0.46211715726000975), InlineData("sine", 1, 0.8414709848078965)]
    [InlineData("softplus", 0, 0.6931471805599453), InlineData("hardtanh", -2, -1), InlineData("gelu", 1, 0.8413447460685429)]
    [InlineData("gelutanh", 1, 0.8411919906082768), InlineData("silu", 1, 0.7310585786300049), InlineData("mish", 1, 0.8650983882673103)]
    [InlineData("elu", -1, -0.6321205588285577), InlineData("selu", -1, -1.1113307378125627), InlineData("celu", -1, -0.6321205588285577)]
    [InlineData("softsign", 1, 0.5), InlineData("relu6", 7, 6), InlineData("hardsigmoid", 0, 0.5), InlineData("hardswish", 1, 2 / 3.0)]
    [InlineData("logsigmoid", 0, -0.6931471805599453)]
    public void UnitsHaveTheNotesValues(string activation, double x, double y)
    {
        var unit = new Weights<double>(Model.Of(Signal.Features(1).Apply(Activation.Parse(activation)), Head.Regression));
        var score = new double[1];
        new Network<double>(unit).Score([x], score);
        // A handful of roundings.
        Assert.Equal(y, score[0], 8 * 1.1e-16 * Math.Max(1, Math.Abs(y)));
    }

    /// <summary>A7: one hidden layer approximates a continuous function on a compact set; here the sine to within 0.01.</summary>
    [Theory]
    [InlineData("tanh", 32, 1000, 0.01)]
    [InlineData("relu", 200, 2000, 0.003)]
    public void OneHiddenLayerFitsTheSine(string activation, int units, int epochs, double rate)
    {
        var x = Enumerable.Range(-150, 301).Select(i => i * Math.PI / 150).ToArray();
        var table = new Examples<double>(x.Length, x, [.. x.Select(Math.Sin)]);
        var options = new TrainingOptions
        {
            Hidden = [units],
            Activation = Activation.Parse(activation),
            Epochs = epochs,
            BatchSize = x.Length,
            ValidationFraction = 0,
            Optimizer = new Adam { LearningRate = rate },
            Engine = Catalogue.Engine(1, null),
        };
        var network = Trainer.Fit(Head.Regression, 1, table, options).Network;
        var (between, scores) = (Enumerable.Range(-1000, 2001).Select(i => i * Math.PI / 1000).ToArray(), new double[2001]);
        network.Score(between, scores);
        var worst = between.Zip(scores, (at, y) => Math.Abs(y - Math.Sin(at))).Max();
        Assert.True(worst < 0.01, $"{units} units of {activation} are off by {worst:G3}");
    }

    private static (Weights<float> Weights, double Loss) Train(Model model, long seed, Optimizer optimizer, int steps)
    {
        var (weights, xor, rows, loss) =
            (Initializers.Default<float>(model, seed), new Examples<float>(4, XorInputs, XorLabels), Catalogue.Rows(4), double.NaN);
        using var step = new TrainingStep<float>(weights, optimizer, 4, Catalogue.Engine(1, null));
        for (var i = 0; i < steps; i++)
        {
            loss = step.Run(xor, rows);
        }

        step.CopyWeightsTo(weights);
        return (weights, loss);
    }

    private static float[] Score(Network<float> network, float[] features)
    {
        var scores = new float[features.Length / 2 * network.Model.Outputs];
        network.Score(features, scores);
        return scores;
    }

    private static void Set(Weights<float> weights, params ReadOnlySpan<(string Name, float[] Values)> tensors)
    {
        foreach (var (name, values) in tensors)
        {
            values.CopyTo(weights[name]);
        }
    }
}
