using Backprop.ML;
using Backprop.Models;
using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

[assembly: LoadableClass(
    typeof(MultilayerPerceptronBinaryTransformer), null, typeof(SignatureLoadModel),
    "Multilayer perceptron for two classes", MultilayerPerceptronBinaryTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(MultilayerPerceptronBinaryModelParameters), null, typeof(SignatureLoadModel),
    "Multilayer perceptron for two classes, parameters", MultilayerPerceptronBinaryModelParameters.LoaderSignature)]

namespace Backprop.ML;

/// <summary>Trains a network for two classes: one logit, binary cross-entropy.</summary>
public sealed class MultilayerPerceptronBinaryTrainer
    : MultilayerPerceptronTrainer<MultilayerPerceptronBinaryTransformer, MultilayerPerceptronBinaryModelParameters>
{
    internal MultilayerPerceptronBinaryTrainer(IHostEnvironment environment, MultilayerPerceptronOptions options)
        : base(
            environment, nameof(MultilayerPerceptronBinaryTrainer), Head.Binary, options,
            TrainerUtils.MakeBoolScalarLabel(options.LabelColumnName))
    {
    }

    /// <inheritdoc/>
    protected override PredictionKind PredictionKind => PredictionKind.BinaryClassification;

    private protected override int OutputsFor(RoleMappedData data) => 1;

    private protected override MultilayerPerceptronBinaryModelParameters MakeModel(TrainingResult<float> result) => new(Host, result);

    /// <inheritdoc/>
    protected override MultilayerPerceptronBinaryTransformer MakeTransformer(
        MultilayerPerceptronBinaryModelParameters model, DataViewSchema trainSchema)
        => new(Host, model, trainSchema, FeatureColumn.Name);

    /// <inheritdoc/>
    protected override SchemaShape.Column[] GetOutputColumnsCore(SchemaShape inputSchema) =>
    [
        Column(DefaultColumnNames.Score, NumberDataViewType.Single, isProbability: false),
        Column(DefaultColumnNames.Probability, NumberDataViewType.Single, isProbability: true),
        Column(DefaultColumnNames.PredictedLabel, BooleanDataViewType.Instance, isProbability: false),
    ];

    private static SchemaShape.Column Column(string name, DataViewType type, bool isProbability)
        => new(
            name, SchemaShape.Column.VectorKind.Scalar, type, isKey: false,
            new SchemaShape(AnnotationUtils.GetTrainerOutputAnnotation(isProbability)));
}

/// <summary>Adds Score (the logit), Probability (its logistic function) and PredictedLabel (whether the logit is above 0).</summary>
public sealed class MultilayerPerceptronBinaryTransformer : MultilayerPerceptronTransformer<MultilayerPerceptronBinaryModelParameters>
{
    internal const string LoaderSignature = "BackpropBinaryXfer";
    private static readonly VersionInfo Version = ModelFileVersion.Of("BPBINXFR", LoaderSignature);

    internal MultilayerPerceptronBinaryTransformer(
        IHostEnvironment environment, MultilayerPerceptronBinaryModelParameters model, DataViewSchema trainSchema, string featureColumn)
        : base(environment, Version, model, trainSchema, featureColumn)
        => Scorer = NewScorer();

    // Called by ML.NET when a model is loaded.
    private MultilayerPerceptronBinaryTransformer(IHostEnvironment environment, ModelLoadContext context)
        : base(environment, Version, context.Checked(Version))
        => Scorer = NewScorer();

    private BinaryClassifierScorer NewScorer()
    {
        var roles = new RoleMappedSchema(TrainSchema, label: null, FeatureColumnName);
        return new(
            Host, new BinaryClassifierScorer.Arguments(), new EmptyDataView(Host, TrainSchema), BindableMapper.Bind(Host, roles), roles);
    }
}

/// <summary>A trained network for two classes.</summary>
public sealed class MultilayerPerceptronBinaryModelParameters
    : MultilayerPerceptronModelParameters<float>, IValueMapperDist, IDistPredictorProducing<float, float>
{
    internal const string LoaderSignature = "BackpropBinaryModel";
    private static readonly VersionInfo Version = ModelFileVersion.Of("BPBINMOD", LoaderSignature);

    internal MultilayerPerceptronBinaryModelParameters(IHostEnvironment environment, TrainingResult<float> result)
        : base(environment, Version, result)
    {
    }

    // Called by ML.NET when a model is loaded.
    private MultilayerPerceptronBinaryModelParameters(IHostEnvironment environment, ModelLoadContext context)
        : base(environment, Version, context.Checked(Version))
    {
    }

    DataViewType IValueMapperDist.DistType => NumberDataViewType.Single;

    /// <inheritdoc/>
    protected override PredictionKind PredictionKind => PredictionKind.BinaryClassification;

    private protected override DataViewType ScoreType => NumberDataViewType.Single;

    ValueMapper<TSource, TScore, TProbability> IValueMapperDist.GetMapper<TSource, TScore, TProbability>()
    {
        var batch = new ScoreBatch(Network, 1);
        ValueMapper<VBuffer<float>, float, float> map = (in VBuffer<float> features, ref float score, ref float probability) =>
        {
            batch.ScoreOnly(in features);
            score = batch[0][0];
            probability = Network<float>.Probability(score);
        };
        return (ValueMapper<TSource, TScore, TProbability>)(Delegate)map;
    }

    private protected override IReadOnlyList<string> OutputNames { get; } = [DefaultColumnNames.Score, DefaultColumnNames.Probability, DefaultColumnNames.PredictedLabel];

    private protected override Delegate GetterOf(string column, ScoreBatch batch, Func<int> row) => column switch
    {
        DefaultColumnNames.Score => (ValueGetter<float>)((ref float value) => value = batch[row()][0]),
        DefaultColumnNames.Probability => (ValueGetter<float>)((ref float value) => value = Network<float>.Probability(batch[row()][0])),
        _ => (ValueGetter<bool>)((ref bool value) => value = batch[row()][0] > 0),
    };
}
