using Backprop.ML;
using Backprop.Models;
using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(MultilayerPerceptronMultiOutputTransformer), null, typeof(SignatureLoadModel),
    "Multilayer perceptron for several real labels", MultilayerPerceptronMultiOutputTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(MultilayerPerceptronMultiOutputModelParameters), null, typeof(SignatureLoadModel),
    "Multilayer perceptron for several real labels, parameters", MultilayerPerceptronMultiOutputModelParameters.LoaderSignature)]

namespace Backprop.ML;

/// <summary>Trains one network for several real labels, a vector column: an output each, squared error on standardised labels.</summary>
public sealed class MultilayerPerceptronMultiOutputTrainer
    : MultilayerPerceptronTrainer<MultilayerPerceptronMultiOutputTransformer, MultilayerPerceptronMultiOutputModelParameters>
{
    internal MultilayerPerceptronMultiOutputTrainer(IHostEnvironment environment, MultilayerPerceptronOptions options)
        : base(
            environment, nameof(MultilayerPerceptronMultiOutputTrainer), options.HeadAmong(Head.Regression, Head.Poisson), options,
            new(options.LabelColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, isKey: false))
    {
    }

    /// <inheritdoc/>
    protected override PredictionKind PredictionKind => PredictionKind.MultiOutputRegression;

    private protected override int OutputsFor(RoleMappedData data, Head head) => ((VectorDataViewType)data.Schema.Label!.Value.Type).Size;

    private protected override MultilayerPerceptronMultiOutputModelParameters MakeModel(TrainingResult<float> result) => new(Host, result);

    /// <inheritdoc/>
    protected override MultilayerPerceptronMultiOutputTransformer MakeTransformer(
        MultilayerPerceptronMultiOutputModelParameters model, DataViewSchema trainSchema)
        => new(Host, model, trainSchema, FeatureColumn.Name, LabelColumn.Name);

    private protected override SchemaShape.Column[] OutputColumnsOf(SchemaShape inputSchema)
    {
        inputSchema.TryFindColumn(LabelColumn.Name, out var label);
        var slotNames = label.Annotations.Where(annotation => annotation.Name == AnnotationUtils.Kinds.SlotNames);
        return
        [
            new(
                DefaultColumnNames.Score, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, isKey: false,
                new SchemaShape(slotNames.Concat(AnnotationUtils.GetTrainerOutputAnnotation()))),
        ];
    }
}

/// <summary>Adds Score, a vector: a prediction for each label, in its own units and with its slot name.</summary>
public sealed class MultilayerPerceptronMultiOutputTransformer : MultilayerPerceptronTransformer<MultilayerPerceptronMultiOutputModelParameters>
{
    internal const string LoaderSignature = "BackpropMultiOutputXfer";
    private static readonly VersionInfo Version = ModelFileVersion.Of("BPMOUXFR", LoaderSignature);

    private readonly string labelColumn;

    internal MultilayerPerceptronMultiOutputTransformer(
        IHostEnvironment environment,
        MultilayerPerceptronMultiOutputModelParameters model,
        DataViewSchema trainSchema,
        string featureColumn,
        string labelColumn)
        : base(environment, Version, model, trainSchema, featureColumn)
    {
        this.labelColumn = labelColumn;
        SetScorer();
    }

    // Called by ML.NET when a model is loaded.
    private MultilayerPerceptronMultiOutputTransformer(IHostEnvironment environment, ModelLoadContext context)
        : base(environment, Version, context.Checked(Version))
    {
        labelColumn = context.LoadString();
        SetScorer();
    }

    private protected override OutputColumns Outputs { get; } = new VectorColumns();

    /// <inheritdoc/>
    protected override void SaveCore(ModelSaveContext ctx)
    {
        base.SaveCore(ctx);
        ctx.SaveString(labelColumn);
    }

    // The names of the outputs are the slot names of the label column in the training schema.
    private void SetScorer()
    {
        var columns = new OutputSchema(AnnotationUtils.Const.ScoreColumnKind.MultiOutputRegression);
        columns.Add(DefaultColumnNames.Score, Model.Network.Model.Outputs, OutputSchema.SlotNamesOf(TrainSchema[labelColumn]));
        BindableMapper = new OutputMapper(Model.Network, Outputs, columns.ToSchema());
        Scorer = GetGenericScorer();
    }
}

/// <summary>A trained network for several real labels.</summary>
public sealed class MultilayerPerceptronMultiOutputModelParameters : MultilayerPerceptronModelParameters<VBuffer<float>>
{
    internal const string LoaderSignature = "BackpropMultiOutputModel";
    private static readonly VersionInfo Version = ModelFileVersion.Of("BPMOUMOD", LoaderSignature, ModelFileVersion.Parameters);

    internal MultilayerPerceptronMultiOutputModelParameters(IHostEnvironment environment, TrainingResult<float> result)
        : base(environment, Version, result)
    {
    }

    // Called by ML.NET when a model is loaded.
    private MultilayerPerceptronMultiOutputModelParameters(IHostEnvironment environment, ModelLoadContext context)
        : base(environment, Version, context.Checked(Version))
    {
    }

    /// <inheritdoc/>
    protected override PredictionKind PredictionKind => PredictionKind.MultiOutputRegression;

    private protected override DataViewType ScoreType => new VectorDataViewType(NumberDataViewType.Single, Network.Model.Outputs);

    private protected override Delegate ScoreOf(ScoreBatch batch) => batch.VectorGetter(() => 0);
}
