using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Tests.Models;

/// <summary>An operation of one's own in a network.</summary>
public class CustomLayerTests
{
    private static readonly Signal X = Signal.Features(4);

    [Fact]
    public void ItTrainsAndScoresAsTheLayersItIsMadeOf()
    {
        // x · x by one operation, and by a product: the same bits, as both round once and double a gradient once.
        var (own, builtIn) = (Fit(X.Linear(9).Apply(new Squares())), Fit(Squared(X.Linear(9))));
        Assert.Equal(builtIn.WeightHash, own.WeightHash);
        var (theirs, ours) = (new double[10], new double[10]);
        var rows = new double[40];
        new TorchRandom(3).FillNormal<double>(rows, 0, 1);
        builtIn.Network.Score(rows, theirs);
        own.Network.Score(rows, ours);
        Assert.Equal(theirs, ours);

        static Signal Squared(Signal x) => x * x;
    }

    [Fact]
    public void ANetworkWithOneIsNotSaved()
    {
        var network = new Network<float>(new Weights<float>(Model.Of(X.Apply(new Squares()), Head.Regression)));
        using var writer = new BinaryWriter(new MemoryStream());
        Assert.StartsWith("The layer Squares is your own and cannot be saved.", Assert.Throws<NotSupportedException>(() => network.Save(writer)).Message);
    }

    [Fact]
    public void OperationsOfAllRowsTogetherAreRefused()
        => Assert.StartsWith("Rows of ColumnMeans may depend on other rows", Assert.Throws<ArgumentException>(() => X.Apply(new ColumnMeans())).Message);

    private static TrainingResult<double> Fit(Signal hidden)
    {
        var random = new TorchRandom(7);
        var features = new double[4 * 100];
        random.FillNormal<double>(features, 0, 1);
        var table = new Examples<double>(100, features, [.. features.Chunk(4).Select(row => row[0] * row[1] - row[2] * row[2])]);
        return Trainer.Fit(Model.Of(hidden.Linear(1), Head.Regression), table, new() { Optimizer = new Sgd(), Epochs = 5, Engine = Catalogue.Engine(2, null) });
    }

    private sealed class Squares : CustomOp
    {
        public override bool ByRow => true;

        public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0];

        public override Node Bprop(Node node, int input, Node gradient) => gradient * node.Inputs[0] + gradient * node.Inputs[0];

        public override void Run<T>(Operands<T> inputs, Matrix<T> result)
        {
            for (var row = 0; row < result.Rows; row++)
            {
                for (var column = 0; column < result.Columns; column++)
                {
                    result[row, column] = inputs[0][row, column] * inputs[0][row, column];
                }
            }
        }
    }

    private sealed class ColumnMeans : CustomOp
    {
        public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0];

        public override Node Bprop(Node node, int input, Node gradient) => gradient.MeanRows();

        public override void Run<T>(Operands<T> inputs, Matrix<T> result) => throw new NotSupportedException("It is never planned.");
    }
}
