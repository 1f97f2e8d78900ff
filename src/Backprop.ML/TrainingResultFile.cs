using Backprop.Training;

namespace Backprop.ML;

/// <summary>The bytes of a training result inside a model file: network, weight hash, best epoch, history.</summary>
internal static class TrainingResultFile
{
    internal static void Write(TrainingResult result, BinaryWriter writer)
    {
        result.Network.Save(writer);
        writer.Write(result.WeightHash);
        writer.Write(result.BestEpoch);
        writer.Write(result.History.Count);
        foreach (var epoch in result.History)
        {
            writer.Write(epoch.Epoch);
            writer.Write(epoch.TrainingLoss);
            writer.Write(epoch.ValidationLoss);
            writer.Write(epoch.RowsPerSecond);
            writer.Write(epoch.Elapsed.Ticks);
            writer.Write(epoch.Best);
        }
    }

    /// <exception cref="InvalidDataException">The bytes are damaged.</exception>
    internal static TrainingResult Read(BinaryReader reader)
    {
        try
        {
            var network = Network.Load(reader);
            var hash = reader.ReadString();
            if (network.Weights.Hash() is var actual && actual != hash)
            {
                throw new InvalidDataException($"its weights hash to {actual}, not to the {hash} it was saved with");
            }

            var bestEpoch = reader.ReadInt32();
            var history = new List<EpochReport>();
            for (var left = reader.ReadInt32(); left > 0; left--)
            {
                history.Add(new(
                    reader.ReadInt32(),
                    reader.ReadDouble(),
                    reader.ReadDouble(),
                    reader.ReadDouble(),
                    new TimeSpan(reader.ReadInt64()),
                    reader.ReadBoolean()));
            }

            return new(network, history, bestEpoch, hash);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"The file holds no intact multilayer perceptron: {e.Message} Save the model again, or fetch a fresh copy.", e);
        }
    }
}
