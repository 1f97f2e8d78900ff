using Backprop.Models;

namespace Backprop.Comparisons.MachineLearning;

/// <summary>A text and which of two kinds it is.</summary>
internal sealed class RandomText
{
    public string Text { get; set; } = "";

    public bool Label { get; set; }
}

/// <summary>Texts of words that are as rare as words are: the k-th most frequent one in proportion to 1/k.</summary>
internal static class RandomTexts
{
    private const int Vocabulary = 30_000;
    private const int Words = 40;

    // One word in so many comes from the kind's own words, which are the others' in reverse order of frequency.
    private const uint Telling = 4;

    /// <summary>Half of them of each kind; the same seed gives the same texts.</summary>
    public static List<RandomText> Of(int rows, long seed)
    {
        var random = new TorchRandom(seed);
        return [.. Enumerable.Range(0, rows).Select(row => Of(row % 2 == 0, random))];
    }

    private static RandomText Of(bool label, TorchRandom random)
    {
        var words = Enumerable.Range(0, Words).Select(_ =>
        {
            // Zipf's law: the logarithm of the rank is uniform.
            var rank = (int)Math.Pow(Vocabulary, random.NextUInt32() / (uint.MaxValue + 1.0)) - 1;
            return label && random.NextUInt32() % Telling == 0 ? $"w{Vocabulary - 1 - rank}" : $"w{rank}";
        });
        return new() { Text = string.Join(' ', words), Label = label };
    }
}
