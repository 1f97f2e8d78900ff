namespace Backprop.Training;

/// <summary>Features of a row that name a category: one that holds its number, from 0 for none that is known, or several, of which one is 1 or none.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Categories">How many are known.</param>
/// <param name="IsNumber">Whether one feature holds the category's number; otherwise each category has a feature.</param>
public readonly record struct CategoricalFeature(int First, int Categories, bool IsNumber)
{
    /// <summary>How many features they are.</summary>
    public int Features => IsNumber ? 1 : Categories;
}
