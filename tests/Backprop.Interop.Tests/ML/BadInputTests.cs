using Backprop.ML;
using Backprop.Models.Layers;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Backprop.Interop.Tests.ML;

/// <summary>Trainers without a single option make of any table a finite model, no worse than a constant, which is saved and exported like others.</summary>
public class BadInputTests
{
    /// <summary>How much worse than a constant a model may be: relative to the largest label, or in nats, as the only row of a class is not held out.</summary>
    private const double OfLabel = 0.005;
    private const double Nats = 0.02;

    private static readonly MLContext context = new(seed: 1);

    public static TheoryData<string, TrainerTask> Cases
    {
        get
        {
            var data = new TheoryData<string, TrainerTask>();
            foreach (var task in TrainerTask.All)
            {
                foreach (var input in BadInput.All)
                {
                    data.Add(input.Name, task);
                }
            }

            return data;
        }
    }

    public static TheoryData<string> Features
        => [.. BadInput.All.Select(input => input.Name).TakeWhile(name => !name.StartsWith("labels", StringComparison.Ordinal))];

    [Theory, MemberData(nameof(Cases))]
    public void AModelIsFiniteAndNoWorseThanAConstant(string name, TrainerTask task)
    {
        var input = BadInput.All.Single(one => one.Name == name);
        var rows = input.Table(input.Rows, seed: 3);
        var data = context.Data.LoadFromEnumerable(rows);
        var model = Fit(input, task, data);
        var (own, constant) = Losses(task, rows, task.NumbersOf(context, model.Transform(data)));
        var allowed = task.Classifies ? Nats : OfLabel;
        Assert.All(own.Zip(constant), pair => Assert.True(pair.First <= 1.05 * pair.Second + allowed, $"{pair.First}, and {pair.Second} of a constant"));

        var others = context.Data.LoadFromEnumerable(Strangers(input));
        var scored = model.Transform(others);
        Assert.All(task.NumbersOf(context, scored).SelectMany(numbers => numbers), number => Assert.True(float.IsFinite(number), $"{number}"));
        using var file = new MemoryStream();
        context.Model.Save(model, data.Schema, file);
        file.Position = 0;
        Assert.Equal(Scores.Of(scored), Scores.Of(new MLContext().Model.Load(file, out _).Transform(others)));
    }

    [Theory, MemberData(nameof(Features))]
    public void OnnxRuntimeGivesTheSameScores(string name)
    {
        var input = BadInput.All.Single(one => one.Name == name);
        string[] columns = [nameof(Row.Features), nameof(CategoryRow.Job), nameof(Row.Amount)];
        var all = context.Data.LoadFromEnumerable(input.Table(input.Rows, seed: 3));
        var data = context.Transforms.SelectColumns(columns).Fit(all).Transform(all);
        var model = Fit(input, TrainerTask.OneNumber, data, options => options.NumberOfIterations = 3);
        using var file = new MemoryStream();
        context.Model.ConvertToOnnx(model, data, file);
        using var session = new InferenceSession(file.ToArray());
        var rows = Strangers(input);
        NamedOnnxValue[] inputs =
        [
            InputOf(nameof(Row.Features), Row.FeatureCount, rows.SelectMany(row => row.Features)),
            InputOf(nameof(CategoryRow.Job), 1, rows.Select(row => row.Job)),
            InputOf(nameof(Row.Amount), 1, rows.Select(row => row.Amount)),
        ];
        using var results = session.Run(inputs, ["Score.output"]);
        var scored = model.Transform(context.Data.LoadFromEnumerable(rows));
        double[] ours = [.. TrainerTask.OneNumber.NumbersOf(context, scored).Select(numbers => (double)numbers[0])];
        // Of the largest score: a scaled label, three layers and a clip, rounded by others.
        var tolerance = 16 * 1.2e-7 * ours.Max(Math.Abs);
        Assert.All(ours.Zip(results[0].AsEnumerable<float>()), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    [Fact]
    public void NumbersBesideManyCategoriesAreScaled()
    {
        // One-hot, more slots than are kept dense otherwise; of numbers such as these, what is not scaled learns nothing.
        var input = new BadInput(
            "",
            (i, row) =>
            {
                row.Job = $"{i * 7 % 1100}";
                (row.Features[0], row.Features[1]) = (1e5f * (10 + row.Features[0]), 1e5f * (10 + row.Features[1]));
            },
            Way: "one-hot");
        foreach (var task in TrainerTask.All)
        {
            var data = context.Data.LoadFromEnumerable(input.Table(1200, seed: 3));
            var model = Fit(input, task, data, options => (options.NumberOfIterations, options.Members) = (8, 1));
            var network = TrainerTask.ModelOf(model.LastTransformer).Network.Model;
            // A cap that holds all rows changes nothing.
            var capped = Fit(input, task, data, options => (options.NumberOfIterations, options.Members, options.MemoryCap) = (8, 1, 1 << 28));
            Assert.Equal(TrainerTask.ModelOf(model.LastTransformer).WeightHash, TrainerTask.ModelOf(capped.LastTransformer).WeightHash);
            // Clipped, and whole for their bins.
            Assert.Equal(
                [Row.FeatureCount, Row.FeatureCount], network.Signals.Where(signal => signal.Layer is RobustScale).Select(signal => signal.Inputs[0].Width));
            var quality = task.Quality(context, model.Transform(context.Data.LoadFromEnumerable(input.Table(300, seed: 5))));
            Assert.True(quality > 0.6, $"{task}: {quality}");
        }
    }

    private static TransformerChain<ITransformer> Fit(BadInput input, TrainerTask task, IDataView data, Action<MultilayerPerceptronOptions>? change = null)
        => new EstimatorChain<ITransformer>().Append(input.Features(context)).Append(task.Pipeline(context, options =>
        {
            (options.Preset, options.HiddenUnits, options.NumberOfIterations, options.LearningRate) = (null, null, null, null);
            options.FeatureColumnName = "Made";
            change?.Invoke(options);
        })).Fit(data);

    private static NamedOnnxValue InputOf<T>(string name, int columns, IEnumerable<T> values)
    {
        T[] all = [.. values];
        return NamedOnnxValue.CreateFromTensor(name, new DenseTensor<T>(all, [all.Length / columns, columns]));
    }

    /// <summary>Rows such as training has not seen.</summary>
    private static List<CategoryRow> Strangers(BadInput input)
    {
        float[] numbers = [float.NaN, float.PositiveInfinity, float.MinValue, 0, 1e30f];
        var rows = input.Table(20, seed: 9);
        foreach (var (i, row) in rows.Index())
        {
            row.Features[i % Row.FeatureCount] = numbers[i % numbers.Length];
            row.Job = i % 2 == 0 ? "pilot" : "";
        }

        return rows;
    }

    /// <summary>The mean loss of each output, and that of the best constant: relative to the label's size where it is a number.</summary>
    private static (double[] Own, double[] Constant) Losses(TrainerTask task, List<CategoryRow> rows, List<float[]> numbers)
    {
        if (task.Classifies)
        {
            string[] labels = [.. rows.Select(row => task == TrainerTask.TwoClasses ? $"{row.IsAbove}" : row.Kind)];
            string[] classes = task == TrainerTask.TwoClasses ? ["False", "True"] : [.. labels.Distinct()];
            double LogLoss(int row)
            {
                var own = Array.IndexOf(classes, labels[row]);
                var logit = (double)numbers[row][0] * (own == 1 ? -1 : 1);
                return task == TrainerTask.ManyClasses ? -Math.Log(numbers[row][own]) : Math.Max(logit, 0) + Math.Log(1 + Math.Exp(-Math.Abs(logit)));
            }

            var shares = labels.CountBy(label => label).Select(one => (double)one.Value / rows.Count);
            return ([labels.Index().Average(row => LogLoss(row.Index))], [shares.Sum(share => -share * Math.Log(share))]);
        }

        double[][] targets = task == TrainerTask.SeveralNumbers ? [Column(row => row.Amounts[0]), Column(row => row.Amounts[1])] : [Column(row => row.Amount)];
        double[] Column(Func<Row, float> value) => [.. rows.Select(row => (double)value(row))];
        double[] levels = task == TrainerTask.Intervals ? [0.05, 0.5, 0.95] : [];
        double Loss(int output, Func<int, double> predicted)
        {
            var target = targets[Math.Min(output, targets.Length - 1)];
            var errors = target.Select((label, row) => (label - predicted(row)) / Math.Max(target.Max(Math.Abs), 1e-30));
            return levels.Length > 0
                ? errors.Average(error => Math.Max(levels[output] * error, (levels[output] - 1) * error))
                : Math.Sqrt(errors.Average(error => error * error));
        }

        double Constant(int output)
            => levels.Length > 0 ? targets[0].Order().ElementAt((int)(levels[output] * (rows.Count - 1) + 0.5)) : targets[output].Average();
        int[] outputs = [.. Enumerable.Range(0, Math.Max(targets.Length, levels.Length))];
        return ([.. outputs.Select(i => Loss(i, row => numbers[row][i]))], [.. outputs.Select(i => Loss(i, _ => Constant(i)))]);
    }
}
