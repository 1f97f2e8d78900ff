using Backprop.ML;
using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Interop.Tests.ML;

/// <summary>The trainers seen alike, so that one theory states a fact of all of them.</summary>
public abstract partial class TrainerTask
{
    public static TrainerTask TwoClasses { get; } = new Binary();

    public static TrainerTask ManyClasses { get; } = new Multiclass();

    public static TheoryData<TrainerTask> All => [TwoClasses, ManyClasses, OneNumber, SeveralNumbers, Intervals];

    public static TrainerTask OneNumber { get; } = new Regression();

    public static TrainerTask SeveralNumbers { get; } = new MultiOutput();

    public static TrainerTask Intervals { get; } = new Quantile();

    public abstract string LabelColumn { get; }

    /// <summary>Whether labels are classes.</summary>
    public bool Classifies => this == TwoClasses || this == ManyClasses;

    public abstract IEstimator<ITransformer> Pipeline(MLContext context, Action<MultilayerPerceptronOptions>? change = null);

    /// <summary>Accuracy, or R² for regression.</summary>
    public abstract double Quality(MLContext context, IDataView scored);

    /// <summary>The same of each of three folds, with its model and its test rows, scored; rows of equal key are in one of them.</summary>
    public abstract IEnumerable<(double Quality, ITransformer Model, IDataView Held)> CrossValidate(
        MLContext context, IDataView data, IEstimator<ITransformer> pipeline, string? key = null);

    /// <summary>How much the quality drops for each feature when its values are shuffled.</summary>
    public abstract IReadOnlyDictionary<string, double> Importance(MLContext context, ITransformer model, IDataView data);

    /// <summary>Trains on some rows, choosing the epoch on others, from a model on.</summary>
    public abstract IMultilayerPerceptronModel Fit(
        MLContext context,
        IDataView train,
        IDataView? validation,
        IMultilayerPerceptronModel? start = null,
        Action<MultilayerPerceptronOptions>? change = null);

    /// <summary>Other rows with the label column the trainer wants, as training rows have it.</summary>
    public abstract IDataView Labelled(MLContext context, IDataView train, IDataView others);

    /// <summary>Makes a row's label missing; false where its type has no missing value.</summary>
    public abstract bool RemoveLabel(Row row);

    /// <summary>What a PredictionEngine gives for each row, as <see cref="Scores"/> writes it.</summary>
    public abstract List<string> Predict(MLContext context, ITransformer model, IReadOnlyList<Row> rows);

    /// <summary>Every score and probability of each row.</summary>
    public abstract List<float[]> NumbersOf(MLContext context, IDataView scored);

    public ITransformer Fit(MLContext context, IEnumerable<Row> rows, Action<MultilayerPerceptronOptions>? change = null)
        => Pipeline(context, change).Fit(context.Data.LoadFromEnumerable(rows));

    public static IMultilayerPerceptronModel ModelOf(ITransformer chain)
    {
        var predictors = ((IEnumerable<ITransformer>)chain).OfType<IPredictionTransformer<object>>();
        return Assert.Single(predictors.Select(predictor => predictor.Model).OfType<IMultilayerPerceptronModel>());
    }

    public override string ToString() => GetType().Name;

    protected MultilayerPerceptronOptions Options(Action<MultilayerPerceptronOptions>? change)
    {
        var options = new MultilayerPerceptronOptions
        {
            Preset = Preset.Plain,
            LabelColumnName = LabelColumn,
            HiddenUnits = [16],
            NumberOfIterations = 60,
            LearningRate = 0.01,
            NumberOfThreads = 1,
        };
        change?.Invoke(options);
        return options;
    }

    /// <summary>A trainer with its types.</summary>
    private abstract class Typed<TTransformer, TModel> : TrainerTask
        where TTransformer : class, ISingleFeaturePredictionTransformer<TModel>
        where TModel : class, IMultilayerPerceptronModel
    {
        public override IEstimator<ITransformer> Pipeline(MLContext context, Action<MultilayerPerceptronOptions>? change)
            => Labels(context).Append(Trainer(context, Options(change)));

        public override IMultilayerPerceptronModel Fit(
            MLContext context, IDataView train, IDataView? validation, IMultilayerPerceptronModel? start, Action<MultilayerPerceptronOptions>? change)
        {
            var labels = Labels(context).Fit(train);
            return Trainer(context, Options(change))
                .Fit(labels.Transform(train), validation is null ? null : labels.Transform(validation), start).Model;
        }

        public override IDataView Labelled(MLContext context, IDataView train, IDataView others) => Labels(context).Fit(train).Transform(others);

        protected abstract MultilayerPerceptronTrainer<TTransformer, TModel> Trainer(MLContext context, MultilayerPerceptronOptions options);

        /// <summary>What makes the label column the trainer wants.</summary>
        protected virtual IEstimator<ITransformer> Labels(MLContext context) => new EstimatorChain<ITransformer>();
    }

    private sealed class Binary : Typed<MultilayerPerceptronBinaryTransformer, MultilayerPerceptronBinaryModelParameters>
    {
        public override string LabelColumn => nameof(Row.IsAbove);

        protected override MultilayerPerceptronTrainer<MultilayerPerceptronBinaryTransformer, MultilayerPerceptronBinaryModelParameters> Trainer(
            MLContext context, MultilayerPerceptronOptions options)
            => context.BinaryClassification.Trainers.MultilayerPerceptron(options);

        public override double Quality(MLContext context, IDataView scored)
            => context.BinaryClassification.Evaluate(scored, LabelColumn).Accuracy;

        public override IEnumerable<(double Quality, ITransformer Model, IDataView Held)> CrossValidate(
            MLContext context, IDataView data, IEstimator<ITransformer> pipeline, string? key)
            => context.BinaryClassification.CrossValidate(data, pipeline, 3, LabelColumn, key)
                .Select(fold => (fold.Metrics.Accuracy, fold.Model, fold.ScoredHoldOutSet));

        public override IReadOnlyDictionary<string, double> Importance(MLContext context, ITransformer model, IDataView data)
            => context.BinaryClassification.PermutationFeatureImportanceNonCalibrated(model, data, LabelColumn)
                .ToDictionary(feature => feature.Key, feature => -feature.Value.Accuracy.Mean);

        public override bool RemoveLabel(Row row) => false;

        public override List<string> Predict(MLContext context, ITransformer model, IReadOnlyList<Row> rows)
        {
            using var engine = context.Model.CreatePredictionEngine<Row, BinaryOutput>(model);
            return [.. rows.Select(engine.Predict).Select(o =>
                $"{(o.PredictedLabel ? "True" : "False")} {Scores.Bits(o.Score)} {Scores.Bits(o.Probability)}")];
        }

        public override List<float[]> NumbersOf(MLContext context, IDataView scored)
            => [.. context.Data.CreateEnumerable<BinaryOutput>(scored, false).Select(o => new[] { o.Score, o.Probability })];

        private sealed class BinaryOutput
        {
            public bool PredictedLabel { get; set; }

            public float Score { get; set; }

            public float Probability { get; set; }
        }
    }

    private sealed class Multiclass : Typed<MultilayerPerceptronMulticlassTransformer, MultilayerPerceptronMulticlassModelParameters>
    {
        public override string LabelColumn => "Label";

        protected override MultilayerPerceptronTrainer<MultilayerPerceptronMulticlassTransformer, MultilayerPerceptronMulticlassModelParameters> Trainer(
            MLContext context, MultilayerPerceptronOptions options)
            => context.MulticlassClassification.Trainers.MultilayerPerceptron(options);

        public override double Quality(MLContext context, IDataView scored)
            => context.MulticlassClassification.Evaluate(scored, LabelColumn).MicroAccuracy;

        public override IEnumerable<(double Quality, ITransformer Model, IDataView Held)> CrossValidate(
            MLContext context, IDataView data, IEstimator<ITransformer> pipeline, string? key)
            => context.MulticlassClassification.CrossValidate(data, pipeline, 3, LabelColumn, key)
                .Select(fold => (fold.Metrics.MicroAccuracy, fold.Model, fold.ScoredHoldOutSet));

        public override IReadOnlyDictionary<string, double> Importance(MLContext context, ITransformer model, IDataView data)
            => context.MulticlassClassification.PermutationFeatureImportance(model, model.Transform(data), LabelColumn)
                .ToDictionary(feature => feature.Key, feature => -feature.Value.MicroAccuracy.Mean);

        protected override IEstimator<ITransformer> Labels(MLContext context)
            => context.Transforms.Conversion.MapValueToKey(LabelColumn, nameof(Row.Kind));

        public override bool RemoveLabel(Row row)
        {
            row.Kind = "";
            return true;
        }

        public override List<string> Predict(MLContext context, ITransformer model, IReadOnlyList<Row> rows)
        {
            using var engine = context.Model.CreatePredictionEngine<Row, MulticlassOutput>(model);
            return [.. rows.Select(engine.Predict).Select(o => $"{o.PredictedLabel} {string.Join(',', o.Score.Select(Scores.Bits))}")];
        }

        public override List<float[]> NumbersOf(MLContext context, IDataView scored)
            => [.. context.Data.CreateEnumerable<MulticlassOutput>(scored, false).Select(o => o.Score)];

        private sealed class MulticlassOutput
        {
            public uint PredictedLabel { get; set; }

            public float[] Score { get; set; } = [];
        }
    }
}
