using Backprop.Models;
using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Backprop.ML;

/// <summary>What the trainers share: they read the data once, train on the engine, and log.</summary>
/// <typeparam name="TTransformer">What Fit gives.</typeparam>
/// <typeparam name="TModel">The model parameters inside it.</typeparam>
public abstract class MultilayerPerceptronTrainer<TTransformer, TModel> : TrainerEstimatorBase<TTransformer, TModel>
    where TTransformer : ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    private const int EpochsPerLogLine = 10;

    private readonly Head head;
    private readonly TrainingOptions options;
    private readonly CancellationToken cancellation;

    private protected MultilayerPerceptronTrainer(
        IHostEnvironment environment, string name, Head head, MultilayerPerceptronOptions options, SchemaShape.Column label)
        : base(
            environment.Register(name),
            TrainerUtils.MakeR4VecFeature(options.FeatureColumnName),
            label,
            TrainerUtils.MakeR4ScalarWeightColumn(options.ExampleWeightColumnName))
        => (this.head, this.options, cancellation) = (head, options.ToTrainingOptions(), options.Cancellation);

    /// <summary>Normalised features help; caching does not, since the data is read once; validation data can be given.</summary>
    public sealed override TrainerInfo Info { get; } = new(normalization: true, calibration: false, caching: false, supportValid: true);

    /// <summary>Trains, choosing the best epoch by the loss on the given validation data.</summary>
    /// <param name="trainData">The rows to learn from.</param>
    /// <param name="validationData">Rows with the same columns, transformed as the training data is.</param>
    public TTransformer Fit(IDataView trainData, IDataView validationData)
    {
        GetOutputSchema(SchemaShape.Create(validationData.Schema));
        return TrainTransformer(trainData, validationData, null);
    }

    /// <summary>How many logits the network has for this data.</summary>
    private protected abstract int OutputsFor(RoleMappedData data);

    private protected abstract TModel MakeModel(TrainingResult<float> result);

    /// <inheritdoc/>
    protected sealed override TModel TrainModelCore(TrainContext context)
    {
        using var channel = Host.Start("Training");
        var outputs = OutputsFor(context.TrainingSet);
        var examples = Intake.Read(context.TrainingSet, "training", channel);
        var validation = context.ValidationSet is { } rows ? Intake.Read(rows, "validation", channel) : null;
        CheckLabels(examples, validation, outputs);
        var result = Trainer.Fit(head, outputs, examples, options with { Progress = OnEpoch }, validation, cancellation);
        channel.Info(
            "Kept epoch {0} of {1} trained on {2} rows of {3} features.",
            result.BestEpoch, result.History.Count, examples.Rows, examples.FeatureColumns);
        return MakeModel(result);

        void OnEpoch(EpochReport report)
        {
            Host.CheckAlive();
            if (report.Epoch % EpochsPerLogLine == 0)
            {
                channel.Info(
                    "Epoch {0}: training loss {1:G6}, validation loss {2:G6}, {3:N0} rows/s.",
                    report.Epoch, report.TrainingLoss, report.ValidationLoss, report.RowsPerSecond);
            }

            options.Progress?.Invoke(report);
        }
    }

    private void CheckLabels(Examples<float> examples, Examples<float>? validation, int outputs)
    {
        var first = examples.Targets[0];
        if (head is BinaryHead or MulticlassHead && !examples.Targets.AsSpan().ContainsAnyExcept(first))
        {
            var label = head.ClassLabels ? $"key {first + 1}" : first == 1 ? "true" : "false";
            throw new InvalidOperationException(
                $"Label column '{LabelColumn.Name}' is {label} in each of the {examples.Rows} usable training rows. "
                + "A classifier learns from two classes at least: add rows of another.");
        }

        if (validation is null)
        {
            return;
        }

        if (validation.FeatureColumns != examples.FeatureColumns)
        {
            throw new InvalidOperationException(
                $"The validation data has {validation.FeatureColumns} features in column '{FeatureColumn.Name}' but the training data has "
                + $"{examples.FeatureColumns}. Transform both with the same fitted pipeline.");
        }

        if (head.ClassLabels && validation.Targets.Max() is var highest && highest >= outputs)
        {
            throw new InvalidOperationException(
                $"The validation data has key {highest + 1} in label column '{LabelColumn.Name}' but the training data has {outputs} "
                + "classes. Map the labels of both with the same fitted MapValueToKey.");
        }
    }
}
