using Backprop.Models;
using Microsoft.ML;

namespace Backprop.ML;

/// <summary>What is explained, and how: all that a transformer is saved with.</summary>
internal sealed record FeatureAttributionSettings(
    Network<float> Network, string FeatureColumn, string OutputColumn, AttributionMethod Method, ExplainedValue Value, int? Output,
        float[] Baseline, int Points)
{
    /// <summary>Stands for no output.</summary>
    private const int Predicted = -1;

    internal FeatureAttributor ToAttributor() => new(Network, Method, Value, Output, Baseline, Points);

    internal void Save(ModelSaveContext context)
    {
        context.SaveNonEmptyString(FeatureColumn);
        context.SaveNonEmptyString(OutputColumn);
        context.Writer.Write((int)Method);
        context.Writer.Write((int)Value);
        context.Writer.Write(Output ?? Predicted);
        context.Writer.Write(Points);
        context.Writer.Write(Baseline.Length);
        foreach (var number in Baseline)
        {
            context.Writer.Write(number);
        }

        Network.Save(context.Writer);
    }

    /// <exception cref="InvalidDataException">The bytes are damaged.</exception>
    internal static FeatureAttributionSettings Load(ModelLoadContext context)
    {
        var reader = context.Reader;
        var (features, column) = (context.LoadNonEmptyString(), context.LoadNonEmptyString());
        var (method, value) = (Known((AttributionMethod)reader.ReadInt32()), Known((ExplainedValue)reader.ReadInt32()));
        var (output, points, baseline) = (reader.ReadInt32(), reader.ReadInt32(), new List<float>());
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            baseline.Add(reader.ReadSingle());
        }

        return new(Network<float>.Load(reader), features, column, method, value, output == Predicted ? null : output, [.. baseline], points);
    }

    private static TEnum Known<TEnum>(TEnum value) where TEnum : struct, Enum => Enum.IsDefined(value)
        ? value
        : throw new InvalidDataException($"The saved feature attribution has an unknown {typeof(TEnum).Name}, {value}. "
            + "The file is damaged, or of a later version.");
}
