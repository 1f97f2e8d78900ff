using Backprop.ML;
using Backprop.Models;
using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

[assembly: LoadableClass(
    typeof(MultilayerPerceptronMulticlassTransformer), null, typeof(SignatureLoadModel),
    "Multilayer perceptron for many classes", MultilayerPerceptronMulticlassTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(MultilayerPerceptronMulticlassModelParameters), null, typeof(SignatureLoadModel),
    "Multilayer perceptron for many classes, parameters", MultilayerPerceptronMulticlassModelParameters.LoaderSignature)]

namespace Backprop.ML;

/// <summary>Trains a network for many classes: one logit for each key of the label column, cross-entropy.</summary>
public sealed class MultilayerPerceptronMulticlassTrainer
    : MultilayerPerceptronTrainer<MultilayerPerceptronMulticlassTransformer, MultilayerPerceptronMulticlassModelParameters>
{
    internal MultilayerPerceptronMulticlassTrainer(IHostEnvironment environment, MultilayerPerceptronOptions options)
        : base(
            environment, nameof(MultilayerPerceptronMulticlassTrainer), Checked(options), options,
            TrainerUtils.MakeU4ScalarColumn(options.LabelColumnName))
    {
    }

    /// <inheritdoc/>
    protected override PredictionKind PredictionKind => PredictionKind.MulticlassClassification;

    private static Head Checked(MultilayerPerceptronOptions options)
        => options.HeadAmong(Head.Multiclass) is var head && head is MulticlassHead { ProbabilityTargets: true }
            ? throw new ArgumentException($"Head is {head}, but a key column holds one class, not a probability for each. Leave ProbabilityTargets out.")
            : head;

    private protected override int OutputsFor(RoleMappedData data, Head head)
    {
        data.CheckMulticlassLabel(out var classes);
        return classes;
    }

    private protected override MultilayerPerceptronMulticlassModelParameters MakeModel(TrainingResult<float> result) => new(Host, result);

    /// <inheritdoc/>
    protected override MultilayerPerceptronMulticlassTransformer MakeTransformer(
        MultilayerPerceptronMulticlassModelParameters model, DataViewSchema trainSchema)
        => new(Host, model, trainSchema, FeatureColumn.Name, LabelColumn.Name);

    private protected override SchemaShape.Column[] OutputColumnsOf(SchemaShape inputSchema)
    {
        inputSchema.TryFindColumn(LabelColumn.Name, out var label);
        var keyValues = label.Annotations.Where(annotation => annotation.Name == AnnotationUtils.Kinds.KeyValues);
        return
        [
            new(
                DefaultColumnNames.Score, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, isKey: false,
                new SchemaShape(AnnotationUtils.AnnotationsForMulticlassScoreColumn(label))),
            new(
                DefaultColumnNames.PredictedLabel, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, isKey: true,
                new SchemaShape(keyValues.Concat(AnnotationUtils.GetTrainerOutputAnnotation()))),
        ];
    }
}

/// <summary>Adds Score (a probability for each class, named by its slot) and PredictedLabel (a key with the label's key values).</summary>
public sealed class MultilayerPerceptronMulticlassTransformer : MultilayerPerceptronTransformer<MultilayerPerceptronMulticlassModelParameters>
{
    internal const string LoaderSignature = "BackpropMulticlassXfer";
    private static readonly VersionInfo Version = ModelFileVersion.Of("BPMULXFR", LoaderSignature);

    private readonly string labelColumn;

    internal MultilayerPerceptronMulticlassTransformer(
        IHostEnvironment environment,
        MultilayerPerceptronMulticlassModelParameters model,
        DataViewSchema trainSchema,
        string featureColumn,
        string labelColumn)
        : base(environment, Version, model, trainSchema, featureColumn)
        => (this.labelColumn, Scorer) = (labelColumn, NewScorer(labelColumn));

    // Called by ML.NET when a model is loaded.
    private MultilayerPerceptronMulticlassTransformer(IHostEnvironment environment, ModelLoadContext context)
        : base(environment, Version, context.Checked(Version))
    {
        labelColumn = context.LoadString();
        Scorer = NewScorer(labelColumn);
    }

    private protected override OutputColumns Outputs { get; } = new MulticlassColumns();

    /// <inheritdoc/>
    protected override void SaveCore(ModelSaveContext ctx)
    {
        base.SaveCore(ctx);
        ctx.SaveString(labelColumn);
    }

    // The names of the classes are the key values of the label column in the training schema.
    private MulticlassClassificationScorer NewScorer(string label)
    {
        var roles = new RoleMappedSchema(TrainSchema, label, FeatureColumnName);
        return new(
            Host, new MulticlassClassificationScorer.Arguments(), new EmptyDataView(Host, TrainSchema), BindableMapper.Bind(Host, roles), roles);
    }
}

/// <summary>A trained network for many classes.</summary>
public sealed class MultilayerPerceptronMulticlassModelParameters : MultilayerPerceptronModelParameters<VBuffer<float>>
{
    internal const string LoaderSignature = "BackpropMulticlassModel";
    private static readonly VersionInfo Version = ModelFileVersion.Of("BPMULMOD", LoaderSignature, ModelFileVersion.Parameters);

    internal MultilayerPerceptronMulticlassModelParameters(IHostEnvironment environment, TrainingResult<float> result)
        : base(environment, Version, result)
    {
    }

    // Called by ML.NET when a model is loaded.
    private MultilayerPerceptronMulticlassModelParameters(IHostEnvironment environment, ModelLoadContext context)
        : base(environment, Version, context.Checked(Version))
    {
    }

    /// <inheritdoc/>
    protected override PredictionKind PredictionKind => PredictionKind.MulticlassClassification;

    private protected override DataViewType ScoreType => new VectorDataViewType(NumberDataViewType.Single, Network.Model.Outputs);

    private protected override Delegate ScoreOf(ScoreBatch batch) => batch.VectorGetter(() => 0);
}
