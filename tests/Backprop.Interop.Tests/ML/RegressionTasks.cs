using Backprop.ML;
using Microsoft.ML;

namespace Backprop.Interop.Tests.ML;

/// <content>One number, several numbers, and quantiles.</content>
public abstract partial class TrainerTask
{
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
