using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Interop.Tests.ML;

/// <summary>Training is observed, stopped, cancelled, validated and continued by whoever asked for it.</summary>
public class ControlTests
{
    private static readonly IDataView Rows = new MLContext().Data.LoadFromEnumerable(Row.Many(300));
    private static readonly IDataView Others = new MLContext().Data.LoadFromEnumerable(Row.Many(100, seed: 8));

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void StopWhenEndsTrainingWithTheBestSoFar(TrainerTask task)
    {
        var model = task.Fit(new MLContext(), Rows, null, change: o => o.StopWhen = report => report.Epoch == 3);
        Assert.Equal(3, model.History.Count);
        var first = task.Fit(new MLContext(), Rows, null, change: o => o.NumberOfIterations = 3);
        Assert.Equal(first.WeightHash, model.WeightHash);
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void ACancelledFitThrows(TrainerTask task)
    {
        using var source = new CancellationTokenSource();
        var epochs = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => task.Fit(new MLContext(), Rows, null, change: o =>
        {
            o.Cancellation = source.Token;
            o.Progress = report =>
            {
                epochs = report.Epoch;
                source.Cancel();
            };
        }));
        Assert.Equal(1, epochs);
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void ACancelledFitGivesTheBestSoFarIfAsked(TrainerTask task)
    {
        using var source = new CancellationTokenSource();
        var model = task.Fit(new MLContext(), Rows, null, change: o =>
        {
            (o.Cancellation, o.ReturnBestWhenCancelled) = (source.Token, true);
            o.Progress = report =>
            {
                if (report.Epoch == 2)
                {
                    source.Cancel();
                }
            };
        });
        Assert.Equal(task.Fit(new MLContext(), Rows, null, change: o => o.NumberOfIterations = 2).WeightHash, model.WeightHash);

        // Cancelled before there is any, there is nothing to give.
        Assert.ThrowsAny<OperationCanceledException>(
            () => task.Fit(new MLContext(), Rows, null, change: o => (o.Cancellation, o.ReturnBestWhenCancelled) = (source.Token, true)));
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void AValidationSetOfTheOptionsIsOneGivenToFit(TrainerTask task)
    {
        var context = new MLContext();
        var given = task.Fit(context, Rows, Others, change: o => o.NumberOfIterations = 5);
        // Options of a pipeline: the set must have been transformed as the training rows are.
        var labelled = task.Labelled(context, Rows, Others);
        var optional = TrainerTask.ModelOf(task.Pipeline(context, o => (o.ValidationSet, o.NumberOfIterations) = (labelled, 5)).Fit(Rows));
        Assert.Equal(given.WeightHash, optional.WeightHash);
        Assert.Equal(given.History.Select(epoch => epoch.ValidationLoss), optional.History.Select(epoch => epoch.ValidationLoss));
        Assert.NotEqual(given.WeightHash, task.Fit(context, Rows, null, change: o => o.NumberOfIterations = 5).WeightHash);
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void AValidationSetWithoutTheColumnsIsRefused(TrainerTask task)
    {
        var context = new MLContext();
        var features = context.Transforms.SelectColumns(nameof(Row.Features)).Fit(Rows).Transform(Rows);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => task.Fit(context, Rows, null, change: o => o.ValidationSet = features));
        Assert.Contains($"Could not find label column '{task.LabelColumn}'", error.Message);
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void GivenValidationRowsNeedNoGroups(TrainerTask task)
    {
        var context = new MLContext();
        var grouped = context.Transforms.CopyColumns("Group", nameof(Row.Note)).Fit(Rows).Transform(Rows);
        var without = task.Fit(context, grouped, Others, change: o => o.NumberOfIterations = 2);
        var with = task.Fit(context, grouped, Others, change: o => (o.SamplingKeyColumnName, o.NumberOfIterations) = ("Group", 2));
        Assert.Equal(without.WeightHash, with.WeightHash);
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void AModelLoadedFromAFileIsTrainedFurther(TrainerTask task)
    {
        var context = new MLContext();
        var chain = task.Pipeline(context, o => o.NumberOfIterations = 5).Fit(Rows);
        using var file = new MemoryStream();
        context.Model.Save(chain, Rows.Schema, file);
        var loaded = TrainerTask.ModelOf(new MLContext().Model.Load(file, out _));

        var longer = task.Fit(context, Rows, Others, loaded, o => o.NumberOfIterations = 20);
        Assert.True(
            longer.History[0].TrainingLoss < loaded.History[0].TrainingLoss,
            $"{task}: a fit that goes on begins at {longer.History[0].TrainingLoss}, where a new one began at {loaded.History[0].TrainingLoss}");
        Assert.True(longer.History.Min(e => e.TrainingLoss) < loaded.History.Min(e => e.TrainingLoss));
        Assert.Equal(longer.WeightHash, task.Fit(context, Rows, Others, loaded, o => (o.NumberOfIterations, o.NumberOfThreads) = (20, 2)).WeightHash);
        // The model gone on from is as it was.
        Assert.Equal(loaded.WeightHash, loaded.Network.CopyWeights().Hash());
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void AModelThatTrainingDoesNotImproveIsKept(TrainerTask task)
    {
        var context = new MLContext();
        var good = task.Fit(context, Rows, Others);
        var worse = task.Fit(context, Rows, Others, good, o => (o.LearningRate, o.NumberOfIterations) = (1e-30, 2));
        Assert.Equal((good.WeightHash, 0), (worse.WeightHash, worse.BestEpoch));
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void AModelOfOtherFeaturesIsRefusedBeforeARowIsRead(TrainerTask task)
    {
        var context = new MLContext();
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 3);
        var rows = Row.Many(100);
        rows.ForEach(row => row.Features = row.Features[..3]);
        var start = task.Fit(context, context.Data.LoadFromEnumerable(rows, schema), null, change: o => o.NumberOfIterations = 1);
        var error = Assert.Throws<InvalidOperationException>(() => task.Fit(context, Rows, null, start));
        Assert.StartsWith("The model to train further takes 3 features, but column 'Features' has 4.", error.Message);
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void AModelOfAnotherTrainerIsRefusedInWords(TrainerTask task)
    {
        var other = task == TrainerTask.TwoClasses ? TrainerTask.OneNumber : TrainerTask.TwoClasses;
        var start = other.Fit(new MLContext(), Rows, null, change: o => o.NumberOfIterations = 1);
        var error = Assert.Throws<ArgumentException>(() => task.Fit(new MLContext(), Rows, null, start));
        Assert.StartsWith($"The model to train further is a {start.GetType().Name}, but this trainer makes ", error.Message);
    }

    [Fact]
    public void AModelOfOtherLevelsGoesOnWithTheseUnlessOthersAreAskedFor()
    {
        var context = new MLContext();
        var head = Backprop.Models.Head.Quantile(0.1, 0.2, 0.5, 0.8, 0.9);
        var start = TrainerTask.Intervals.Fit(context, Rows, null, change: o => (o.Head, o.NumberOfIterations) = (head, 1));
        Assert.Equal(5, TrainerTask.Intervals.Fit(context, Rows, null, start, o => o.NumberOfIterations = 1).Network.Model.Outputs);
        var error = Assert.Throws<InvalidOperationException>(
            () => TrainerTask.Intervals.Fit(context, Rows, null, start, o => o.Head = Backprop.Models.Head.Quantile(0.1, 0.9)));
        Assert.Contains("Leave Head out", error.Message);
    }

    [Fact]
    public void ValidationRowsWithOtherLabelsAreRefusedBeforeARowIsRead()
    {
        var context = new MLContext();
        var three = context.Transforms.Concatenate(nameof(Row.Amounts), nameof(Row.Amounts), nameof(Row.Amount)).Fit(Others).Transform(Others);
        var error = Assert.Throws<InvalidOperationException>(() => TrainerTask.SeveralNumbers.Fit(context, Rows, three));
        Assert.StartsWith("The validation data has 3 labels in column 'Amounts' but the training data has 2.", error.Message);
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void ACancelledFitReadsNoFurther(TrainerTask task)
    {
        using var source = new CancellationTokenSource();
        var read = 0;
        IEnumerable<Row> Counted()
        {
            // Once more where labels are mapped.
            read = 0;
            foreach (var row in Row.Many(5000))
            {
                if (++read == 2000)
                {
                    source.Cancel();
                }

                yield return row;
            }
        }

        var context = new MLContext();
        Assert.ThrowsAny<OperationCanceledException>(
            () => task.Fit(context, context.Data.LoadFromEnumerable(Counted()), null, change: o => o.Cancellation = source.Token));
        Assert.InRange(read, 0, 4000);
    }

    [Fact]
    public void AModelOfOtherClassesIsRefusedInWords()
    {
        var context = new MLContext();
        var two = context.Data.LoadFromEnumerable(Row.Many(100).Where(row => row.Kind != "red"));
        var start = TrainerTask.ManyClasses.Fit(context, two, null, change: o => o.NumberOfIterations = 1);
        var error = Assert.Throws<InvalidOperationException>(() => TrainerTask.ManyClasses.Fit(context, Rows, null, start));
        Assert.Contains("has 2 outputs, but label column 'Label' asks for 3", error.Message);
    }
}
