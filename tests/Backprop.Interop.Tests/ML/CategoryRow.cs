using Microsoft.ML.Data;

namespace Backprop.Interop.Tests.ML;

/// <summary>A row whose labels follow from what its columns of categories say, each of another type.</summary>
public sealed class CategoryRow : Row
{
    public const int Towns = 12;

    public static string[] Inputs { get; } = [nameof(Features), nameof(Job), nameof(Town), nameof(Level), nameof(Code), nameof(IsOpen), nameof(Years)];

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

    /// <summary>What the town counts for in all labels.</summary>
    private float Town1 => Town * 5 % Towns - 5.5f;

    public static List<CategoryRow> Some(int count, int seed = 11)
    {
        string[] jobs = ["nurse", "cook", "smith"];
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var x = Enumerable.Range(0, FeatureCount).Select(_ => random.NextSingle() * 2 - 1).ToArray();
            var row = new CategoryRow
            {
                Features = x,
                Job = jobs[random.Next(jobs.Length)],
                Town = (uint)random.Next(Towns),
                Level = 100 + random.Next(4),
                Code = 0.5f * random.Next(3),
                IsOpen = random.Next(2) > 0,
                Years = 20 + 40 * random.NextDouble(),
            };
            var sum = row.Town1 + (row.Job == "cook" ? 3 : 0) + x[0];
            row.IsAbove = sum > 0;
            row.Kind = sum > 3 ? "red" : sum > -1 ? "green" : "blue";
            (row.Amount, row.Amounts) = (1000 + 50 * sum, [1000 + 50 * sum, 0.1f * sum]);
            return row;
        })];
    }
}
