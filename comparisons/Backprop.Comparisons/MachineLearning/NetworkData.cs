using Backprop.Audit;
using Backprop.ML;
using Backprop.Models;
using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Comparisons.MachineLearning;

/// <summary>A network's random rows as an ML.NET pipeline has them, in columns Features and Label, and its trainer.</summary>
internal static class NetworkData
{
    /// <summary>The rows of <see cref="RandomBatch"/> in memory.</summary>
    public static IDataView View(Mlp mlp, int rows)
    {
        var examples = RandomBatch.Of(mlp, rows, 1);
        return mlp.Head switch
        {
            BinaryHead => View(examples, target => target == 1, BooleanDataViewType.Instance),
            // An object's keys count from 0.
            MulticlassHead => View(examples, target => (uint)target, new KeyDataViewType(typeof(uint), mlp.Outputs)),
            _ => View(examples, target => target, NumberDataViewType.Single),
        };
    }

    /// <summary>The trainer of a network on such rows.</summary>
    public static IEstimator<ITransformer> Trainer(MLContext ml, Mlp mlp, MultilayerPerceptronOptions options)
    {
        (options.Preset, options.HiddenUnits, options.Activation) = (Preset.Plain, [.. mlp.Sizes.Skip(1).SkipLast(1)], mlp.Activation);
        return mlp.Head switch
        {
            BinaryHead => ml.BinaryClassification.Trainers.MultilayerPerceptron(options),
            MulticlassHead => ml.MulticlassClassification.Trainers.MultilayerPerceptron(options),
            _ => ml.Regression.Trainers.MultilayerPerceptron(options),
        };
    }

    /// <summary>How rows are described to ML.NET: attributes cannot, as the size of a vector varies.</summary>
    public static SchemaDefinition Schema<TLabel>(int features, DataViewType label)
    {
        var schema = SchemaDefinition.Create(typeof(NetworkRow<TLabel>));
        schema[nameof(NetworkRow<>.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features);
        schema[nameof(NetworkRow<>.Label)].ColumnType = label;
        return schema;
    }

    private static IDataView View<TLabel>(Examples<float> examples, Func<float, TLabel> labelOf, DataViewType labelType)
    {
        List<NetworkRow<TLabel>> rows = [.. Enumerable.Range(0, examples.Rows).Select(row => new NetworkRow<TLabel>
        {
            Features = examples.Features[(row * examples.FeatureColumns)..((row + 1) * examples.FeatureColumns)],
            Label = labelOf(examples.Targets[row]),
        })];
        return new MLContext(seed: 1).Data.LoadFromEnumerable(rows, Schema<TLabel>(examples.FeatureColumns, labelType));
    }
}

/// <summary>A row.</summary>
internal sealed class NetworkRow<TLabel>
{
    public float[] Features { get; set; } = [];

    public TLabel Label { get; set; } = default!;
}
