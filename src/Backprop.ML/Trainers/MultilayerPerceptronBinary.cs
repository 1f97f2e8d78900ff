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
    private readonly double threshold;

    internal MultilayerPerceptronBinaryTrainer(IHostEnvironment environment, MultilayerPerceptronOptions options)
        : base(
            environment, nameof(MultilayerPerceptronBinaryTrainer), options.HeadAmong(Head.Binary), options,
            TrainerUtils.MakeBoolScalarLabel(options.LabelColumnName))
        => threshold = MultilayerPerceptronOptions.CheckedThreshold(options.Threshold);

    /// <inheritdoc/>
    protected override PredictionKind PredictionKind => PredictionKind.BinaryClassification;

    private protected override int OutputsFor(RoleMappedData data, Head head) => 1;

    private protected override MultilayerPerceptronBinaryModelParameters MakeModel(TrainingResult<float> result) => new(Host, result);

    /// <inheritdoc/>
    protected override MultilayerPerceptronBinaryTransformer MakeTransformer(
        MultilayerPerceptronBinaryModelParameters model, DataViewSchema trainSchema)
        => new(Host, model, trainSchema, FeatureColumn.Name, threshold);

    private protected override SchemaShape.Column[] OutputColumnsOf(SchemaShape inputSchema) =>
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

/// <summary>Adds Score (the logit), Probability (its logistic function) and PredictedLabel (whether that is above a threshold).</summary>
public sealed class MultilayerPerceptronBinaryTransformer : MultilayerPerceptronTransformer<MultilayerPerceptronBinaryModelParameters>
{
    internal const string LoaderSignature = "BackpropBinaryXfer";
    private static readonly VersionInfo Version = ModelFileVersion.Of("BPBINXFR", LoaderSignature);

    // As a logit: 0 for a probability of ½, with no rounding between.
    private readonly float scoreThreshold;

    internal MultilayerPerceptronBinaryTransformer(
        IHostEnvironment environment, MultilayerPerceptronBinaryModelParameters model, DataViewSchema trainSchema, string featureColumn, double threshold)
        : base(environment, Version, model, trainSchema, featureColumn)
    {
        (Threshold, scoreThreshold) = (threshold, (float)Math.Log(threshold / (1 - threshold)));
        Scorer = NewScorer();
    }

    // Called by ML.NET when a model is loaded.
    private MultilayerPerceptronBinaryTransformer(IHostEnvironment environment, ModelLoadContext context)
        : base(environment, Version, context.Checked(Version))
    {
        (Threshold, scoreThreshold) = (context.Reader.ReadDouble(), context.Reader.ReadSingle());
        Scorer = NewScorer();
    }

    /// <summary>The probability above which PredictedLabel is true.</summary>
    public double Threshold { get; }

    private protected override OutputColumns Outputs => new BinaryColumns(scoreThreshold);

    /// <summary>The same model with another threshold.</summary>
    internal MultilayerPerceptronBinaryTransformer With(double threshold) => new(Host, Model, TrainSchema, FeatureColumnName, threshold);

    /// <inheritdoc/>
    protected override void SaveCore(ModelSaveContext ctx)
    {
        base.SaveCore(ctx);
        ctx.Writer.Write(Threshold);
        ctx.Writer.Write(scoreThreshold);
    }

    private BinaryClassifierScorer NewScorer()
    {
        var roles = new RoleMappedSchema(TrainSchema, label: null, FeatureColumnName);
        return new(
            Host,
            new BinaryClassifierScorer.Arguments { Threshold = scoreThreshold },
            new EmptyDataView(Host, TrainSchema),
            BindableMapper.Bind(Host, roles),
            roles);
    }
}

/// <summary>A trained network for two classes.</summary>
public sealed class MultilayerPerceptronBinaryModelParameters
    : MultilayerPerceptronModelParameters<float>, IValueMapperDist, IDistPredictorProducing<float, float>
{
    internal const string LoaderSignature = "BackpropBinaryModel";
    private static readonly VersionInfo Version = ModelFileVersion.Of("BPBINMOD", LoaderSignature, ModelFileVersion.Parameters);

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

    private protected override Delegate ScoreOf(ScoreBatch batch) => batch.ScalarGetter(() => 0);
}
