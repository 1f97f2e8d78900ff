using Backprop.Formulas;
using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>First weights of the layer that gives the logits, and which of equally good epochs is kept.</summary>
public class OutputLayerTests
{
    private static readonly TrainingOptions Options = new() { Hidden = [8, 5], Epochs = 1, BatchSize = 16, Engine = Catalogue.Engine(1, null) };

    [Fact]
    public void TheOutputLayerBeginsAsItIsTold()
    {
        var model = Options.ModelFor(Head.Multiclass, 6, 3);
        Weights<float> First(Model of, Initializer? weights, Initializer? biases)
            => Initializers.Of<float>(of, new(4), new DefaultWeights(), new DefaultBiases(), weights, biases);
        var usual = Initializers.Default<float>(model, 4);
        Assert.Equal(usual.Hash(), First(model, null, null).Hash());

        var (zeros, both) = (First(model, new Zeros(), null), First(model, new Zeros(), new Constant { Value = 0.5 }));
        foreach (var tensor in usual.Tensors)
        {
            Assert.Equal(tensor.Name == "4.weight" ? new float[15] : tensor.Name == "4.bias" ? zeros[tensor] : usual[tensor], zeros[tensor]);
        }

        Assert.Equal([0.5f, 0.5f, 0.5f], both["4.bias"]);
        // Of several heads all; a layer that says how it is drawn, or that only stands elsewhere, is not.
        var h = Signal.Features(6).Linear(8);
        var several = First(
            Model.Of(new Output(h.Linear(2, "a"), Head.Regression), new(h.Through(new Linear(3) { Name = "b", InitialWeights = new Constant { Value = 1 } }), Head.Multiclass)),
            new Zeros(), null);
        Assert.Equal((0, 1), (several["a.weight"].ToArray().Max(Math.Abs), several["b.weight"].ToArray().Min()));
        Assert.NotEqual(0, several["0.weight"][0]);
    }

    [Fact]
    public void TrainingBeginsWithIt()
    {
        // Without weights and biases every class has one third, and the first batch a loss of log 3.
        var weighted = Catalogue.Table(Catalogue.Network("6", "multiclass", "tanh"), 64);
        var table = new Examples<float>(64, weighted.Features, weighted.Targets);
        var options = Options with { BatchSize = 64, ValidationFraction = 0, InitialOutputWeights = new Zeros(), InitialOutputBiases = new Zeros() };
        Assert.Equal(Math.Log(3), Trainer.Fit(Head.Multiclass, 3, table, options).History[0].TrainingLoss, 1e-6);
        Assert.NotEqual(Math.Log(3), Trainer.Fit(Head.Multiclass, 3, table, options with { InitialOutputWeights = null }).History[0].TrainingLoss, 1e-3);
    }

    [Theory]
    [InlineData(false, 1, 4)]
    [InlineData(true, 6, 6)]
    public void OfEqualEpochsTheFirstOrTheLastIsKept(bool last, int best, int epochs)
    {
        // The rate is 0, so that nothing changes: patience of 3 ends it after the fourth, unless equals count.
        var table = Catalogue.Table(Catalogue.Network("6", "multiclass", "tanh"), 64);
        var result = Trainer.Fit(Head.Multiclass, 3, table, Options with
        {
            Epochs = 6,
            Patience = 3,
            LastBestEpoch = last,
            Optimizer = new Sgd(),
            Schedule = new ConstantRate { Factor = 1e-300, Duration = 100 },
        });
        Assert.Equal((best, epochs), (result.BestEpoch, result.History.Count));
        Assert.Equal(result.History[0].ValidationLoss, result.History[^1].ValidationLoss);
    }
}
