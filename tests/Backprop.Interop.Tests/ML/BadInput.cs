using Backprop.ML;
using Microsoft.ML;

namespace Backprop.Interop.Tests.ML;

/// <summary>A table nobody wishes for, which gives a model all the same.</summary>
/// <param name="Name">What is wrong with it.</param>
/// <param name="Spoil">Spoils a row, given its number.</param>
/// <param name="Rows">How many rows.</param>
/// <param name="Way">What becomes of the text: nothing, a category by name, or one-hot slots.</param>
public sealed record BadInput(string Name, Action<int, CategoryRow> Spoil, int Rows = 100, string Way = "none")
{
    private const float Huge = 1e30f;

    public static IReadOnlyList<BadInput> All { get; } =
    [
        new("constant columns", (_, row) => (row.Features[2], row.Features[3]) = (7, -Huge)),
        new("missing columns", (_, row) => (row.Features[2], row.Features[3]) = (float.NaN, float.NaN)),
        new("all constant", (_, row) => row.Features.AsSpan().Fill(3)),
        new("all missing", (_, row) => row.Features.AsSpan().Fill(float.NaN)),
        new("outliers", (i, row) => row.Features[i % 4] = (i % 40) switch
        {
            1 => Huge,
            2 => float.MaxValue,
            3 => float.NegativeInfinity,
            4 => float.NaN,
            _ => row.Features[i % 4],
        }),
        new("both ends", (i, row) => (row.Features[2], row.Features[3])
            = i % 2 == 0 ? (float.MaxValue, float.PositiveInfinity) : (float.MinValue, float.NegativeInfinity)),
        new("next to nothing", (_, row) => Scale(row.Features, 1e-40f)),
        new("huge numbers", (_, row) => Scale(row.Features, Huge)),
        new("an identifier by name", (i, row) => row.Job = $"{i}", Way: "name"),
        new("an identifier, one-hot", (i, row) => row.Job = $"{i}", Way: "one-hot"),
        new("no text at all", (_, row) => row.Job = "", Way: "name"),
        new("labels of 1e-6", (_, row) => Scale(row, 1e-6f)),
        new("labels of 1e30", (_, row) => Scale(row, 1e27f)),
        new("constant labels", (_, row) => (row.Amount, row.Amounts) = (-4, [1e6f, 0])),
        new("a label of 1e30", (i, row) =>
        {
            row.Amount = i == 7 ? Huge : row.Amount;
            row.Amounts[0] = row.Amount;
        }),
        new("a rare class", (i, row) => (row.IsAbove, row.Kind) = (i == 77, i == 77 ? "rare" : "usual")),
        new("two rows", (i, row) => (row.IsAbove, row.Kind) = (i == 0, $"{i}"), Rows: 2),
        new("ten rows, as many classes", (i, row) => (row.IsAbove, row.Kind) = (i % 2 == 0, $"{i}"), Rows: 10),
    ];

    /// <summary>The rows to learn from, or others like them.</summary>
    public List<CategoryRow> Table(int count, int seed)
    {
        var rows = CategoryRow.Some(count, seed);
        foreach (var (i, row) in rows.Index())
        {
            var x = row.Features;
            (row.IsAbove, row.Kind) = (x[0] + x[1] > 0, x[0] > 0.3f ? "red" : x[1] > 0 ? "green" : "blue");
            (row.Amount, row.Amounts) = (1000 + 50 * x[0] - 20 * x[1], [1000 + 50 * x[0] - 20 * x[1], 0.1f * x[0]]);
            Spoil(i, row);
        }

        return rows;
    }

    /// <summary>From columns to the feature vector.</summary>
    public IEstimator<ITransformer> Features(MLContext context) => Way switch
    {
        "none" => context.Transforms.CopyColumns("Made", nameof(Row.Features)),
        "name" => context.Transforms.ConcatenateFeatures("Made", [nameof(Row.Features), nameof(CategoryRow.Job)]),
        _ => context.Transforms.Categorical.OneHotEncoding("Jobs", nameof(CategoryRow.Job))
            .Append(context.Transforms.Concatenate("Made", nameof(Row.Features), "Jobs")),
    };

    public override string ToString() => Name;

    private static void Scale(float[] numbers, float factor)
    {
        foreach (ref var number in numbers.AsSpan())
        {
            number *= factor;
        }
    }

    private static void Scale(CategoryRow row, float factor)
    {
        row.Amount *= factor;
        Scale(row.Amounts, factor);
    }
}
