using Backprop.Models;
using Backprop.Training;

namespace Backprop.ML;

/// <summary>The bytes of a training result inside a model file: network, best epoch, history.</summary>
internal static class TrainingResultFile
{
    internal static void Write(TrainingResult<float> result, BinaryWriter writer)
    {
        result.Network.Save(writer);
        writer.Write(result.BestEpoch);
        writer.Write(result.History.Count);
        foreach (var epoch in result.History)
        {
            writer.Write(epoch.Epoch);
            writer.Write(epoch.TrainingLoss);
            writer.Write(epoch.ValidationLoss);
            writer.Write(epoch.TrainingAccuracy);
            writer.Write(epoch.ValidationAccuracy);
            writer.Write(epoch.TrainingRootMeanSquaredError);
            writer.Write(epoch.ValidationRootMeanSquaredError);
            writer.Write(epoch.LearningRate);
            writer.Write(epoch.RowsPerSecond);
            writer.Write(epoch.Elapsed.Ticks);
            writer.Write(epoch.BestEpoch);
            writer.Write(epoch.BestLoss);
            writer.Write(epoch.Member);
            writer.Write(epoch.Members);
        }
    }

    /// <exception cref="InvalidDataException">The bytes are damaged.</exception>
    internal static TrainingResult<float> Read(BinaryReader reader)
    {
        try
        {
            var network = Network<float>.Load(reader);
            var bestEpoch = reader.ReadInt32();
            var history = new List<EpochReport>();
            var epochs = reader.ReadInt32();
            if (bestEpoch < 0 || bestEpoch > epochs)
            {
                throw new InvalidDataException($"The saved model claims that epoch {bestEpoch} of {epochs} was the best. The file is damaged; save it again.");
            }

            for (var left = epochs; left > 0; left--)
            {
                history.Add(new(
                    Epoch: reader.ReadInt32(),
                    TrainingLoss: reader.ReadDouble(),
                    ValidationLoss: reader.ReadDouble(),
                    TrainingAccuracy: reader.ReadDouble(),
                    ValidationAccuracy: reader.ReadDouble(),
                    TrainingRootMeanSquaredError: reader.ReadDouble(),
                    ValidationRootMeanSquaredError: reader.ReadDouble(),
                    LearningRate: reader.ReadDouble(),
                    RowsPerSecond: reader.ReadDouble(),
                    Elapsed: new TimeSpan(reader.ReadInt64()),
                    BestEpoch: reader.ReadInt32(),
                    BestLoss: reader.ReadDouble())
                {
                    Member = reader.ReadInt32(),
                    Members = reader.ReadInt32(),
                });
            }

            return new(network, history, bestEpoch, network.CopyWeights().Hash());
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("The history of training ends too early. The file is damaged; save it again.", e);
        }
    }
}
