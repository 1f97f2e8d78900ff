using Backprop.ML;
using Backprop.Models;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Interop.Tests.ML;

/// <summary>Attributions as a transformer: what the engine computes, in a chain, an engine, a file and another process.</summary>
public sealed class FeatureAttributionTests : IDisposable
{
    private const int Count = 90;

    private readonly string folder = Directory.CreateTempSubdirectory("backprop-").FullName;
    private readonly MLContext context = new();
    private readonly List<Row> rows = Row.Many(Count);

    public static TheoryData<TrainerTask, AttributionMethod> TasksAndMethods
    {
        get
        {
            var data = new TheoryData<TrainerTask, AttributionMethod>();
            foreach (var task in TrainerTask.All)
            {
                foreach (var method in Enum.GetValues<AttributionMethod>())
                {
                    data.Add(task, method);
                }
            }

            return data;
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, MemberData(nameof(TasksAndMethods))]
    public void ValuesAndSlotsAreTheEnginesAndTheFeatures(TrainerTask task, AttributionMethod method)
    {
        var (model, data) = Fitted(task);
        var network = TrainerTask.ModelOf(model).Network;
        for (var output = 0; output < network.Model.Outputs; output++)
        {
            var explained = Explained(model, data, method, output).Transform(data);
            var column = explained.Schema["FeatureAttributions"];
            VBuffer<ReadOnlyMemory<char>> names = default;
            column.GetSlotNames(ref names);
            Assert.Equal(["x0", "x1", "x2", "x3"], names.DenseValues().Select(name => name.ToString()));
            Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, Row.FeatureCount), column.Type);

            var expected = new float[Row.FeatureCount];
            foreach (var (row, actual) in rows.Zip(explained.GetColumn<float[]>(column)))
            {
                var gradients = new InputGradients<float>(network, ExplainedValue.Score);
                switch (method)
                {
                    case AttributionMethod.Gradient:
                        gradients.Gradients(row.Features, [output], expected);
                        break;
                    case AttributionMethod.GradientTimesInput:
                        gradients.GradientsTimesInputs(row.Features, [output], expected);
                        break;
                    default:
                        gradients.IntegratedGradients(row.Features, [output], expected);
                        break;
                }

                Assert.Equal(expected, actual);
            }
        }
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void IntegratedGradientsAddUpToTheDifferenceOfTheScores(TrainerTask task)
    {
        var (model, data) = Fitted(task, options => options.Activation = Formulas.Activation.Parse("tanh"));
        float[] baseline = [0.25f, -0.5f, 0, 0.125f];
        var scores = task.NumbersOf(context, model.Transform(data));
        var start = task.NumbersOf(context, model.Transform(Row.LoadWithSlotNames(context, [new() { Features = baseline }])))[0];
        for (var output = 0; output < TrainerTask.ModelOf(model).Network.Model.Outputs; output++)
        {
            var explained = Explained(model, data, AttributionMethod.IntegratedGradients, output, baseline).Transform(data);
            foreach (var (score, attributions) in scores.Zip(explained.GetColumn<float[]>("FeatureAttributions")))
            {
                // Of smooth functions the integral is exact; scores up to 1,100 are exact to 2⁻²⁴, after some 16 terms of two layers.
                Assert.Equal(score[output] - start[output], attributions.Sum(a => (double)a), 32 * Math.ScaleB(1, -24) * Math.Max(1, Math.Abs(score[output])));
            }
        }
    }

    [Fact]
    public void OfManyClassesThePredictedOneIsExplained()
    {
        var (model, data) = Fitted(TrainerTask.ManyClasses);
        var predicted = Explained(model, data, AttributionMethod.GradientTimesInput, null).Transform(data).GetColumn<float[]>("FeatureAttributions").ToList();
        var ofClass = Enumerable.Range(0, 3)
            .Select(output => Explained(model, data, AttributionMethod.GradientTimesInput, output).Transform(data).GetColumn<float[]>("FeatureAttributions").ToList())
            .ToList();
        var labels = model.Transform(data).GetColumn<uint>("PredictedLabel").ToList();
        Assert.Equal(3, labels.Distinct().Count());
        for (var row = 0; row < Count; row++)
        {
            Assert.Equal(ofClass[(int)labels[row] - 1][row], predicted[row]);
        }
    }

    [Theory, InlineData("ManyClasses"), InlineData("Intervals")]
    public void ARowThatPredictsNothingHasNoAttributionsAndItsNeighboursDo(string name)
    {
        var (model, data) = Fitted(name == "ManyClasses" ? TrainerTask.ManyClasses : TrainerTask.Intervals);
        var transformer = Explained(model, data, AttributionMethod.IntegratedGradients, null);
        var expected = transformer.Transform(data).GetColumn<float[]>("FeatureAttributions").ToList();
        rows[1].Features[2] = float.NaN;
        var attributions = transformer.Transform(data).GetColumn<float[]>("FeatureAttributions").ToList();
        Assert.All(attributions[1], attribution => Assert.True(float.IsNaN(attribution)));
        expected[1] = attributions[1];
        Assert.Equal(expected, attributions);
    }

    [Fact]
    public void OfSeveralNumbersOneIsToBeChosen()
    {
        var (model, _) = Fitted(TrainerTask.SeveralNumbers);
        var error = Assert.Throws<ArgumentException>(() => context.Transforms.CalculateFeatureAttribution(model));
        Assert.Equal("The network has 2 outputs, and its prediction is all of them. Choose the output to explain, from 0 to 1.", error.Message);
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void ALoadedChainExplainsTheSameBitsHereInAnEngineAndInAnotherProcess(TrainerTask task)
    {
        var (model, data) = Fitted(task);
        var chain = new TransformerChain<ITransformer>(model, Explained(model, data, AttributionMethod.IntegratedGradients, 0, [0, 0.5f, 0, 0]));
        var (modelPath, dataPath) = (Path.Combine(folder, "model.zip"), Path.Combine(folder, "data.idv"));
        context.Model.Save(chain, data.Schema, modelPath);
        using (var file = File.Create(dataPath))
        {
            context.Data.SaveAsBinary(data, file);
        }

        var expected = Scores.Of(chain.Transform(data));
        var loaded = context.Model.Load(modelPath, out _);
        Assert.Equal(expected, Scores.Of(loaded.Transform(data)));
        Assert.Equal(["Backprop.ML loaded before: False", .. expected], OtherProcess.Score(modelPath, dataPath));

        var attributions = chain.Transform(data).GetColumn<float[]>("FeatureAttributions").ToList();
        Parallel.For(0, 4, _ =>
        {
            using var engine = context.Model.CreatePredictionEngine<Row, Explanation>(loaded);
            Assert.Equal(attributions, rows.Select(row => engine.Predict(row).FeatureAttributions));
        });

        // The explained network can be explained again, out of the loaded chain.
        var again = context.Transforms.CalculateFeatureAttribution(loaded, outputColumnName: "Again", output: 0).Fit(data);
        Assert.Contains("Again", again.Transform(data).Schema.Select(column => column.Name));
    }

    [Fact]
    public void SparseRowsHaveSparseAttributionsOfTheSameBits()
    {
        var (model, data) = Fitted(TrainerTask.TwoClasses);
        var schema = SchemaDefinition.Create(typeof(SparseRow));
        schema["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Row.FeatureCount);
        var sparse = context.Data.LoadFromEnumerable([new SparseRow { Features = new(4, 2, [0.5f, -1], [1, 3]) }], schema);
        var dense = context.Data.LoadFromEnumerable([new Row { Features = [0, 0.5f, 0, -1] }]);
        foreach (var method in Enum.GetValues<AttributionMethod>())
        {
            var transformer = Explained(model, data, method, null);
            var attributions = transformer.Transform(sparse).GetColumn<VBuffer<float>>("FeatureAttributions").Single();
            Assert.Equal(method == AttributionMethod.Gradient, attributions.IsDense);
            Assert.Equal(transformer.Transform(dense).GetColumn<float[]>("FeatureAttributions").Single(), attributions.DenseValues());
        }

        var fromElsewhere = Explained(model, data, AttributionMethod.IntegratedGradients, 0, [0, 0, 1, 0]).Transform(sparse);
        Assert.True(fromElsewhere.GetColumn<VBuffer<float>>("FeatureAttributions").Single().IsDense);
    }

    [Fact]
    public void WhatDoesNotFitIsRefusedBeforeARowIsRead()
    {
        var (model, data) = Fitted(TrainerTask.ManyClasses);
        Refused<ArgumentException>("has no output 3. Choose one from 0 to 2.", () => Explained(model, data, AttributionMethod.Gradient, 3));
        Refused<ArgumentException>("The baseline has 1 numbers", () => Explained(model, data, AttributionMethod.IntegratedGradients, 0, [1]));
        Refused<ArgumentException>("A path of 0 points", () => context.Transforms.CalculateFeatureAttribution(model, numberOfPoints: 0));
        Refused<ArgumentException>("The model has no multilayer perceptron among its transformers",
            () => context.Transforms.CalculateFeatureAttribution(context.Transforms.CopyColumns("A", "Features").Fit(data)));
        Refused<ArgumentException>("The model has 2 multilayer perceptrons among its transformers",
            () => context.Transforms.CalculateFeatureAttribution(new TransformerChain<ITransformer>(model, model)));

        var estimator = context.Transforms.CalculateFeatureAttribution(model);
        var without = context.Transforms.DropColumns("Features").Fit(data).Transform(data);
        var wide = context.Transforms.Concatenate("Features", "Features", "Amount").Fit(data).Transform(data);
        var other = context.Transforms.Conversion.ConvertType("Features", outputKind: DataKind.Double).Fit(data).Transform(data);
        Refused<ArgumentOutOfRangeException>("Could not find feature column 'Features'", () => estimator.Fit(without));
        Refused<ArgumentOutOfRangeException>("expected Vector<Single, 4>, got Vector<Single, 5>", () => estimator.Fit(wide));
        Refused<ArgumentOutOfRangeException>(
            "expected Vector<Single>, got Vector<Double>", () => estimator.GetOutputSchema(AnnotationTests.ShapeOf(other.Schema)));
        Refused<ArgumentOutOfRangeException>(
            "Could not find feature column 'Features'", () => estimator.GetOutputSchema(AnnotationTests.ShapeOf(without.Schema)));

        static void Refused<TError>(string message, Action action) where TError : Exception
            => Assert.Contains(message, Assert.Throws<TError>(action).Message);
    }

    [Fact]
    public void ConvertToOnnxRefusesExplanationsInWords()
    {
        var (model, data) = Fitted(TrainerTask.TwoClasses);
        var chain = new TransformerChain<ITransformer>(model, Explained(model, data, AttributionMethod.Gradient, null));
        using var stream = new MemoryStream();
        var error = Assert.ThrowsAny<Exception>(() => context.Model.ConvertToOnnx(chain, data, stream)).GetBaseException();
        Assert.Contains("Convert the model without CalculateFeatureAttribution", Assert.IsType<NotSupportedException>(error).Message);
        Assert.Equal(0, stream.Length);
    }

    private (ITransformer Model, IDataView Data) Fitted(TrainerTask task, Action<MultilayerPerceptronOptions>? change = null)
    {
        var data = Row.LoadWithSlotNames(context, rows);
        return (task.Pipeline(context, change).Fit(data), data);
    }

    private FeatureAttributionTransformer Explained(ITransformer model, IDataView data, AttributionMethod method, int? output, float[]? baseline = null)
    {
        var estimator = context.Transforms.CalculateFeatureAttribution(
            model, method, output: output, explainedValue: ExplainedValue.Score, baseline: baseline);
        var shape = estimator.GetOutputSchema(AnnotationTests.ShapeOf(data.Schema)).Single(column => column.Name == "FeatureAttributions");
        Assert.Equal(
            (SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, "SlotNames"), (shape.Kind, shape.ItemType, shape.Annotations.Single().Name));
        return estimator.Fit(data);
    }

    private sealed class Explanation
    {
        [VectorType(Row.FeatureCount)]
        public float[] FeatureAttributions { get; set; } = [];
    }

    private sealed class SparseRow
    {
        public VBuffer<float> Features;
    }
}
