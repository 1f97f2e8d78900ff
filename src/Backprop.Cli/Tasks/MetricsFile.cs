using System.Text.Json;
using Backprop.ML;

namespace Backprop.Cli.Tasks;

/// <summary>The scores of a run as JSON. Its fields are a promise: some may be added, none renamed.</summary>
internal static class MetricsFile
{
    /// <summary>Writes the file.</summary>
    public static void Write(Stream stream, TrainedModel trained, MultilayerPerceptronOptions options, Evaluation? evaluation)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("task", trained.Data.Task.Head.Name);
        json.WriteString("head", trained.Data.Task.Head.ToString());
        json.WriteNumber("rows", trained.Data.Rows);
        json.WriteNumber("features", trained.Data.Features);
        json.WriteNumber("seconds", Math.Round(trained.Seconds, 3));
        json.WriteString("preset", trained.Data.PresetOf(options).Name);
        json.WriteNumber("epochs", trained.Model.History.Count);
        json.WriteNumber("seed", options.Seed);
        json.WriteNumber("bestEpoch", trained.Model.BestEpoch);
        json.WriteString("network", trained.Model.Network.Model.ToString());
        json.WriteString("weightHash", trained.Model.WeightHash);
        if (evaluation is not null)
        {
            json.WriteNumber("testRows", trained.Data.TestRows);
            json.WriteStartObject("metrics");
            foreach (var (name, value) in evaluation.Metrics)
            {
                WriteFinite(json, name, value);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.Flush();
        stream.WriteByte((byte)'\n');
    }

    /// <summary>JSON knows no NaN and no infinity: such a score (R² of a constant label) is null.</summary>
    private static void WriteFinite(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
