using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.ML;

/// <summary>Columns of any type as the feature vector of a multilayer perceptron, in ML.NET's catalog of transforms.</summary>
public static class FeatureConcatenation
{
    /// <summary>
    /// Puts columns together, as Concatenate does, but numbers of any type, and texts and keys, which need no encoding: each becomes one slot,
    /// in which a trainer of multilayer perceptrons recognises the number of a category. For example
    /// <c>ConcatenateFeatures("Features", ["Age", "Job", "Zip"], ["Zip"])</c>.
    /// </summary>
    /// <param name="catalog">The transforms of the MLContext.</param>
    /// <param name="outputColumnName">The vector's column.</param>
    /// <param name="inputColumnNames">Columns of texts, keys, numbers or Booleans, and of Single vectors of known size; their slots are in this order.</param>
    /// <param name="categoricalColumnNames">Those among them whose numbers or Booleans name categories too, such as codes; null for none.</param>
    /// <remarks>
    /// <para>
    /// Fit numbers the values of a categorical column from 1, those of the most rows first, if they are in two rows or more. Everything else is
    /// 0: what is missing (empty text, key 0, NaN), what is rarer, and what Fit has not seen. Up to 8 categories are a 0 or 1 each to the
    /// network, more have 8 learned numbers each, see <see cref="Training.TrainingOptions.Categories"/>; 0 is all zeros, unless training rows
    /// with it teach another.
    /// </para>
    /// <para>
    /// Only trainers of multilayer perceptrons take such slots for categories. Transforms between them and this one, a Concatenate among them,
    /// lose what is known of the slots: make it the last.
    /// </para>
    /// </remarks>
    public static FeatureConcatenatingEstimator ConcatenateFeatures(
        this TransformsCatalog catalog, string outputColumnName, IReadOnlyList<string> inputColumnNames, IReadOnlyList<string>? categoricalColumnNames = null)
        => new(CatalogUtils.GetEnvironment(catalog), outputColumnName, [.. inputColumnNames], [.. categoricalColumnNames ?? []]);
}
