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
    private readonly bool choosesHead;
    private readonly Func<TrainingOptions, TrainingOptions> over;
    private readonly TrainingOptions options;
    private readonly Preset preset;
    private readonly IDataView? validationSet;
    private readonly CancellationToken cancellation;
    private readonly string? samplingKey;

    private protected MultilayerPerceptronTrainer(
        IHostEnvironment environment, string name, Head head, MultilayerPerceptronOptions options, SchemaShape.Column label)
        : base(
            environment.Register(name),
            TrainerUtils.MakeR4VecFeature(options.FeatureColumnName),
            label,
            TrainerUtils.MakeR4ScalarWeightColumn(options.ExampleWeightColumnName))
    {
        (this.head, choosesHead, preset, over) = (head, options.Head is not null, options.PresetInUse, options.Copy().Over);
        this.options = over(new());
        (validationSet, cancellation) = (options.ValidationSet, options.Cancellation);
        samplingKey = validationSet is null && options.ValidationFraction > 0 ? options.SamplingKeyColumnName : null;
    }

    /// <summary>
    /// Normalised features help where no preset scales them; caching does not, since the data is read once; validation data can be given, and a model
    /// to go on from.
    /// </summary>
    public sealed override TrainerInfo Info { get; }
        = new(normalization: true, calibration: false, caching: false, supportValid: true, supportIncrementalTrain: true);

    /// <summary>Trains, choosing the best epoch by the loss on the given validation data.</summary>
    /// <param name="trainData">The rows to learn from.</param>
    /// <param name="validationData">Rows with the same columns, transformed as the training data is.</param>
    public TTransformer Fit(IDataView trainData, IDataView validationData) => Fit(trainData, validationData, null);

    /// <summary>
    /// Trains a model further: its layers and weights are the beginning, whatever the options say of layers, and its labels' units stay.
    /// It is the result itself if no epoch has a lower loss on the validation rows. The optimizer and the schedule start anew.
    /// </summary>
    /// <param name="trainData">The rows to learn from, transformed as those the model was trained on.</param>
    /// <param name="modelParameters">The model parameters of an earlier Fit, or of a loaded model: <c>model.MultilayerPerceptron()</c>.</param>
    /// <exception cref="ArgumentException">They are of another trainer.</exception>
    public TTransformer Fit(IDataView trainData, IMultilayerPerceptronModel modelParameters) => Fit(trainData, null, modelParameters);

    /// <summary>Trains, with validation data and a model to go on from, or without either.</summary>
    /// <param name="trainData">The rows to learn from.</param>
    /// <param name="validationData">Rows that choose the best epoch, or null.</param>
    /// <param name="modelParameters">The model to train further, or null.</param>
    /// <exception cref="ArgumentException">The model parameters are of another trainer.</exception>
    public TTransformer Fit(IDataView trainData, IDataView? validationData, IMultilayerPerceptronModel? modelParameters)
        => modelParameters is null or TModel
            ? TrainTransformer(trainData, validationData, (IPredictor?)modelParameters)
            : throw new ArgumentException(
                $"The model to train further is a {modelParameters.GetType().Name}, but this trainer makes {typeof(TModel).Name}. "
                    + "Give such a model, or choose its trainer.");

    /// <summary>How many logits the network has for this data and head.</summary>
    private protected abstract int OutputsFor(RoleMappedData data, Head head);

    /// <summary>The columns that a fitted transformer adds to such rows.</summary>
    private protected abstract SchemaShape.Column[] OutputColumnsOf(SchemaShape inputSchema);

    private protected abstract TModel MakeModel(TrainingResult<float> result);

    /// <inheritdoc/>
    protected sealed override TModel TrainModelCore(TrainContext context)
    {
        using var channel = Host.Start("Training");
        var start = (context.InitialPredictor as IMultilayerPerceptronModel)?.Network;
        var outputs = OutputsFor(context.TrainingSet, choosesHead ? head : start?.Model.HeadOutputs[0].Head ?? head);
        if (head.ClassLabels && outputs < 2)
        {
            throw OneClass("has one key");
        }

        var held = ValidationOf(context);
        var columns = ExampleColumns.Of(context.TrainingSet, held is null ? samplingKey : null);
        CheckStart(start, columns.FeatureCount, outputs);
        var heldColumns = held is null ? default : MatchingColumns(held, columns);
        var given = new DataColumns(Weights: columns.Weight is not null, Groups: columns.Group is not null, ValidationRows: held is not null);
        var progress = options.Progress;
        var observed = options with { Progress = OnEpoch };
        var categories = new CategorySlots(columns.Features);
        var isChosen = start is null && (preset != Preset.Plain || (categories.HaveNumbers && options.Layers is null));
        var scales = isChosen && preset.ScalesFeatures && options.Layers is null && columns.FeatureCount <= MultilayerPerceptronOptions.MostDenseFeatures;
        var model = start?.Model ?? options.ModelFor(head, columns.FeatureCount, outputs);
        using var data = start is not null ? new TrainingData<float>(start, observed, given)
            : isChosen ? new(head, outputs, columns.FeatureCount, Choose, observed, given with { DenseFeatures = scales || categories.HaveNumbers })
            : new(model, observed, given);
        var intake = new Intake(channel, head.ClassLabels ? outputs : null, feature => scales || model.TakesMissing(feature), categories, cancellation);
        CheckClasses(intake.Read(context.TrainingSet.Data, columns, data.Training, "training"), data.Training.Rows);
        if (held is not null)
        {
            intake.Read(held.Data, heldColumns, data.Validation, "validation");
        }

        var result = data.Fit(cancellation);
        channel.Info(
            result.History[0].Members > 1 ? "Kept the mean of members at their epochs {0}, {1} epochs in all, from {2} rows of {3} features."
                : result.BestEpoch > 0 ? "Kept epoch {0} of {1}, from {2} rows of {3} features."
                : "Kept the weights training began with: none of {1} epochs, from {2} rows of {3} features, had a lower validation loss.",
            string.Join(", ", result.BestEpochs), result.History.Count, data.Training.Rows, columns.FeatureCount);
        if (data.FileBytes > 0)
        {
            channel.Info("Rows took {0:N0} bytes of memory at most, and {1:N0} of a file that is deleted.", data.PeakMemoryBytes, data.FileBytes);
        }

        return MakeModel(result);

        (Model Model, TrainingOptions Options) Choose(TableFacts facts)
        {
            var known = facts with { Categories = categories.Categories };
            var writesOut = preset.ScalesFeatures && !facts.IsInFile && options.Layers is null && MultilayerPerceptronOptions.AreFewWrittenOut(known);
            known = known with { IsSparse = known.IsSparse && !writesOut };
            var chosen = over(preset.Options(known));
            (progress, chosen) = (chosen.Progress, chosen with { Progress = OnEpoch });
            channel.Info("{0}", Described(known, chosen));
            return (chosen.ModelFor(head, facts.Features, facts.Outputs), chosen);
        }

        void OnEpoch(EpochReport report)
        {
            Host.CheckAlive();
            if (report.Epoch % EpochsPerLogLine == 0)
            {
                channel.Info("{0}", EpochLine.Of(report));
            }

            progress?.Invoke(report);
        }
    }

    /// <inheritdoc/>
    protected sealed override SchemaShape.Column[] GetOutputColumnsCore(SchemaShape inputSchema)
    {
        if (samplingKey is not null)
        {
            GroupColumn.Check(inputSchema, samplingKey);
        }

        return OutputColumnsOf(inputSchema);
    }

    /// <summary>What a preset made of a table.</summary>
    private string Described(TableFacts facts, TrainingOptions chosen)
    {
        var features = facts.IsSparse ? "sparse features, unscaled" : preset.ScalesFeatures ? "features, scaled" : "features, unscaled";
        var by = chosen.Lbfgs is null ? FormattableString.Invariant($"{chosen.Optimizer.Name} at {chosen.Optimizer.LearningRate:G4}") : "L-BFGS";
        return $"The {preset} preset, for {facts.Rows} rows of {facts.Features} {features}: networks {chosen.Members}, members of each {chosen.SharedMembers}, "
            + $"hidden layers {string.Join("-", chosen.Hidden)}, {by}, epochs at most {chosen.Epochs}, batches of {chosen.BatchSize}.";
    }

    /// <summary>The validation rows given to Fit, or else by the options.</summary>
    private RoleMappedData? ValidationOf(TrainContext context)
    {
        if (context.ValidationSet is not null || validationSet is null)
        {
            return context.ValidationSet;
        }

        GetOutputSchema(SchemaShape.Create(validationSet.Schema));
        return new(validationSet, context.TrainingSet.Schema.GetColumnRoleNames());
    }

    private void CheckStart(Network<float>? start, int features, int outputs)
    {
        if (start is null)
        {
            return;
        }

        var its = start.Model.HeadOutputs[0].Head;
        if (choosesHead && its != head)
        {
            throw new InvalidOperationException($"The model to train further is for {its}, but the options' Head is {head}. "
                + "Leave Head out, or train a new model.");
        }

        if (start.Model.Inputs != features)
        {
            throw new InvalidOperationException(
                $"The model to train further takes {start.Model.Inputs} features, but column '{FeatureColumn.Name}' has {features}. "
                + "Transform the rows with the fitted pipeline the model was trained with, or train a new model.");
        }

        if (start.Model.Outputs != outputs)
        {
            throw new InvalidOperationException(
                $"The model to train further has {start.Model.Outputs} outputs, but label column '{LabelColumn.Name}' asks for {outputs}. "
                + (head.ClassLabels ? "Map the labels with the fitted MapValueToKey the model was trained with, "
                : "Give the labels the model was trained on, ")
                + "or train a new model.");
        }
    }

    private void CheckClasses(float? only, long rows)
    {
        if (only is { } first && head is (BinaryHead or MulticlassHead))
        {
            var label = head.ClassLabels ? $"key {first + 1}" : first == 1 ? "true" : "false";
            throw OneClass($"is {label} in each of the {rows} usable training rows");
        }
    }

    private InvalidOperationException OneClass(string what)
        => new($"Label column '{LabelColumn.Name}' {what}. A classifier learns from two classes at least: add rows of another.");

    private ExampleColumns MatchingColumns(RoleMappedData validation, ExampleColumns training)
    {
        var columns = ExampleColumns.Of(validation);
        Require(columns.FeatureCount, training.FeatureCount, "features", FeatureColumn.Name);
        Require(columns.TargetCount, training.TargetCount, "labels", LabelColumn.Name);
        return columns;

        static void Require(int given, int wanted, string what, string column)
        {
            if (given != wanted)
            {
                throw new InvalidOperationException(
                    $"The validation data has {given} {what} in column '{column}' but the training data has {wanted}. "
                        + "Transform both with the same fitted pipeline.");
            }
        }
    }
}
