using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Sylvan.Data.Csv;

namespace Backprop.Interop.Tests.Cli;

/// <summary>ONNX Runtime predicts from a file's columns what the tool predicts.</summary>
public sealed class OnnxTests : IDisposable
{
    // Of the number's size, or of 1 where that is more: normalisation, two layers and a link, each rounded by others.
    private const double Ulps = 8 * 1.2e-7;

    private const int Rows = 80;

    private readonly Tool tool = new();

    [Theory]
    [InlineData("binary", "yes", "Probability")]
    [InlineData("multiclass", "three", "Score")]
    [InlineData("regression", "price", "Score")]
    [InlineData("poisson", "count", "Score")]
    [InlineData("quantile(0.1,0.5,0.9)", "price", "Quantiles")]
    [InlineData("regression", "price,count", "Score")]
    public void OnnxRuntimePredictsWhatTheToolPredicts(string task, string label, string numbers)
    {
        tool.Write("f.csv", Table(400, seed: 1));
        tool.Write("t.csv", Table(Rows, seed: 2));
        var ignored = string.Join(',', new[] { "yes", "three", "price", "count" }.Except(label.Split(',')));
        tool.Succeed($"train --data @f.csv --label {label} --task {task} --ignore {ignored} --hidden 8 --epochs 5 --threads 1 --model @m.zip --onnx @m.onnx");
        tool.Succeed("predict --model @m.zip --data @t.csv --out @p.csv");

        using var session = new InferenceSession(tool["m.onnx"], new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR });
        using var results = session.Run(Inputs(session));
        var (names, ours) = Read("p.csv");
        float[] theirs = [.. results.Single(result => result.Name == $"{numbers}.output").AsTensor<float>()];
        var columns = theirs.Length / Rows;
        for (var i = 0; i < theirs.Length; i++)
        {
            var number = double.Parse(ours[i / columns][names.Length - columns + i % columns], CultureInfo.InvariantCulture);
            Assert.True(Math.Abs(number - theirs[i]) <= Ulps * Math.Max(1, Math.Abs(number)), $"{task}, row {i / columns}: "
                + $"{number:R} here, {theirs[i]:R} in ONNX Runtime");
        }

        if (results.Single(result => result.Name == "Prediction.output").Value is Tensor<string> words)
        {
            Assert.Equal(ours.Select(row => row[0]), words);
        }
    }

    public void Dispose() => tool.Dispose();

    /// <summary>Texts of few and of many values, some of them missing or, in the test rows, unseen.</summary>
    private static string Table(int rows, int seed)
    {
        var random = new Random(seed);
        return $"{Samples.Header},town,yes,three,price,count\n" + string.Concat(Samples.Rows(rows, seed).Select((row, i) =>
        {
            var features = seed > 1 && i % 10 == 0 ? row.Features[..(row.Features.IndexOf(',') + 1)] + "0.5,unseen" : row.Features;
            return $"{features},town {random.Next(380)},{Samples.YesNo(row.Signal)},{(row.Signal < 0 ? "low" : row.Signal < 1 ? "mid" : "high")},{Samples.Price(row.Signal)},{(int)(row.Signal + 5)}\n";
        }));
    }

    private List<NamedOnnxValue> Inputs(InferenceSession session)
    {
        var (names, rows) = Read("t.csv");
        return [.. session.InputMetadata.Select(input =>
        {
            var texts = rows.Select(row => row[Array.IndexOf(names, input.Key)]);
            return input.Value.ElementType == typeof(float)
                ? Of<float>(input.Key, texts.Select(text => text is "" or "NaN" ? float.NaN : float.Parse(text, CultureInfo.InvariantCulture)))
                : Of<string>(input.Key, texts.Select(text => text.Length == 0 ? "(missing)" : text));
        })];
    }

    private static NamedOnnxValue Of<T>(string name, IEnumerable<T> values)
        => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<T>(values.ToArray(), [Rows, 1]));

    private (string[] Names, List<string[]> Rows) Read(string name)
    {
        using var csv = CsvDataReader.Create(tool[name]);
        var rows = new List<string[]>();
        while (csv.Read())
        {
            rows.Add([.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetString)]);
        }

        return ([.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetName)], rows);
    }
}
