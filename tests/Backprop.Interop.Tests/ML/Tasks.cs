using Backprop.ML;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Interop.Tests.ML;

/// <summary>A row that serves all tasks: each has its own label column, and all follow from the features.</summary>
public class Row
{
    public const int FeatureCount = 4;

    [VectorType(FeatureCount)]
    public float[] Features { get; set; } = [];

    public bool IsAbove { get; set; }

    public string Kind { get; set; } = "";

    public float Amount { get; set; }

    /// <summary>Several labels, in units of different sizes.</summary>
    [VectorType(2)]
    public float[] Amounts { get; set; } = [];

    public float Weight { get; set; } = 1;

    public string Note { get; set; } = "";

    /// <summary>Permutation importance names features by their slot names.</summary>
    public static IDataView LoadWithSlotNames(MLContext context, IEnumerable<Row> rows)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        var names = Enumerable.Range(0, FeatureCount).Select(i => $"x{i}".AsMemory()).ToArray();
        schema[nameof(Features)].AddAnnotation(
            "SlotNames", new VBuffer<ReadOnlyMemory<char>>(FeatureCount, names), new VectorDataViewType(TextDataViewType.Instance, FeatureCount));
        return context.Data.LoadFromEnumerable(rows, schema);
    }

    public static List<Row> Many(int count, int seed = 7)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var x = Enumerable.Range(0, FeatureCount).Select(_ => random.NextSingle() * 2 - 1).ToArray();
            return new Row
            {
                Features = x,
                IsAbove = x[0] + x[1] > 0,
                Kind = x[0] > 0.3f ? "red" : x[1] > 0 ? "green" : "blue",
                Amount = 1000 + 50 * x[0] - 20 * x[1],
                Amounts = [1000 + 50 * x[0] - 20 * x[1], 0.1f * x[0] + 0.02f * x[2]],
                Note = $"row {i}",
            };
        })];
    }
}

/// <summary>The trainers seen alike, so that one theory states a fact of all of them.</summary>
public abstract class TrainerTask
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

    private sealed class Regression : Typed<MultilayerPerceptronRegressionTransformer, MultilayerPerceptronRegressionModelParameters>
    {
        public override string LabelColumn => nameof(Row.Amount);

        protected override MultilayerPerceptronTrainer<MultilayerPerceptronRegressionTransformer, MultilayerPerceptronRegressionModelParameters> Trainer(
            MLContext context, MultilayerPerceptronOptions options)
            => context.Regression.Trainers.MultilayerPerceptron(options);

        public override double Quality(MLContext context, IDataView scored) => context.Regression.Evaluate(scored, LabelColumn).RSquared;

        public override IEnumerable<(double Quality, ITransformer Model, IDataView Held)> CrossValidate(
            MLContext context, IDataView data, IEstimator<ITransformer> pipeline, string? key)
            => context.Regression.CrossValidate(data, pipeline, 3, LabelColumn, key)
                .Select(fold => (fold.Metrics.RSquared, fold.Model, fold.ScoredHoldOutSet));

        public override IReadOnlyDictionary<string, double> Importance(MLContext context, ITransformer model, IDataView data)
            => context.Regression.PermutationFeatureImportance(model, data, LabelColumn)
                .ToDictionary(feature => feature.Key, feature => -feature.Value.RSquared.Mean);

        public override bool RemoveLabel(Row row)
        {
            row.Amount = float.NaN;
            return true;
        }

        public override List<string> Predict(MLContext context, ITransformer model, IReadOnlyList<Row> rows)
        {
            using var engine = context.Model.CreatePredictionEngine<Row, RegressionOutput>(model);
            return [.. rows.Select(engine.Predict).Select(o => Scores.Bits(o.Score))];
        }

        public override List<float[]> NumbersOf(MLContext context, IDataView scored)
            => [.. context.Data.CreateEnumerable<RegressionOutput>(scored, false).Select(o => new[] { o.Score })];

        private sealed class RegressionOutput
        {
            public float Score { get; set; }
        }
    }

    private sealed class MultiOutput : Typed<MultilayerPerceptronMultiOutputTransformer, MultilayerPerceptronMultiOutputModelParameters>
    {
        public override string LabelColumn => nameof(Row.Amounts);

        protected override MultilayerPerceptronTrainer<MultilayerPerceptronMultiOutputTransformer, MultilayerPerceptronMultiOutputModelParameters> Trainer(
            MLContext context, MultilayerPerceptronOptions options)
            => context.Regression.Trainers.MultilayerPerceptronMultiOutput(options);

        public override double Quality(MLContext context, IDataView scored)
            => context.Regression.EvaluateMultiOutput(scored, LabelColumn).Outputs.Min(output => output.RSquared);

        // ML.NET's own evaluates by a scalar label.
        public override IEnumerable<(double Quality, ITransformer Model, IDataView Held)> CrossValidate(
            MLContext context, IDataView data, IEstimator<ITransformer> pipeline, string? key)
            => context.Data.CrossValidationSplit(data, 3, key).Select(fold =>
            {
                var model = pipeline.Fit(fold.TrainSet);
                var scored = model.Transform(fold.TestSet);
                return (Quality(context, scored), model, scored);
            });

        // ML.NET has no permutation importance for vectors of scores: shuffled here, feature by feature.
        public override IReadOnlyDictionary<string, double> Importance(MLContext context, ITransformer model, IDataView data)
        {
            var rows = context.Data.CreateEnumerable<Row>(data, reuseRowObject: false).ToList();
            double QualityOf(IEnumerable<Row> some) => Quality(context, model.Transform(context.Data.LoadFromEnumerable(some)));
            var whole = QualityOf(rows);
            return Enumerable.Range(0, Row.FeatureCount).ToDictionary(i => $"x{i}", i => whole - QualityOf(rows.Select((row, r) =>
            {
                var features = row.Features.ToArray();
                features[i] = rows[(r + 1) % rows.Count].Features[i];
                return new Row { Features = features, Amounts = row.Amounts };
            })));
        }

        public override bool RemoveLabel(Row row)
        {
            row.Amounts = [row.Amounts[0], float.NaN];
            return true;
        }

        public override List<string> Predict(MLContext context, ITransformer model, IReadOnlyList<Row> rows)
        {
            using var engine = context.Model.CreatePredictionEngine<Row, VectorOutput>(model);
            return [.. rows.Select(engine.Predict).Select(o => string.Join(',', o.Score.Select(Scores.Bits)))];
        }

        public override List<float[]> NumbersOf(MLContext context, IDataView scored)
            => [.. context.Data.CreateEnumerable<VectorOutput>(scored, false).Select(o => o.Score)];

        private sealed class VectorOutput
        {
            public float[] Score { get; set; } = [];
        }
    }

    private sealed class Quantile : Typed<MultilayerPerceptronQuantileTransformer, MultilayerPerceptronQuantileModelParameters>
    {
        public override string LabelColumn => nameof(Row.Amount);

        protected override MultilayerPerceptronTrainer<MultilayerPerceptronQuantileTransformer, MultilayerPerceptronQuantileModelParameters> Trainer(
            MLContext context, MultilayerPerceptronOptions options)
            => context.Regression.Trainers.MultilayerPerceptronQuantile(options);

        public override double Quality(MLContext context, IDataView scored) => context.Regression.Evaluate(scored, LabelColumn).RSquared;

        public override IEnumerable<(double Quality, ITransformer Model, IDataView Held)> CrossValidate(
            MLContext context, IDataView data, IEstimator<ITransformer> pipeline, string? key)
            => context.Regression.CrossValidate(data, pipeline, 3, LabelColumn, key)
                .Select(fold => (fold.Metrics.RSquared, fold.Model, fold.ScoredHoldOutSet));

        public override IReadOnlyDictionary<string, double> Importance(MLContext context, ITransformer model, IDataView data)
            => context.Regression.PermutationFeatureImportance(model, data, LabelColumn)
                .ToDictionary(feature => feature.Key, feature => -feature.Value.RSquared.Mean);

        public override bool RemoveLabel(Row row)
        {
            row.Amount = float.NaN;
            return true;
        }

        public override List<string> Predict(MLContext context, ITransformer model, IReadOnlyList<Row> rows)
        {
            using var engine = context.Model.CreatePredictionEngine<Row, QuantileOutput>(model);
            return [.. rows.Select(engine.Predict).Select(o =>
                $"{Scores.Bits(o.Score)} {string.Join(',', o.Quantiles.Select(Scores.Bits))} {string.Join(',', o.Interval.Select(Scores.Bits))}")];
        }

        public override List<float[]> NumbersOf(MLContext context, IDataView scored)
            => [.. context.Data.CreateEnumerable<QuantileOutput>(scored, false).Select(o => o.Quantiles)];

        private sealed class QuantileOutput
        {
            public float Score { get; set; }

            public float[] Quantiles { get; set; } = [];

            public float[] Interval { get; set; } = [];
        }
    }
}
