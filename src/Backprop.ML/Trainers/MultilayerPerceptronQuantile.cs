using Backprop.ML;
using Backprop.Models;
using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

[assembly: LoadableClass(
    typeof(MultilayerPerceptronQuantileTransformer), null, typeof(SignatureLoadModel),
    "Multilayer perceptron for quantiles", MultilayerPerceptronQuantileTransformer.LoaderSignature)]
[assembly: LoadableClass(
    typeof(MultilayerPerceptronQuantileModelParameters), null, typeof(SignatureLoadModel),
    "Multilayer perceptron for quantiles, parameters", MultilayerPerceptronQuantileModelParameters.LoaderSignature)]

namespace Backprop.ML;

/// <summary>Trains a network for quantiles of a real label: an output for each level, pinball loss.</summary>
public sealed class MultilayerPerceptronQuantileTrainer
    : MultilayerPerceptronTrainer<MultilayerPerceptronQuantileTransformer, MultilayerPerceptronQuantileModelParameters>
{
    /// <summary>The median, and an interval that nine of ten labels lie in.</summary>
    internal static readonly QuantileHead Usual = Head.Quantile(0.05, 0.5, 0.95);

    internal MultilayerPerceptronQuantileTrainer(IHostEnvironment environment, MultilayerPerceptronOptions options)
        : base(
            environment, nameof(MultilayerPerceptronQuantileTrainer), Checked(options), options,
            TrainerUtils.MakeR4ScalarColumn(options.LabelColumnName))
    {
    }

    /// <inheritdoc/>
    protected override PredictionKind PredictionKind => PredictionKind.Regression;

    private protected override int OutputsFor(RoleMappedData data, Head head) => ((QuantileHead)head).Levels.Count;

    private protected override MultilayerPerceptronQuantileModelParameters MakeModel(TrainingResult<float> result) => new(Host, result);

    /// <inheritdoc/>
    protected override MultilayerPerceptronQuantileTransformer MakeTransformer(
        MultilayerPerceptronQuantileModelParameters model, DataViewSchema trainSchema)
        => new(Host, model, trainSchema, FeatureColumn.Name);

    private protected override SchemaShape.Column[] OutputColumnsOf(SchemaShape inputSchema)
    {
        var scores = AnnotationUtils.GetTrainerOutputAnnotation().ToList();
        SchemaShape vector =
            new([new(AnnotationUtils.Kinds.SlotNames, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, isKey: false), .. scores]);
        return
        [
            new(DefaultColumnNames.Score, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, isKey: false, new(scores)),
            new(QuantileColumns.Quantiles, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, isKey: false, vector),
            new(QuantileColumns.Interval, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, isKey: false, vector),
        ];
    }

    private static QuantileHead Checked(MultilayerPerceptronOptions options)
        => (QuantileHead)options.HeadAmong(Usual) is { Levels.Count: > 1 } head && head.Levels.Distinct().Count() == head.Levels.Count
            ? head
            : throw new ArgumentException(
                $"{nameof(options.Head)} is {options.Head}, but an interval is between two levels or more, all different. "
                + "Give such, as in Head.Quantile(0.05, 0.95); "
                + "for one alone, take the regression trainer with Head.Regression with { OutputLoss = Loss.Of(new Pinball(0.5)) }.");
}

/// <summary>
/// Adds Score (the quantile nearest the median), Quantiles (a vector with the levels as slot names, in order) and Interval (the lowest and
/// the highest quantile), in the label's own units.
/// </summary>
public sealed class MultilayerPerceptronQuantileTransformer : MultilayerPerceptronTransformer<MultilayerPerceptronQuantileModelParameters>
{
    internal const string LoaderSignature = "BackpropQuantileXfer";
    private static readonly VersionInfo Version = ModelFileVersion.Of("BPQUAXFR", LoaderSignature);

    internal MultilayerPerceptronQuantileTransformer(
        IHostEnvironment environment, MultilayerPerceptronQuantileModelParameters model, DataViewSchema trainSchema, string featureColumn)
        : base(environment, Version, model, trainSchema, featureColumn)
        => SetScorer();

    // Called by ML.NET when a model is loaded.
    private MultilayerPerceptronQuantileTransformer(IHostEnvironment environment, ModelLoadContext context)
        : base(environment, Version, context.Checked(Version))
        => SetScorer();

    private protected override OutputColumns Outputs => new QuantileColumns(Model.Levels);

    private void SetScorer()
    {
        var columns = new OutputSchema(AnnotationUtils.Const.ScoreColumnKind.Regression);
        columns.Add(DefaultColumnNames.Score);
        columns.Add(QuantileColumns.Quantiles, Model.Levels.Count, [.. Model.Levels.Select(QuantileColumns.SlotOf)]);
        columns.Add(QuantileColumns.Interval, 2, [QuantileColumns.SlotOf(Model.Levels.Min()), QuantileColumns.SlotOf(Model.Levels.Max())]);
        BindableMapper = new OutputMapper(Model.Network, Outputs, columns.ToSchema());
        Scorer = GetGenericScorer();
    }
}

/// <summary>A trained network for quantiles.</summary>
public sealed class MultilayerPerceptronQuantileModelParameters : MultilayerPerceptronModelParameters<float>
{
    internal const string LoaderSignature = "BackpropQuantileModel";
    private static readonly VersionInfo Version = ModelFileVersion.Of("BPQUAMOD", LoaderSignature, ModelFileVersion.Parameters);

    internal MultilayerPerceptronQuantileModelParameters(IHostEnvironment environment, TrainingResult<float> result)
        : base(environment, Version, result)
    {
    }

    // Called by ML.NET when a model is loaded.
    private MultilayerPerceptronQuantileModelParameters(IHostEnvironment environment, ModelLoadContext context)
        : base(environment, Version, context.Checked(Version))
    {
    }

    /// <summary>The level of each quantile, as the head has them.</summary>
    public IReadOnlyList<double> Levels => ((QuantileHead)Network.Model.HeadOutputs[0].Head).Levels;

    /// <inheritdoc/>
    protected override PredictionKind PredictionKind => PredictionKind.Regression;

    private protected override DataViewType ScoreType => NumberDataViewType.Single;

    private protected override Delegate ScoreOf(ScoreBatch batch)
        => new QuantileColumns(Levels).GetterOf(DefaultColumnNames.Score, batch, () => 0);
}
