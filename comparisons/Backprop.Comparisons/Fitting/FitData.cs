using System.Globalization;
using Backprop.Cli.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Comparisons.Fitting;

/// <summary>Rows in memory, scaled and ready for any trainer.</summary>
/// <param name="Train">To fit.</param>
/// <param name="Test">To score.</param>
/// <param name="Score">A fitted model's score from its predictions of the test rows.</param>
internal sealed record FitData(IDataView Train, IDataView Test, Func<IDataView, double> Score)
{
    /// <summary>The tool's sample of 5,620 handwritten digits; accuracy.</summary>
    public static FitData Digits()
    {
        var ml = new MLContext(seed: 1);
        var (train, test) = (ml.Data.LoadFromEnumerable(Read(Optdigits.Train)), ml.Data.LoadFromEnumerable(Read(Optdigits.Test)));
        var keys = ml.Transforms.Conversion.MapValueToKey(nameof(Digit.Label)).Fit(train);
        return new(keys.Transform(train), keys.Transform(test), predictions => ml.MulticlassClassification.Evaluate(predictions).MicroAccuracy);
    }

    /// <summary>10,000 rows of 16 numbers from U(−1, 1); the label is a sum of waves of them, with noise; R².</summary>
    public static FitData Waves()
    {
        var (ml, random) = (new MLContext(seed: 1), new Random(1));
        List<Wave> Rows(int count) => [.. Enumerable.Range(0, count).Select(_ => Wave.Of(random))];
        return new(
            ml.Data.LoadFromEnumerable(Rows(8000)), ml.Data.LoadFromEnumerable(Rows(2000)), predictions => ml.Regression.Evaluate(predictions).RSquared);
    }

    private static List<Digit> Read(CsvSource source)
    {
        using var text = new StreamReader(source.Open());
        var numbers = text.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(line => line.Split(',').Select(value => float.Parse(value, CultureInfo.InvariantCulture)).ToArray());
        return [.. numbers.Select(row => new Digit { Features = [.. row[..^1].Select(ink => ink / 16)], Label = (int)row[^1] })];
    }

    private sealed class Digit
    {
        [VectorType(64)] public float[] Features { get; set; } = [];

        public int Label { get; set; }
    }

    private sealed class Wave
    {
        [VectorType(16)] public float[] Features { get; set; } = [];

        public float Label { get; set; }

        public static Wave Of(Random random)
        {
            float[] x = [.. Enumerable.Range(0, 16).Select(_ => 2 * random.NextSingle() - 1)];
            var label = MathF.Sin(3 * x[0]) + MathF.Cos(2 * x[1] * x[2]) + x[3] * x[4] + x.Skip(5).Sum() / 4 + 0.1f * random.NextSingle();
            return new() { Features = x, Label = label };
        }
    }
}
