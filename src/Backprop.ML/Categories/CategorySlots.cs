using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.ML;

/// <summary>Slots of a feature vector that name categories, by its column's annotations, as far as its rows agree.</summary>
/// <remarks>
/// ML.NET's OneHotEncoding notes ranges of slots, of which one is 1 or none, and Concatenate keeps them; <see cref="FeatureConcatenation"/> notes slots that
/// hold the number of a category. A range in which a row has several numbers, or another than 1, such as of a bag of words, is one of ordinary numbers.
/// </remarks>
internal sealed class CategorySlots
{
    /// <summary>The annotation of slots that hold the number of a category: pairs of a slot and of how many categories are known.</summary>
    internal const string NumbersAnnotation = "CategoryNumbers";

    private const int None = -1;

    private readonly List<CategoricalFeature> found;
    // The range that a slot belongs to.
    private readonly int[] rangeOf;
    private readonly bool[] isRefuted;
    private readonly int[] seen;
    private int row;

    /// <summary>Those that the annotations tell of.</summary>
    /// <param name="column">A column of vectors of known size.</param>
    internal CategorySlots(DataViewSchema.Column column)
    {
        var size = ((VectorDataViewType)column.Type).Size;
        var ranges = RangesOf(column).Select(range => new CategoricalFeature(range.First, range.Last - range.First + 1, IsNumber: false));
        var next = 0;
        found = [];
        foreach (var category in ranges.Concat(NumbersOf(column)).OrderBy(category => category.First))
        {
            if (category.First >= next && category.Features > 0 && category.First <= size - category.Features)
            {
                found.Add(category);
                next = category.First + category.Features;
            }
        }

        (isRefuted, seen, rangeOf) = (new bool[found.Count], new int[found.Count], found.Exists(category => !category.IsNumber) ? new int[size] : []);
        Array.Fill(rangeOf, None);
        for (var i = 0; i < found.Count && rangeOf.Length > 0; i++)
        {
            rangeOf.AsSpan(found[i].First, found[i].Features).Fill(found[i].IsNumber ? None : i);
        }
    }

    /// <summary>Those that no row has refuted, in ascending order.</summary>
    internal IReadOnlyList<CategoricalFeature> Categories => [.. found.Where((_, i) => !isRefuted[i])];

    /// <summary>Whether some slots hold the number of a category.</summary>
    internal bool HaveNumbers => found.Exists(category => category.IsNumber);

    /// <summary>The slots that hold the number of a category.</summary>
    internal static IEnumerable<CategoricalFeature> NumbersOf(DataViewSchema.Column column)
        => PairsOf(column, NumbersAnnotation).Select(pair => new CategoricalFeature(pair.First, pair.Second, IsNumber: true));

    /// <summary>The ranges of slots, first and last, of which one is 1.</summary>
    internal static IEnumerable<(int First, int Last)> RangesOf(DataViewSchema.Column column) => PairsOf(column, AnnotationUtils.Kinds.CategoricalSlotRanges);

    /// <summary>Notes pairs of numbers in a column's annotations; none where there are none.</summary>
    internal static void Annotate(DataViewSchema.Annotations.Builder annotations, string kind, IEnumerable<(int First, int Second)> pairs)
    {
        int[] numbers = [.. pairs.SelectMany(pair => new[] { pair.First, pair.Second })];
        if (numbers.Length > 0)
        {
            annotations.Add(
                kind, new VectorDataViewType(NumberDataViewType.Int32, numbers.Length / 2, 2),
                (ref VBuffer<int> value) => new VBuffer<int>(numbers.Length, numbers).CopyTo(ref value));
        }
    }

    /// <summary>Looks at a row.</summary>
    internal void See(in VBuffer<float> features)
    {
        if (rangeOf.Length == 0)
        {
            return;
        }

        row++;
        var values = features.GetValues();
        var indices = features.GetIndices();
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] != 0 && rangeOf[features.IsDense ? i : indices[i]] is not None and var range)
            {
                isRefuted[range] |= values[i] != 1 || seen[range] == row;
                seen[range] = row;
            }
        }
    }

    private static IEnumerable<(int First, int Second)> PairsOf(DataViewSchema.Column column, string kind)
    {
        if (column.Annotations.Schema.GetColumnOrNull(kind)?.Type is not VectorDataViewType pairs || pairs.ItemType != NumberDataViewType.Int32)
        {
            return [];
        }

        VBuffer<int> numbers = default;
        column.Annotations.GetValue(kind, ref numbers);
        return numbers.DenseValues().Chunk(2).Where(pair => pair.Length == 2).Select(pair => (pair[0], pair[1]));
    }
}
