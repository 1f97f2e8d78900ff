using Backprop.Models;
using Backprop.Models.Layers;

namespace Backprop.Training;

/// <summary>What becomes of features that name categories, beside what becomes of numbers.</summary>
/// <remarks>
/// Of few categories, a feature each, as they are or looked up by their number; of many, a few learned numbers for each, an
/// <see cref="Embedding"/>, all 0 at first. What is no known category has zeros too, which are learned only where rows to learn from have
/// it. After Holzmüller, Grinsztajn and Steinwart (2024), RealMLP.
/// </remarks>
internal static class CategoryInputs
{
    private const string Looked = "onehot";
    private const string Learned = "category";

    /// <summary>The most categories that have a feature each.</summary>
    private const int MostOneHot = 8;

    /// <summary>Learned numbers for each of more.</summary>
    private const int Units = 8;

    /// <summary>How their tables are trained, if there are any: those of few categories not at all, others at a rate of their own.</summary>
    /// <param name="factor">What the learning rate is multiplied by.</param>
    public static IReadOnlyList<ParameterGroup> Groups(double factor) =>
    [
        new($"{Looked}*.weight") { Frozen = true, MayFitNone = true },
        new($"{Learned}*.weight") { LearningRateFactor = factor, MayFitNone = true },
    ];

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
            TakeNumbers(category.First >= next ? category.First : throw new ArgumentException(
                $"The categories that begin with feature {category.First} come after those up to feature {next - 1}. "
                    + "Give them in ascending order, each once."));
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
        var few = category.Categories <= MostOneHot;
        var name = $"{(few ? Looked : Learned)}{category.First}";
        return category.IsNumber
            ? feature.Through(new Embedding(category.Categories + 1, few ? category.Categories : Units)
            {
                Name = name,
                InitialTable = few ? new OneHot() : new Zeros(),
            })
            : few ? feature
            : feature.Through(new Linear(Units) { Name = name, Bias = false, InitialWeights = new Zeros() });
    }

    /// <summary>A table with a column for each category, 1 in its row, and zeros in the first row.</summary>
    private sealed record OneHot : Initializer
    {
        /// <inheritdoc/>
        public override void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random)
        {
            values.Clear();
            for (var category = 1; category < fanOut; category++)
            {
                values[category * fanIn + category - 1] = T.One;
            }
        }
    }
}
