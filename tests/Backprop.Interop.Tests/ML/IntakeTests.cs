using Backprop.ML;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace Backprop.Interop.Tests.ML;

/// <summary>Rows nothing can be learned from are skipped, counted and told; data nothing can be learned from is an error in words.</summary>
public class IntakeTests
{
    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void UnusableRowsAreSkippedWithOneWarning(TrainerTask task)
    {
        var rows = Row.Many(200);
        rows[3].Features[0] = float.NaN;
        rows[4].Features[1] = float.PositiveInfinity;
        (rows[50].Weight, rows[51].Weight, rows[52].Weight) = (0, -1, float.PositiveInfinity);
        var missing = task.RemoveLabel(rows[100]) ? 1 : 0;

        var context = new MLContext();
        var warnings = new List<string>();
        context.Log += (_, e) => warnings.AddRange(e.Kind == ChannelMessageKind.Warning ? [e.RawMessage] : []);
        var model = TrainerTask.ModelOf(task.Fit(context, rows, Weighted));

        Assert.Equal(
            [
                $"Skipped {5 + missing} of 200 training rows: {missing} without a finite label, 2 with NaN or infinite features, "
                    + "3 with a weight not above 0 or infinite.",
            ],
            warnings);
        var usable = rows.Where((_, i) => i is not (3 or 4 or 50 or 51 or 52) && (i != 100 || missing == 0));
        Assert.Equal(TrainerTask.ModelOf(task.Fit(new MLContext(), usable, Weighted)).WeightHash, model.WeightHash);
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void RowsThatLackFeaturesAreUsedWhereTheNetworkTakesThat(TrainerTask task)
    {
        var rows = Row.Many(300);
        foreach (var (i, row) in rows.Index())
        {
            row.Features[2] = i % 3 == 0 ? float.NaN : row.Features[2];
            row.Features[3] = i % 7 == 0 ? float.PositiveInfinity : 1e30f * row.Features[3];
        }

        var context = new MLContext();
        context.Log += (_, e) => Assert.False(e.Kind == ChannelMessageKind.Warning, e.Message);
        var model = task.Fit(context, rows, options => options.Layers = x => x.RobustScale().Linear(16).Apply(new Formulas.Tanh()));
        var scored = model.Transform(context.Data.LoadFromEnumerable(rows));
        Assert.All(task.NumbersOf(context, scored).SelectMany(numbers => numbers), number => Assert.True(float.IsFinite(number)));
        Assert.True(task.Quality(context, scored) > 0.85);
        // A fifth column says where the third feature is missing.
        Assert.Equal(5, TrainerTask.ModelOf(model).Network.Model.SignalOf("0").Width);
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void RowsThatLackFeaturesAreSkippedByOwnLayersThatDoNotScaleWhateverThePreset(TrainerTask task)
    {
        var rows = Row.Many(100);
        rows[3].Features[0] = float.NaN;
        var warnings = new List<string>();
        var context = new MLContext();
        context.Log += (_, e) => warnings.AddRange(e.Kind == ChannelMessageKind.Warning ? [e.Message] : []);
        task.Fit(context, rows, options => (options.Layers, options.Preset, options.NumberOfIterations) = (x => x.Linear(4), Training.Preset.Default, 1));
        Assert.Contains("Skipped 1 of 100 training rows", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void GoodRowsGiveNoWarning(TrainerTask task)
    {
        var context = new MLContext();
        context.Log += (_, e) => Assert.False(e.Kind == ChannelMessageKind.Warning, e.Message);
        task.Fit(context, Row.Many(50), options => options.NumberOfIterations = 1);
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void NoUsableRowIsAnError(TrainerTask task)
    {
        var rows = Row.Many(20);
        rows.ForEach(row => row.Features[0] = float.NaN);
        var error = Assert.Throws<InvalidOperationException>(() => task.Fit(new MLContext(), rows));
        Assert.StartsWith("None of the 20 training rows is usable: 0 without a finite label, 20 with NaN", error.Message);
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void OneClassIsAnErrorForClassifiers(TrainerTask task)
    {
        var rows = Row.Many(200).Where(row => row.IsAbove && row.Kind == "red").ToList();
        var fit = () => task.Fit(new MLContext(), rows, options => options.NumberOfIterations = 1);
        if (!task.Classifies)
        {
            fit();
        }
        else
        {
            var error = Assert.Throws<InvalidOperationException>(() => fit());
            var what = task == TrainerTask.ManyClasses ? "has one key" : $"is true in each of the {rows.Count} usable training rows";
            Assert.StartsWith($"Label column '{task.LabelColumn}' {what}. A classifier learns from two classes at least", error.Message);
        }
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void WeightsOfOneChangeNothing(TrainerTask task)
    {
        string HashOf(string? weightColumn) => TrainerTask.ModelOf(task.Fit(new MLContext(), Row.Many(200), options =>
        {
            options.NumberOfIterations = 3;
            options.ExampleWeightColumnName = weightColumn;
        })).WeightHash;

        Assert.Equal(HashOf(null), HashOf(nameof(Row.Weight)));
    }

    [Fact]
    public void HeavierRowsCountMore()
    {
        // The same features with both labels: the loss is least where σ(z) is the share of weight with label true.
        List<Row> Rows(float heavy, float light) => [.. Enumerable.Range(0, 400).Select(i => new Row
        {
            Features = [1, 0, 0, 0],
            IsAbove = i % 2 == 0,
            Weight = i % 2 == 0 ? heavy : light,
        })];

        float Probability(float heavy, float light)
        {
            var context = new MLContext();
            var model = TrainerTask.TwoClasses.Fit(context, Rows(heavy, light), Weighted);
            return TrainerTask.TwoClasses.NumbersOf(context, model.Transform(context.Data.LoadFromEnumerable(Rows(1, 1))))[0][1];
        }

        Assert.True(Probability(9, 1) > 0.7, $"P(true) = {Probability(9, 1)} where 9/10 of the weight is true");
        Assert.True(Probability(1, 9) < 0.3, $"P(true) = {Probability(1, 9)} where 1/10 of the weight is true");
    }

    [Fact]
    public void ValidationDataMustMatchTheTrainingData()
    {
        var context = new MLContext();
        var (train, other) = (Row.Many(100), Row.Many(100));
        other[5].Kind = "mauve";
        var keys = context.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Kind));
        IDataView Keyed(List<Row> rows)
        {
            var data = context.Data.LoadFromEnumerable(rows);
            return keys.Fit(data).Transform(data);
        }

        var trainer = context.MulticlassClassification.Trainers.MultilayerPerceptron();
        var error = Assert.Throws<InvalidOperationException>(() => trainer.Fit(Keyed(train), Keyed(other)));
        Assert.Contains("key 4", error.Message);
        Assert.Contains("3 classes", error.Message);
    }

    private static void Weighted(MultilayerPerceptronOptions options)
        => (options.ExampleWeightColumnName, options.NumberOfIterations) = (nameof(Row.Weight), 40);
}
