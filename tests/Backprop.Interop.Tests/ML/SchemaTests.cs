using Backprop.ML;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Interop.Tests.ML;

/// <summary>A column that is missing or of another type is said so, by role, name and types, before a row is read.</summary>
public class SchemaTests
{
    private static readonly (string Column, string Type)[] Odd =
    [
        (nameof(OddRow.Note), "String"),
        (nameof(OddRow.Number), "Double"),
        (nameof(OddRow.Integer), "UInt32"),
        (nameof(OddRow.Doubles), "Vector<Double>"),
        (nameof(OddRow.Variable), "VarVector<Single>"),
        (nameof(OddRow.Day), "DateTime"),
    ];

    /// <summary>Each trainer with a role that a column of another type has, or one that is not there.</summary>
    public static TheoryData<TrainerTask, string, string, string> WrongColumns
    {
        get
        {
            var cases = new TheoryData<TrainerTask, string, string, string>();
            foreach (var task in TrainerTask.All.Cast<object[]>().Select(row => (TrainerTask)row[0]))
            {
                var label = task == TrainerTask.TwoClasses ? "Boolean"
                    : task == TrainerTask.ManyClasses ? "Key<UInt32>"
                    : task == TrainerTask.SeveralNumbers ? "Vector<Single>"
                    : "Single";
                Add("feature", "Vector<Single>", (nameof(OddRow.Weight), "Single"));
                Add("label", label, label == "Boolean" ? (nameof(OddRow.Weight), "Single") : (nameof(OddRow.IsAbove), "Boolean"));
                Add("weight", "Single", (nameof(OddRow.Features), "Vector<Single>"));

                void Add(string role, string expected, (string, string) another)
                {
                    cases.Add(task, role, "Nowhere", $"Could not find {role} column 'Nowhere'");
                    foreach (var (column, type) in Odd.Append(another))
                    {
                        cases.Add(task, role, column, $"Schema mismatch for {role} column '{column}': expected {expected}, got {type}");
                    }
                }
            }

            return cases;
        }
    }

    [Theory, MemberData(nameof(WrongColumns))]
    public void AWrongColumnIsRefusedBeforeARowIsRead(TrainerTask task, string role, string column, string message)
    {
        var context = new MLContext();
        var pipeline = task.Pipeline(context, options => Assign(options, role, column));
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => pipeline.Fit(context.Data.LoadFromEnumerable(Unread())));
        Assert.StartsWith($"{message} (", error.Message);
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void WrongValidationDataIsRefused(TrainerTask task)
    {
        var context = new MLContext();
        var train = context.Data.LoadFromEnumerable(OddRows());
        var validation = WithFeatures(context, train, nameof(OddRow.Doubles));
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => task.Fit(context, train, validation));
        Assert.StartsWith("Schema mismatch for feature column 'Features': expected Vector<Single>, got Vector<Double> (", error.Message);
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void AModelRefusesOtherFeaturesHoweverItIsAsked(TrainerTask task)
    {
        var context = new MLContext();
        // The network's own transformer, without a chain that checks as well.
        var model = ((IEnumerable<ITransformer>)task.Fit(context, Row.Many(50), options => options.NumberOfIterations = 1)).Last();
        var data = context.Data.LoadFromEnumerable(OddRows());
        void Refuses(IDataView view, string message) => Assert.All(
            new Action[]
            {
                () => model.Transform(view),
                () => model.GetOutputSchema(view.Schema),
                () => model.GetRowToRowMapper(view.Schema),
            },
            ask => Assert.StartsWith($"{message} (", Assert.Throws<ArgumentOutOfRangeException>(ask).Message));

        Refuses(context.Transforms.DropColumns("Features").Fit(data).Transform(data), "Could not find feature column 'Features'");
        foreach (var (column, type) in new[]
        {
            (nameof(OddRow.Amounts), "Vector<Single, 2>"),
            (nameof(OddRow.Variable), "Vector<Single>"),
            (nameof(OddRow.Doubles), "Vector<Double, 4>"),
            (nameof(OddRow.Weight), "Single"),
            (nameof(OddRow.Note), "String"),
        })
        {
            Refuses(
                WithFeatures(context, data, column), $"Schema mismatch for feature column 'Features': expected Vector<Single, {Row.FeatureCount}>, got {type}");
        }
    }

    private static void Assign(MultilayerPerceptronOptions options, string role, string column)
        => _ = role switch
        {
            "feature" => options.FeatureColumnName = column,
            "label" => options.LabelColumnName = column,
            _ => options.ExampleWeightColumnName = column,
        };

    private static IDataView WithFeatures(MLContext context, IDataView data, string column)
        => context.Transforms.CopyColumns("Features", column).Fit(data).Transform(data);

    private static IEnumerable<OddRow> Unread() => Enumerable.Range(0, 1).Select<int, OddRow>(_ => throw new InvalidOperationException("A row was read."));

    private static IEnumerable<OddRow> OddRows() => Row.Many(50).Select(row => new OddRow
    {
        Features = row.Features,
        IsAbove = row.IsAbove,
        Kind = row.Kind,
        Amount = row.Amount,
        Amounts = row.Amounts,
        Variable = row.Features,
    });

    /// <summary>A row with columns of types that no trainer, or not each, takes.</summary>
    private sealed class OddRow
    {
        [VectorType(Row.FeatureCount)]
        public float[] Features { get; set; } = [];

        public bool IsAbove { get; set; }

        public string Kind { get; set; } = "";

        public float Amount { get; set; }

        [VectorType(2)]
        public float[] Amounts { get; set; } = [];

        public float Weight { get; set; } = 1;

        public string Note { get; set; } = "";

        public double Number { get; set; }

        public uint Integer { get; set; }

        [VectorType(Row.FeatureCount)]
        public double[] Doubles { get; set; } = new double[Row.FeatureCount];

        public float[] Variable { get; set; } = [];

        public DateTime Day { get; set; }
    }
}
