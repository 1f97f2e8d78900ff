using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Training;

namespace Backprop.Interop.Tests.Graph;

/// <summary>A layer of another assembly is one like those of the engine.</summary>
public class OwnLayerTests
{
    [Fact]
    public void ItTrainsAndScoresAndItsWeightsAreNamed()
    {
        var model = Model.Of(Signal.Features(2).Through(new Powers { Name = "powers" }).Linear(1), Head.Regression);
        Assert.Equal(["powers.shift", "1.weight", "1.bias"], new Weights<double>(model).Tensors.Select(tensor => tensor.Name));

        // (x + 0.5)² + y²: within reach of the shift and the last layer's weights.
        var features = new double[400];
        new TorchRandom(1).FillUniform<double>(features, -1, 1);
        var targets = features.Chunk(2).Select(x => (x[0] + 0.5) * (x[0] + 0.5) + x[1] * x[1]).ToArray();
        var options = new TrainingOptions { Epochs = 300, Optimizer = new Adam { LearningRate = 0.02 }, ValidationFraction = 0 };
        var result = Trainer.Fit(model, new Examples<double>(200, features, targets), options);
        Assert.True(result.History[^1].TrainingLoss < 1e-4, $"{result.History[^1].TrainingLoss}");

        var score = new double[1];
        result.Network.Score([0.3, -0.4], score);
        Assert.Equal(0.64 + 0.16, score[0], 0.02);
        var error = Assert.Throws<NotSupportedException>(() => result.Network.Save(new BinaryWriter(Stream.Null)));
        Assert.StartsWith("The layer powers is your own and cannot be saved.", error.Message);
    }

    [Fact]
    public void OneThatBuildsWhatItDoesNotAnnounceIsNamed()
    {
        var model = Model.Of(Signal.Features(2).Through(new Liar()), Head.Regression);
        var error = Assert.Throws<InvalidOperationException>(() => Initializers.Default<float>(model, 1) is var w ? new Network<float>(w) : null);
        Assert.StartsWith("The layer liar builds", error.Message);
    }

    /// <summary>x + shift, and its square beside it.</summary>
    private sealed class Powers : Layer
    {
        public override int ColumnsOf(IReadOnlyList<int> inputs) => 2 * Only(inputs);

        public override IReadOnlyList<LayerTensor> TensorsOf(IReadOnlyList<int> inputs)
            => [new("shift", 1, inputs[0], TensorLayout.Vector, new Zeros())];

        public override Node Build(IReadOnlyList<Node> inputs, IReadOnlyList<Node> tensors, GraphMode mode)
        {
            var shifted = inputs[0] + tensors[0];
            return Node.Concatenate(shifted, shifted.Square());
        }

        public override string ToString() => "powers";
    }

    private sealed class Liar : Layer
    {
        public override int ColumnsOf(IReadOnlyList<int> inputs) => 3;

        public override Node Build(IReadOnlyList<Node> inputs, IReadOnlyList<Node> tensors, GraphMode mode) => inputs[0];

        public override string ToString() => "liar";
    }
}
