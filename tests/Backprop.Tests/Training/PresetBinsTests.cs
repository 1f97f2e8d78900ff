using Backprop.Models;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>Bins add to a network and take nothing from it: where the truth is smooth, one with bins comes nearer to it than one without.</summary>
public class PresetBinsTests
{
    private const int Columns = 20;

    private static readonly double Shift = 2 / Math.Sqrt(Columns);

    public static TheoryData<string> Presets => [Preset.Fast.Name, Preset.Default.Name];

    /// <summary>
    /// Two classes of normal features, of deviation 2 about 0 and 1 about a corner: the ring norm of Breiman, Bias, variance, and arcing classifiers
    /// (1996), whose log-odds are known of each row.
    /// </summary>
    [Theory, MemberData(nameof(Presets))]
    public void SmoothTablesAreLearnedBesideBins(string name)
    {
        var (table, fresh) = (RingNorm(700, seed: 1), RingNorm(4000, seed: 2));
        var preset = Preset.Parse(name);
        var without = preset.With("without bins", options => options with { Inputs = x => x.RobustScale(name: "robust").Scale("scale") });
        var least = LogLoss(fresh, LogOdds(fresh));
        var (beside, alone) = (LogLoss(fresh, Scores(preset)) - least, LogLoss(fresh, Scores(without)) - least);
        // 0.31 and 0.54 times as far; were features and bins as they are at first, and not the ones large and the others small, 0.62 and 1.58.
        Assert.True(beside < 0.6 * alone, $"{beside / alone}: {least} at least, {beside} above it with bins and {alone} without");

        float[] Scores(Preset preset)
        {
            var result = Trainer.Fit(Head.Binary, 1, preset.Choose, table);
            var scores = new float[fresh.Rows];
            result.Network.Score(fresh.Features, scores);
            return scores;
        }
    }

    /// <summary>Of as many rows, half of each class.</summary>
    private static Examples<float> RingNorm(int rows, long seed)
    {
        var (random, features, targets) = (new TorchRandom(seed), new float[rows * Columns], new float[rows]);
        random.FillNormal<float>(features, 0, 1);
        for (var row = 0; row < rows; row++)
        {
            targets[row] = row % 2;
            foreach (ref var x in features.AsSpan(row * Columns, Columns))
            {
                x = row % 2 == 0 ? 2 * x : x + (float)Shift;
            }
        }

        return new(rows, features, targets);
    }

    private static float[] LogOdds(Examples<float> table)
        => [.. table.Features.ToArray().Chunk(Columns).Select(row => (float)row.Sum(x => Math.Log(2) + x * x / 8 - (x - Shift) * (x - Shift) / 2))];

    private static double LogLoss(Examples<float> table, float[] scores)
        => table.Targets.ToArray().Zip(scores, (target, score) => Math.Log(1 + Math.Exp(target > 0 ? -score : score))).Average();
}
