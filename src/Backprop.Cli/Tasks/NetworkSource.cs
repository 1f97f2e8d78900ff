using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Backprop.Cli.Data;
using Backprop.Export;
using Backprop.ML;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Backprop.Cli.Tasks;

/// <summary>A trained network as C# source: numbers are scaled inside, and a comment says what each feature is.</summary>
internal static class NetworkSource
{
    /// <summary>Writes the file.</summary>
    /// <param name="trained">The network and its featurisation.</param>
    /// <param name="className">The class's name, if it can be one.</param>
    /// <param name="stream">Left open.</param>
    public static void Write(TrainedModel trained, string className, Stream stream)
    {
        var schema = trained.Chain.GetOutputSchema(trained.Data.InputSchema);
        var scaling = ScalingOf(trained, schema);
        var options = new CSharpOptions { ClassName = CSharpOptions.IsClassName(className) ? className : new CSharpOptions().ClassName, Scaling = scaling };
        var text = new StringBuilder("// Features, in order:\n");
        foreach (var (i, feature) in Features(trained, schema, scaling).Index())
        {
            text.Append(CultureInfo.InvariantCulture, $"// {i}: {feature.ReplaceLineEndings(" ")}\n");
        }

        stream.Write(Encoding.UTF8.GetBytes($"{text}{trained.Model.Network.ToCSharp(options)}"));
    }

    /// <summary>What each feature is, in the order in which <see cref="Featurisation"/> puts them together.</summary>
    private static IEnumerable<string> Features(TrainedModel trained, DataViewSchema schema, FeatureScaling? scaling)
    {
        if (Steps(trained.Chain).OfType<FeatureConcatenatingTransformer>().SingleOrDefault() is { } concatenation)
        {
            return Slots(schema, ColumnNames.Features).Select(name => trained.Data.InputSchema[name].Type is TextDataViewType
                ? $"{string.Join(", ", concatenation.CategoriesOf(name).Select((text, i) => $"{i + 1} if '{name}' is '{text}'").Append("otherwise 0"))}"
                : $"'{name}', if missing NaN");
        }

        string[] gaps = [.. Slots(schema, ColumnNames.Missing)];
        var texts = trained.Data.InputSchema.Where(column => column.Type is TextDataViewType).Select(column => column.Name);
        return
        [
            .. gaps.Select(name => $"1 if '{name}' is missing, otherwise 0"),
            .. Slots(schema, ColumnNames.Numbers).Select(
                (name, i) => FormattableString.Invariant($"'{name}', if missing {scaling?.Offsets?[gaps.Length + i] ?? double.NaN:R}")),
            .. texts.SelectMany(name => Slots(schema, ColumnNames.OneHot(name)), (name, value) => $"1 if '{name}' is '{value}', otherwise 0"),
        ];
    }

    /// <summary>The names of a vector's numbers; none without the column, or of hashes.</summary>
    private static IEnumerable<string> Slots(DataViewSchema schema, string name)
    {
        VBuffer<ReadOnlyMemory<char>> slots = default;
        if (schema.GetColumnOrNull(name) is { } column && column.HasSlotNames())
        {
            column.GetSlotNames(ref slots);
        }

        return slots.DenseValues().Select(slot => slot.ToString());
    }

    /// <summary>What the normaliser does to the numbers among the features; null where there are none.</summary>
    private static FeatureScaling? ScalingOf(TrainedModel trained, DataViewSchema schema)
    {
        if (Steps(trained.Chain).OfType<NormalizingTransformer>().SingleOrDefault() is not { } normaliser)
        {
            return null;
        }

        var affine = (NormalizingTransformer.AffineNormalizerModelParameters<ImmutableArray<float>>)normaliser.GetNormalizerModelParameters(0);
        var first = schema.GetColumnOrNull(ColumnNames.Missing)?.Type is VectorDataViewType gaps ? gaps.Size : 0;
        double[] Placed(ImmutableArray<float> numbers, double otherwise)
        {
            var all = Enumerable.Repeat(otherwise, trained.Model.Network.Model.Inputs).ToArray();
            for (var i = 0; i < numbers.Length; i++)
            {
                all[first + i] = numbers[i];
            }

            return all;
        }

        return new(Placed(affine.Offset, 0), Placed(affine.Scale, 1));
    }

    private static IEnumerable<ITransformer> Steps(ITransformer model) => model is IEnumerable<ITransformer> chain ? chain.SelectMany(Steps) : [model];
}
