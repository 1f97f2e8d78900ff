using System.Diagnostics;
using System.Text.Json.Nodes;
using Backprop.Comparisons.Measuring;
using Backprop.ML;
using Backprop.Planning;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Text;

namespace Backprop.Comparisons.MachineLearning;

/// <summary>A pipeline from text, by FeaturizeText's n-grams, to a trained classifier; and what memory its process took at most.</summary>
/// <param name="Trainer">What is trained.</param>
internal sealed record TextCase(string Trainer) : ProcessCase(Command, Trainer)
{
    /// <summary>The command of the process that is started.</summary>
    public const string Command = "text";

    private const int TrainingRows = 20_000;
    private const int TestRows = 2_000;
    private const int Epochs = 3;

    // FeaturizeText keeps the first n-grams it meets up to so many.
    private static readonly int[] Ngrams = [10_000, 40_000];

    private static readonly Dictionary<string, Func<MLContext, IEstimator<ITransformer>>> Trainers = new()
    {
        ["MultilayerPerceptron"] = ml => ml.BinaryClassification.Trainers.MultilayerPerceptron(numberOfIterations: Epochs),
        ["MultilayerPerceptron, lazy"] = ml => ml.BinaryClassification.Trainers.MultilayerPerceptron(
            new MultilayerPerceptronOptions { NumberOfIterations = Epochs, SparseUpdate = SparseUpdate.Lazy }),
        ["SdcaLogisticRegression"] = ml => ml.BinaryClassification.Trainers.SdcaLogisticRegression(),
    };

    /// <summary>The trainer as it is, with lazy updates, and ML.NET's linear one.</summary>
    public static IEnumerable<Case> All => Trainers.Keys.Select(trainer => new TextCase(trainer));

    /// <inheritdoc/>
    public override string Name => Trainer;

    /// <inheritdoc/>
    public override JsonObject Fields => new() { ["rows"] = TrainingRows, ["trainer"] = Trainer };

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Figures => ["peakMegabytes", "ngramColumns", "accuracy"];

    /// <summary>What the started process does: fits the pipeline, then scores rows it has not seen.</summary>
    public static void Report(string trainer, TextWriter output)
    {
        var ml = new MLContext(seed: 1);
        var (train, test) = (ml.Data.LoadFromEnumerable(RandomTexts.Of(TrainingRows, 1)), ml.Data.LoadFromEnumerable(RandomTexts.Of(TestRows, 2)));
        var pipeline = ml.Transforms.Text.FeaturizeText("Features", Options, nameof(RandomText.Text)).Append(Trainers[trainer](ml));
        ITransformer? model = null;
        ProcessRun.Report(() => model = pipeline.Fit(train), Figures, output);

        double[] Figures()
        {
            using var process = Process.GetCurrentProcess();
            var peak = process.PeakWorkingSet64 / 1e6;
            var scored = model!.Transform(test);
            var columns = ((VectorDataViewType)scored.Schema["Features"].Type).Size;
            return [peak, columns, ml.BinaryClassification.EvaluateNonCalibrated(scored).Accuracy];
        }
    }

    private static TextFeaturizingEstimator.Options Options => new()
    {
        WordFeatureExtractor = new() { NgramLength = Ngrams.Length, UseAllLengths = true, MaximumNgramsCount = Ngrams },
        CharFeatureExtractor = null,
    };
}
