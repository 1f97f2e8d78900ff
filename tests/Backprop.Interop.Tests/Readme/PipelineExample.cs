// <example>
using Backprop.ML;
using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

static class Example
{
    public static double Run(string csv, string zip)
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromTextFile<Digit>(csv, separatorChar: ',', hasHeader: true);
        var split = ml.Data.TrainTestSplit(data, testFraction: 0.2);

        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.MultilayerPerceptron(new MultilayerPerceptronOptions
            {
                Preset = Preset.Fast,
                Progress = epoch => Console.WriteLine($"{epoch.Epoch}: {epoch.ValidationLoss:F4}"),
            }))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));

        var model = pipeline.Fit(split.TrainSet);
        ml.Model.Save(model, data.Schema, zip);
        return ml.MulticlassClassification.Evaluate(model.Transform(split.TestSet)).MicroAccuracy;
    }

    class Digit
    {
        [LoadColumn(0, 63), VectorType(64)] public float[] Features = [];
        [LoadColumn(64)] public string Label = "";
    }
}
// </example>
