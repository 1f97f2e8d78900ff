using Backprop.Models.Layers;

namespace Backprop.Models;

/// <summary>Finds the features that a row may lack: all that read them, through columns and concatenations, are layers that take missing numbers.</summary>
internal static class MissingFeatures
{
    /// <summary>Whether a row may lack it, for each feature; null where none may be missing.</summary>
    public static bool[]? Of(Model model)
    {
        if (!model.NamedLayers.Any(layer => layer.First.Layer!.TakesMissing))
        {
            return null;
        }

        var (taken, refused) = (new bool[model.Inputs], new bool[model.Inputs]);
        // The feature in each column of a signal that only passes features on.
        var sources = new Dictionary<Signal, int[]> { [model.Signals[0]] = [.. Enumerable.Range(0, model.Inputs)] };
        int[] Sources(Signal signal) => sources.GetValueOrDefault(signal, []);
        foreach (var signal in model.Signals.Skip(1))
        {
            switch (signal.Layer)
            {
                case Columns columns when sources.TryGetValue(signal.Inputs[0], out var whole):
                    sources[signal] = whole[columns.First..(columns.First + columns.Count)];
                    break;
                case Concatenation when signal.Inputs.All(sources.ContainsKey):
                    sources[signal] = [.. signal.Inputs.SelectMany(Sources)];
                    break;
                default:
                    Mark(signal.Layer!.TakesMissing ? taken : refused, signal.Inputs.SelectMany(Sources));
                    break;
            }
        }

        Mark(refused, model.HeadOutputs.SelectMany(output => Sources(output.Logits)));
        return [.. taken.Zip(refused, (takes, refuses) => takes && !refuses)];
    }

    private static void Mark(bool[] features, IEnumerable<int> some)
    {
        foreach (var feature in some)
        {
            features[feature] = true;
        }
    }
}
