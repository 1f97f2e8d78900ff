using Backprop.ML;
using Backprop.Models;
using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Interop.Tests.ML;

/// <summary>Rows of equal value in a column are all trained on or all held out, whatever the column's type.</summary>
public class GroupColumnTests
{
    private const int Rows = 300;

    public static TheoryData<string> Columns =>
    [
        nameof(GroupedRow.Text), nameof(GroupedRow.Key), nameof(GroupedRow.SByte), nameof(GroupedRow.Short), nameof(GroupedRow.Int),
        nameof(GroupedRow.Long), nameof(GroupedRow.Byte), nameof(GroupedRow.UShort), nameof(GroupedRow.UInt), nameof(GroupedRow.ULong),
        nameof(GroupedRow.Single), nameof(GroupedRow.Double), nameof(GroupedRow.Date), nameof(GroupedRow.Offset), nameof(GroupedRow.Span),
    ];

    [Theory, MemberData(nameof(Columns))]
    public void EveryTypeTellsTheSameGroups(string column)
    {
        var (rows, task) = (Many(), TrainerTask.TwoClasses);
        var table = new Examples<float>(Rows, [.. rows.SelectMany(row => row.Features)], [.. rows.Select(row => row.IsAbove ? 1f : 0)]);
        var grouped = new Examples<float>(Rows, table.Features, table.Targets) { Groups = [.. rows.Select(row => (long)row.Int)] };
        var options = new TrainingOptions
        {
            Hidden = [16],
            Epochs = 5,
            Optimizer = new Formulas.Adam { LearningRate = 0.01 },
            Engine = new() { Threads = 1 },
        };
        var hash = ModelOf(task, rows, column).WeightHash;
        Assert.Equal(Trainer.Fit(Head.Binary, 1, grouped, options).WeightHash, hash);
        Assert.NotEqual(Trainer.Fit(Head.Binary, 1, table, options).WeightHash, hash);
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void EveryTrainerKeepsGroupsWhole(TrainerTask task)
    {
        var rows = Many();
        var hash = ModelOf(task, rows, nameof(GroupedRow.Text)).WeightHash;
        Assert.Equal(hash, ModelOf(task, rows, nameof(GroupedRow.Key)).WeightHash);
        Assert.NotEqual(hash, ModelOf(task, rows, null).WeightHash);
    }

    [Fact]
    public void BothTruthsAreGroupsAndMissingValuesOne()
    {
        var rows = Many();
        foreach (var row in rows)
        {
            (row.Flag, row.Single, row.Double, row.Text) =
                (row.Int % 2 == 0, row.Int % 2 == 0 ? float.NaN : -0f, row.Int % 2 == 0 ? double.NaN : 0, row.Int % 2 == 0 ? "" : "x");
            row.Key = row.Int % 2 == 0 ? 0u : 7;
        }

        rows[^1].Single = rows[^1].Int % 2 == 0 ? BitConverter.Int32BitsToSingle(0x7FC12345) : +0f;
        string[] columns = [nameof(GroupedRow.Flag), nameof(GroupedRow.Single), nameof(GroupedRow.Double), nameof(GroupedRow.Text), nameof(GroupedRow.Key)];
        Assert.Single(columns.Select(column => ModelOf(TrainerTask.TwoClasses, rows, column).WeightHash).Distinct());
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void AWrongColumnIsRefusedBeforeAnythingIsRead(TrainerTask task)
    {
        var context = new MLContext();
        var data = context.Data.LoadFromEnumerable(Unread());
        string Error(string column) => Assert.Throws<ArgumentException>(
            () => task.Pipeline(context, options => options.SamplingKeyColumnName = column).Fit(data)).Message;
        Assert.StartsWith("There is no column 'Patient', which SamplingKeyColumnName asks for. Correct the name; there are: ", Error("Patient"));
        Assert.StartsWith("SamplingKeyColumnName 'Features' is a column of Vector<Single>, not of text, a key", Error(nameof(Row.Features)));
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void OneGroupCannotBeSplit(TrainerTask task)
    {
        var rows = Many();
        rows.ForEach(row => row.Text = "all");
        var error = Assert.Throws<ArgumentException>(() => ModelOf(task, rows, nameof(GroupedRow.Text)));
        Assert.StartsWith("None of the 1 groups can be held out for validation", error.Message);
        Assert.NotEmpty(ModelOf(task, rows, nameof(GroupedRow.Text), validationFraction: 0).History);
    }

    private static IMultilayerPerceptronModel ModelOf(TrainerTask task, List<GroupedRow> rows, string? column, double validationFraction = 0.1)
    {
        var context = new MLContext();
        var pipeline = task.Pipeline(
            context, options => (options.NumberOfIterations, options.SamplingKeyColumnName, options.ValidationFraction) = (5, column, validationFraction));
        return TrainerTask.ModelOf(pipeline.Fit(context.Data.LoadFromEnumerable(rows)));
    }

    private static IEnumerable<GroupedRow> Unread()
    {
        Assert.Fail("rows were read");
        yield break;
    }

    private static List<GroupedRow> Many() =>
    [
        .. Row.Many(Rows).Select((row, i) =>
        {
            var group = i * 7 % 25;
            return new GroupedRow
            {
                Features = row.Features,
                IsAbove = row.IsAbove,
                Kind = row.Kind,
                Amount = row.Amount,
                Text = $"group {group}",
                Key = (uint)group + 1,
                SByte = (sbyte)(group - 10),
                Short = (short)(group - 10),
                Int = group - 10,
                Long = (group - 10) * (1L << 50),
                Byte = (byte)group,
                UShort = (ushort)group,
                UInt = (uint)group,
                ULong = ulong.MaxValue - (ulong)group,
                Single = group + 0.25f,
                Double = group + 0.25,
                Date = new DateTime(2020, 1, 1).AddDays(group),
                // The same moment, seen from elsewhere, is the same group.
                Offset = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(group).ToOffset(TimeSpan.FromHours(i % 3)),
                Span = TimeSpan.FromSeconds(group),
            };
        }),
    ];

    private sealed class GroupedRow : Row
    {
        public string Text { get; set; } = "";

        [KeyType(100)]
        public uint Key { get; set; }

        public sbyte SByte { get; set; }

        public short Short { get; set; }

        public int Int { get; set; }

        public long Long { get; set; }

        public byte Byte { get; set; }

        public ushort UShort { get; set; }

        public uint UInt { get; set; }

        public ulong ULong { get; set; }

        public float Single { get; set; }

        public double Double { get; set; }

        public bool Flag { get; set; }

        public DateTime Date { get; set; }

        public DateTimeOffset Offset { get; set; }

        public TimeSpan Span { get; set; }
    }
}
