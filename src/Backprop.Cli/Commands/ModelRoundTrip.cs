using Backprop.Cli.Data;
using Backprop.Cli.Tasks;
using Sylvan.Data.Csv;

namespace Backprop.Cli.Commands;

/// <summary>What came of predicting with a saved model in another process.</summary>
/// <param name="Rows">Rows predicted.</param>
/// <param name="Numbers">Probabilities compared.</param>
/// <param name="Different">How many differ in a bit, or stand in a row whose prediction differs.</param>
internal sealed record ModelRoundTrip(int Rows, int Numbers, int Different)
{
    /// <summary>Saves the model, lets another process predict the sample's test rows, and compares with predictions made here.</summary>
    public static ModelRoundTrip Run(TrainedModel trained, string folder, string modelPath, CancellationToken cancellation)
    {
        var (dataPath, predictionsPath) = (Path.Combine(folder, "optdigits.test.csv"), Path.Combine(folder, "predictions.csv"));
        using (var outputs = new OutputFiles([], [modelPath, dataPath]))
        {
            outputs.Write(modelPath, trained.Save);
            outputs.Write(dataPath, stream =>
            {
                using var sample = Optdigits.Test.Open();
                sample.CopyTo(stream);
            });
        }

        string[] predict = ["predict", "--model", modelPath, "--data", dataPath, "--out", predictionsPath];
        OtherProcess.Run(predict, cancellation).GetAwaiter().GetResult();

        using var theirs = CsvDataReader.Create(predictionsPath);
        var (rows, numbers, different) = (0, 0, 0);
        foreach (var (prediction, scores) in new Predictions(trained.Chain.Transform(trained.Data.TestView!), CsvDialect.Standard).Rows())
        {
            rows++;
            numbers += scores.Length;
            var same = theirs.Read() && theirs.GetString(0) == prediction;
            for (var i = 0; i < scores.Length; i++)
            {
                // The shortest text of a float reads back as its very bits.
                different += same && BitConverter.SingleToInt32Bits(theirs.GetFloat(i + 1)) == BitConverter.SingleToInt32Bits(scores[i])
                    ? 0
                    : 1;
            }
        }

        return new(rows, numbers, different);
    }

    /// <inheritdoc/>
    public override string ToString()
        => $"{Numbers:N0} probabilities of {Rows:N0} rows: "
            + (Different == 0 ? "the same bits in both processes." : $"{Different:N0} differ between the processes.");
}
