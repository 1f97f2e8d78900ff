using Backprop.Models;
using Backprop.Models.Layers;

namespace Backprop.Training;

/// <summary>What a preset makes of features that name categories, beside what it makes of numbers.</summary>
/// <remarks>
/// Of few categories, a feature each, as they are or looked up by their number (of two, one of 1 and −1); of many, a few learned numbers for each,
/// an <see cref="Embedding"/>. A category that no row to learn from has is nobody's: zeros. Holzmüller, Grinsztajn and Steinwart (2024), RealMLP.
/// </remarks>
internal static class CategoryInputs
{
    /// <summary>What the names of their layers begin with.</summary>
    public const string Name = "category";

    /// <summary>The most categories that have a feature each.</summary>
    private const int MostOneHot = 8;

    /// <summary>Learned numbers for each of more.</summary>
    private const int Units = 8;

    /// <summary>Numbers and categories side by side.</summary>
    /// <param name="features">A row's features.</param>
    /// <param name="categories">Those that name categories.</param>
    /// <param name="numbers">What is made of the others.</param>
    public static Signal Of(Signal features, IReadOnlyList<CategoricalFeature> categories, Func<Signal, Signal> numbers)
    {
        var (parts, others, next) = (new List<Signal>(), new List<Signal>(), 0);
        void TakeNumbers(int end)
        {
            if (end > next)
            {
                others.Add(end - next == features.Width ? features : features.Columns(next, end - next));
            }
        }

        foreach (var category in categories)
        {
            TakeNumbers(category.First);
            next = category.First + category.Features;
            if (category.Categories > 0)
            {
                parts.Add(Encoded(features.Columns(category.First, category.Features), category));
            }
        }

        TakeNumbers(features.Width);
        // Where nothing else is there, a category without values is as good as any number.
        return others.Count > 0 ? Joined([numbers(Joined(others)), .. parts])
            : parts.Count > 0 ? Joined(parts)
            : numbers(features);
    }

    private static Signal Joined(IReadOnlyList<Signal> signals) => signals is [var only] ? only : Signal.Concatenate(signals);

    private static Signal Encoded(Signal feature, CategoricalFeature category)
    {
        var (name, few) = ($"{Name}{category.First}", category.Categories <= MostOneHot);
        return category.IsNumber
            ? feature.Through(new Embedding(category.Categories + 1, !few ? Units : category.Categories == 2 ? 1 : category.Categories)
            {
                Name = name,
                InitialTable = few ? new FirstCategories() : new Zeros(),
            })
            : few ? feature
            : feature.Through(new Linear(Units) { Name = name, Bias = false, InitialWeights = new Zeros() });
    }

    /// <summary>A table with zeros for what is not known, 1 and −1 for two categories, and else a column for each.</summary>
    private sealed record FirstCategories : Initializer
    {
        /// <inheritdoc/>
        public override void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random)
        {
            values.Clear();
            for (var category = 1; category < fanOut; category++)
            {
                values[category * fanIn + (category - 1) % fanIn] = category <= fanIn ? T.One : -T.One;
            }
        }
    }
}
