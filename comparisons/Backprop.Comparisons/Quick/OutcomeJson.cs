using System.Text.Json.Nodes;
using Backprop.Comparisons.Measuring;

namespace Backprop.Comparisons.Quick;

/// <summary>An outcome as a JSON object. Its fields are a promise: some may be added, none renamed.</summary>
internal static class OutcomeJson
{
    /// <summary>The object. What a case has not (a second thread, say) is null where its bench has such a field.</summary>
    public static JsonObject Of(Outcome outcome)
    {
        var (ours, measured) = (outcome.Ours, outcome.Case);
        var json = new JsonObject { ["bench"] = measured.Bench };
        Add(json, measured.Fields);
        json["threads"] = ours.Entrant.Threads;
        json["microseconds"] = Number(ours.Timing.Median);
        foreach (var threads in measured.Entrants.Concat(outcome.Lines.Select(l => l.Entrant)).Where(e => e.Library == Library.Engine)
            .Select(e => e.Threads).Distinct().Order())
        {
            json[$"microseconds{threads}"] = Number(outcome.On(Library.Engine, threads)?.Timing.Median);
        }

        if (measured.Rows > 0)
        {
            json["rowsPerSecond"] = Number(measured.RowsPerSecond(ours.Timing.Median));
        }

        if (measured.Elements > 0)
        {
            json["nanosecondsPerElement"] = Number(measured.NanosecondsPerElement(ours.Timing.Median));
        }

        if (measured.Operations > 0)
        {
            json["gflops"] = Number(outcome.Gflops);
            json["peakGflops"] = Number(outcome.Peak);
            json["shareOfPeak"] = Number(outcome.ShareOfPeak);
            json["shareOfPeak1"] = Number(outcome.ShareOfPeakOneThread);
        }

        foreach (var library in measured.Entrants.Select(e => e.Library).Distinct().Where(l => l != Library.Engine && l != Library.Forward))
        {
            AddOther(json, outcome, library);
        }

        if (measured.Entrants.Any(e => e.Library == Library.Forward))
        {
            json["backwardForward"] = Number(outcome.BackwardForward);
        }

        Add(json, outcome.Extras);
        json["allocatedBytes"] = Number(ours.Timing.AllocatedBytes);
        json["spread"] = Number(outcome.Spread);
        json["rounds"] = outcome.Rounds;
        return json;
    }

    /// <summary>libtorch on one thread and at its best, others at their best.</summary>
    private static void AddOther(JsonObject json, Outcome outcome, Library library)
    {
        var (best, name) = (outcome.Best(library), char.ToUpperInvariant(library.Key[0]) + library.Key[1..]);
        if (library == Library.Torch)
        {
            json["torch1Microseconds"] = Number(outcome.On(library, 1)?.Timing.Median);
            json["torchBestMicroseconds"] = Number(best?.Timing.Median);
            json["torchBestThreads"] = best?.Entrant.Threads;
            json["ratioTorch1"] = Number(outcome.Ratio(outcome.On(library, 1)));
            json["ratioTorchBest"] = Number(outcome.Ratio(best));
        }
        else
        {
            json[$"{library.Key}Microseconds"] = Number(best?.Timing.Median);
            json[$"{library.Key}Threads"] = best?.Entrant.Threads;
            json[$"ratio{name}"] = Number(outcome.Ratio(best));
        }
    }

    private static void Add(JsonObject json, JsonObject fields)
    {
        foreach (var (name, value) in fields)
        {
            json[name] = value?.DeepClone();
        }
    }

    /// <summary>Five digits: more than a time is good for.</summary>
    private static JsonNode? Number(double? value) => value is { } x ? double.Parse(x.ToString("G5")) : null;
}
