// <example>
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;

static class NetworkExample
{
    public static TrainingResult<float> Run(
        Examples<float> digits, string checkpoint, Action<EpochReport>? progress = null, CancellationToken cancellation = default)
    {
        var h = Signal.Features(64).Linear(48, "stem").LayerNorm().Apply(new Gelu());
        h += h.Linear(48).Apply(new Gelu()).Dropout(0.1);                        // a residual connection
        var network = Model.Of(
            new Output(h.Linear(10), Head.Multiclass with { LabelSmoothing = 0.05 }),
            new Output(h.Linear(1), Head.Regression, LossWeight: 0.1));          // a row's targets: the class, then a number

        var options = new TrainingOptions
        {
            Optimizer = new AdamW { LearningRate = 0.003, WeightDecay = 0.01 },
            Schedule = new OneCycleRate(),
            InitialWeights = new Normal { Deviation = 0.1 },                     // PyTorch's unless you say so
            InitialBiases = new Constant { Value = 0.1 },
            Updates = new()
            {
                Groups = [new("stem.*") { LearningRateFactor = 0.5, WeightDecay = 0 }],
                ClipNorm = 1,
                AccumulatedBatches = 2,
                AverageDecay = 0.98,
            },
            Epochs = 20,
            Checkpoint = new(checkpoint) { EveryUpdates = 25 },                  // a run that finds the file goes on from it
            Progress = progress,
        };
        return Trainer.Fit(network, digits, options, cancellation: cancellation);
    }
}
// </example>
