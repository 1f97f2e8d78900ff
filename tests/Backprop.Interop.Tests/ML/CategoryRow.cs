using Microsoft.ML.Data;

namespace Backprop.Interop.Tests.ML;

/// <summary>A row whose labels follow from what its columns of categories say, each of another type.</summary>
public sealed class CategoryRow : Row
{
    public const int Towns = 12;

    private static readonly string[] jobs = ["nurse", "cook", "smith"];
    private static readonly int[] levels = [100, 101, 102, 103];
    private static readonly float[] codes = [0, 0.5f, 1];

    public static string[] Inputs { get; } = [nameof(Features), nameof(Job), nameof(Town), nameof(Level), nameof(Code), nameof(IsOpen), nameof(Years)];

    /// <summary>Those of them that name categories.</summary>
    public static string[] Categories { get; } = [nameof(Job), nameof(Town), nameof(Level), nameof(Code), nameof(IsOpen)];

    /// <summary>Those of them that are no text and no key.</summary>
    public static string[] Codes { get; } = [nameof(Level), nameof(Code), nameof(IsOpen)];

    public string Job { get; set; } = "";

    /// <summary>From 0, as ML.NET takes keys of a class; one more is there, but in no row.</summary>
    [KeyType(Towns + 1)]
    public uint Town { get; set; }

    public int Level { get; set; }

    public float Code { get; set; }

    public bool IsOpen { get; set; }

    /// <summary>A number like any other, of another type.</summary>
    public double Years { get; set; }

    /// <summary>What the labels follow from. No category's part grows with its number.</summary>
    private float Sum => 0.5f * (Town * 5 % Towns - 5.5f) + (Job == "cook" ? 2 : -1) + (Level % 2 == 0 ? 1 : -1)
        + (Code == 0.5f ? 1.5f : -0.75f) + (IsOpen ? 1 : -1) + Features[0];

    public static List<CategoryRow> Some(int count, int seed = 11)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var x = Enumerable.Range(0, FeatureCount).Select(_ => random.NextSingle() * 2 - 1).ToArray();
            return new CategoryRow
            {
                Features = x,
                Job = jobs[random.Next(jobs.Length)],
                Town = (uint)random.Next(Towns),
                Level = levels[random.Next(levels.Length)],
                Code = codes[random.Next(codes.Length)],
                IsOpen = random.Next(2) > 0,
                Years = 20 + 40 * random.NextDouble(),
            }.Labelled();
        })];
    }

    /// <summary>Every combination of categories once, with the same numbers.</summary>
    public static List<CategoryRow> Every() =>
    [
        .. from job in jobs
           from town in Enumerable.Range(0, Towns)
           from level in levels
           from code in codes
           from isOpen in new[] { false, true }
           select new CategoryRow
           {
               Features = new float[FeatureCount],
               Job = job,
               Town = (uint)town,
               Level = level,
               Code = code,
               IsOpen = isOpen,
               Years = 40,
           }.Labelled(),
    ];

    /// <summary>
    /// The best quality on <see cref="Every"/> of any predictor at all that is not told these columns: rows that differ in nothing else get
    /// one prediction, whose class is at best the commonest of theirs, and whose number their mean.
    /// </summary>
    public static double BestWithout(TrainerTask task, params string[] columns)
    {
        var told = Categories.Except(columns).Select(name => typeof(CategoryRow).GetProperty(name)!).ToList();
        var rows = Every();
        var alike = rows.GroupBy(row => string.Join(' ', told.Select(column => column.GetValue(row))));
        static double Spread(IEnumerable<CategoryRow> some)
        {
            var mean = some.Average(row => row.Sum);
            return some.Sum(row => (row.Sum - mean) * (row.Sum - mean));
        }

        string ClassOf(CategoryRow row) => task == TrainerTask.TwoClasses ? $"{row.IsAbove}" : row.Kind;
        return task.Classifies
            ? alike.Sum(some => some.CountBy(ClassOf).Max(label => label.Value)) / (double)rows.Count
            : 1 - alike.Sum(Spread) / Spread(rows);
    }

    private CategoryRow Labelled()
    {
        IsAbove = Sum > 0;
        Kind = Sum > 1.5f ? "red" : Sum > -1.5f ? "green" : "blue";
        (Amount, Amounts) = (1000 + 50 * Sum, [1000 + 50 * Sum, 0.1f * Sum]);
        return this;
    }
}
