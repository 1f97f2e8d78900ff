using Backprop.Cli.Data;
using Backprop.Models;
using Microsoft.ML.Data;

namespace Backprop.Cli.Tasks;

/// <summary>The rows a multiclass network was fitted to, validation rows included, as it read them: after normalisation, classes as numbers from 0.</summary>
internal static class FeaturisedExamples
{
    /// <summary>All of them.</summary>
    public static Examples<float> Of(TrainedModel trained)
    {
        var view = trained.Chain.Transform(trained.Data.TrainView);
        float[] features = [.. view.GetColumn<float[]>(ColumnNames.Features).SelectMany(row => row)];
        float[] targets = [.. view.GetColumn<uint>(ColumnNames.Label).Select(key => key - 1f)];
        return new(targets.Length, features, targets);
    }

    /// <summary>The first few.</summary>
    public static Examples<float> First(Examples<float> examples, int rows)
        => new(rows, examples.Features[..(rows * examples.FeatureColumns)], examples.Targets[..(rows * examples.TargetColumns)]);
}
