using Backprop.ML;
using Backprop.Models;
using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

[assembly: LoadableClass(
    typeof(MultilayerPerceptronRegressionTransformer), null, typeof(SignatureLoadModel),
    "Multilayer perceptron for regression", MultilayerPerceptronRegressionTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(MultilayerPerceptronRegressionModelParameters), null, typeof(SignatureLoadModel),
    "Multilayer perceptron for regression, parameters", MultilayerPerceptronRegressionModelParameters.LoaderSignature)]

namespace Backprop.ML;

/// <summary>Trains a network for a real label: one output, squared error on the standardised label unless the options' head says otherwise.</summary>
public sealed class MultilayerPerceptronRegressionTrainer
    : MultilayerPerceptronTrainer<MultilayerPerceptronRegressionTransformer, MultilayerPerceptronRegressionModelParameters>
{
    internal MultilayerPerceptronRegressionTrainer(IHostEnvironment environment, MultilayerPerceptronOptions options)
        : base(
            environment, nameof(MultilayerPerceptronRegressionTrainer), options.HeadAmong(Head.Regression, Head.Poisson), options,
            TrainerUtils.MakeR4ScalarColumn(options.LabelColumnName))
    {
    }

    /// <inheritdoc/>
    protected override PredictionKind PredictionKind => PredictionKind.Regression;

    private protected override int OutputsFor(RoleMappedData data, Head head) => 1;

    private protected override MultilayerPerceptronRegressionModelParameters MakeModel(TrainingResult<float> result) => new(Host, result);

    /// <inheritdoc/>
    protected override MultilayerPerceptronRegressionTransformer MakeTransformer(
        MultilayerPerceptronRegressionModelParameters model, DataViewSchema trainSchema)
        => new(Host, model, trainSchema, FeatureColumn.Name);

    private protected override SchemaShape.Column[] OutputColumnsOf(SchemaShape inputSchema) =>
    [
        new(
            DefaultColumnNames.Score, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, isKey: false,
            new SchemaShape(AnnotationUtils.GetTrainerOutputAnnotation())),
    ];
}

/// <summary>Adds Score, the prediction in the label's own units.</summary>
public sealed class MultilayerPerceptronRegressionTransformer : MultilayerPerceptronTransformer<MultilayerPerceptronRegressionModelParameters>
{
    internal const string LoaderSignature = "BackpropRegressionXfer";
    private static readonly VersionInfo Version = ModelFileVersion.Of("BPREGXFR", LoaderSignature);

    internal MultilayerPerceptronRegressionTransformer(
        IHostEnvironment environment, MultilayerPerceptronRegressionModelParameters model, DataViewSchema trainSchema, string featureColumn)
        : base(environment, Version, model, trainSchema, featureColumn)
        => Scorer = GetGenericScorer();

    // Called by ML.NET when a model is loaded.
    private MultilayerPerceptronRegressionTransformer(IHostEnvironment environment, ModelLoadContext context)
        : base(environment, Version, context.Checked(Version))
        => Scorer = GetGenericScorer();

    private protected override OutputColumns Outputs { get; } = new ScalarColumns();
}

/// <summary>A trained network for a real label.</summary>
public sealed class MultilayerPerceptronRegressionModelParameters : MultilayerPerceptronModelParameters<float>
{
    internal const string LoaderSignature = "BackpropRegressionModel";
    private static readonly VersionInfo Version = ModelFileVersion.Of("BPREGMOD", LoaderSignature, ModelFileVersion.Parameters);

    internal MultilayerPerceptronRegressionModelParameters(IHostEnvironment environment, TrainingResult<float> result)
        : base(environment, Version, result)
    {
    }

    // Called by ML.NET when a model is loaded.
    private MultilayerPerceptronRegressionModelParameters(IHostEnvironment environment, ModelLoadContext context)
        : base(environment, Version, context.Checked(Version))
    {
    }

    /// <inheritdoc/>
    protected override PredictionKind PredictionKind => PredictionKind.Regression;

    private protected override DataViewType ScoreType => NumberDataViewType.Single;

    private protected override Delegate ScoreOf(ScoreBatch batch) => batch.ScalarGetter(() => 0);
}
