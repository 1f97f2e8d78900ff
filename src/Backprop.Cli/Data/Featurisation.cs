using Backprop.ML;
using Microsoft.ML;
using Microsoft.ML.Data;
using static Microsoft.ML.Transforms.MissingValueReplacingEstimator;

namespace Backprop.Cli.Data;

/// <summary>From columns to the vector a network reads.</summary>
/// <remarks>
/// Where a preset chooses the network: numbers as they are, as the network scales them, and of texts the number of the category, by
/// <see cref="FeatureConcatenation"/>. Else missing numbers become the column's mean, then mean 0 and variance 1, and a column that misses
/// values in training also gets a 0/1 indicator. Texts: one 0/1 input for each category; categories training has not seen give zeros. Texts
/// of many categories: hashed, so that each input stands for all categories of its hash, seen or not.
/// </remarks>
internal static class Featurisation
{
    /// <summary>The most categories of a text column that get an input each; columns of more are hashed.</summary>
    public const int MaxCategories = 256;

    /// <summary>Inputs of a hashed column, as a power of 2.</summary>
    public const int UsualHashBits = 12;

    /// <summary>Whether a column's categories are hashed.</summary>
    public static bool Hashes(TableColumn column) => column.Categories > MaxCategories;

    /// <summary>A column whose texts a fitted featurisation hashes, or null: hashes have no names, as categories have.</summary>
    public static string? HashedBy(ITransformer featuriser, DataViewSchema input)
    {
        var made = featuriser.GetOutputSchema(input);
        return input.Where(column => column.Type is TextDataViewType && made.GetColumnOrNull(ColumnNames.OneHot(column.Name))?.HasSlotNames() == false)
            .Select(column => column.Name).FirstOrDefault();
    }

    /// <summary>An ordinary ML.NET pipeline that ends in <see cref="ColumnNames.Features"/>.</summary>
    /// <param name="ml">Where.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="hashBits">Inputs of a hashed column, as a power of 2.</param>
    /// <param name="scales">Whether numbers are brought to one scale, missing ones replaced, and texts encoded.</param>
    public static IEstimator<ITransformer> Of(MLContext ml, IReadOnlyList<TableColumn> columns, int hashBits, bool scales = true)
    {
        // A column of the file named like one of the prediction's ends here, or there would be two of that name behind.
        string[] homonyms = [.. columns.Select(c => c.Name).Intersect(ColumnNames.Outputs)];
        string[] numbersFirst = [.. columns.OrderBy(c => c.Type is TextDataViewType).Select(c => c.Name)];
        var features = scales
            ? Scaled(ml, columns, hashBits)
            : new EstimatorChain<ITransformer>().Append<ITransformer>(ml.Transforms.ConcatenateFeatures(ColumnNames.Features, numbersFirst));
        return homonyms.Length > 0 ? features.Append<ITransformer>(ml.Transforms.DropColumns(homonyms)) : features;
    }

    private static EstimatorChain<ITransformer> Scaled(MLContext ml, IReadOnlyList<TableColumn> columns, int hashBits)
    {
        string[] numbers = [.. columns.Where(c => c.Type is NumberDataViewType).Select(c => c.Name)];
        string[] gaps = [.. columns.Where(c => c.HasMissing).Select(c => c.Name)];
        var texts = columns.Where(c => c.Type is TextDataViewType)
            .ToLookup(Hashes, c => new InputOutputColumnPair(ColumnNames.OneHot(c.Name), c.Name));

        var steps = new EstimatorChain<ITransformer>();
        var parts = new List<string>();
        if (gaps.Length > 0)
        {
            steps = steps.Append<ITransformer>(ml.Transforms.Concatenate(ColumnNames.Missing, gaps))
                .Append<ITransformer>(ml.Transforms.IndicateMissingValues(ColumnNames.Missing))
                .Append<ITransformer>(ml.Transforms.Conversion.ConvertType(ColumnNames.Missing, outputKind: DataKind.Single));
            parts.Add(ColumnNames.Missing);
        }

        if (numbers.Length > 0)
        {
            steps = steps.Append<ITransformer>(ml.Transforms.Concatenate(ColumnNames.Numbers, numbers));
            parts.Add(ColumnNames.Numbers);
            steps = steps.Append<ITransformer>(ml.Transforms.ReplaceMissingValues(ColumnNames.Numbers, replacementMode: ReplacementMode.Mean))
                .Append<ITransformer>(ml.Transforms.NormalizeMeanVariance(ColumnNames.Numbers, fixZero: false));
        }

        if (texts[false].ToArray() is [_, ..] told)
        {
            steps = steps.Append<ITransformer>(ml.Transforms.Categorical.OneHotEncoding(told, maximumNumberOfKeys: MaxCategories));
            parts.AddRange(told.Select(pair => pair.OutputColumnName));
        }

        if (texts[true].ToArray() is [_, ..] hashed)
        {
            steps = steps.Append<ITransformer>(ml.Transforms.Categorical.OneHotHashEncoding(hashed, numberOfBits: hashBits));
            parts.AddRange(hashed.Select(pair => pair.OutputColumnName));
        }

        return steps.Append<ITransformer>(ml.Transforms.Concatenate(ColumnNames.Features, [.. parts]));
    }
}
