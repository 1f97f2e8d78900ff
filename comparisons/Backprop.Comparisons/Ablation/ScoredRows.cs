using Backprop.Cli.Data;
using Backprop.Cli.Tasks;
using Microsoft.ML.Data;

namespace Backprop.Comparisons.Ablation;

/// <summary>What a model said of test rows, and what metrics make of it, each row counted as often as is asked.</summary>
internal sealed class ScoredRows
{
    // A float probability may have rounded to 0; no row then loses more than 34.5.
    private const double LeastProbability = 1e-15;

    private readonly Row[] rows;

    private ScoredRows(IEnumerable<Row> rows) => this.rows = [.. rows.OrderBy(row => row.Rank)];

    /// <summary>How many.</summary>
    public int Count => rows.Length;

    /// <summary>Scores the test rows.</summary>
    public static ScoredRows Of(TableSet set, TrainedModel trained)
    {
        var scored = trained.Chain.Transform(trained.Data.TestView!);
        IEnumerable<T> Column<T>(string name) => scored.GetColumn<T>(name);
        return new(set.Task switch
        {
            "binary" => Column<bool>(ColumnNames.Label).Zip(Column<float>(ColumnNames.Score), OfBinary),
            "multiclass" => Column<uint>(ColumnNames.Label).Zip(Column<float[]>(ColumnNames.Score), OfClasses),
            _ => Column<float>(ColumnNames.Label).Zip(Column<float>(ColumnNames.Score), OfNumber),
        });
    }

    /// <summary>A score of all rows.</summary>
    public double Score(Metric metric)
    {
        var once = new int[Count];
        Array.Fill(once, 1);
        return Score(metric, once);
    }

    /// <summary>The standard error that comes of which rows the test has, by as many resamples of them.</summary>
    public double StandardError(Metric metric, int resamples, int seed)
    {
        var random = new Random(seed);
        var scores = new double[resamples];
        var times = new int[Count];
        for (var sample = 0; sample < resamples; sample++)
        {
            Array.Clear(times);
            for (var row = 0; row < Count; row++)
            {
                times[random.Next(Count)]++;
            }

            scores[sample] = Score(metric, times);
        }

        var mean = scores.Average();
        return Math.Sqrt(scores.Sum(score => (score - mean) * (score - mean)) / (resamples - 1));
    }

    private double Score(Metric metric, int[] times)
        => metric == Metric.Auc ? Area(times)
        : metric == Metric.Accuracy ? Mean(row => row.IsRight ? 1 : 0, times)
        : metric == Metric.LogLoss ? Mean(row => row.Loss, times)
        : Math.Sqrt(Mean(row => row.Loss, times));

    private double Mean(Func<Row, double> of, int[] times)
    {
        var sum = 0.0;
        for (var i = 0; i < Count; i++)
        {
            sum += times[i] * of(rows[i]);
        }

        return sum / times.Sum();
    }

    /// <summary>The share of pairs of a positive and a negative row that are in order, equal ones counted half.</summary>
    private double Area(int[] times)
    {
        double inOrder = 0;
        long below = 0, above = 0;
        for (int i = 0, next; i < Count; i = next)
        {
            long negative = 0, positive = 0;
            for (next = i; next < Count && rows[next].Rank == rows[i].Rank; next++)
            {
                (negative, positive) = rows[next].IsPositive ? (negative, positive + times[next]) : (negative + times[next], positive);
            }

            inOrder += positive * (below + 0.5 * negative);
            (below, above) = (below + negative, above + positive);
        }

        return inOrder / ((double)below * above);
    }

    private static Row OfBinary(bool label, float logit)
    {
        var z = label ? -(double)logit : logit;
        return new(logit, label, logit > 0 == label, Math.Max(z, 0) + double.LogP1(Math.Exp(-Math.Abs(z))));
    }

    private static Row OfClasses(uint label, float[] probabilities)
    {
        var of = (int)label - 1;
        return new(0, false, Array.IndexOf(probabilities, probabilities.Max()) == of, -Math.Log(Math.Max(probabilities[of], LeastProbability)));
    }

    private static Row OfNumber(float label, float score) => new(0, false, false, ((double)score - label) * ((double)score - label));

    /// <summary>What a metric needs to know of a row.</summary>
    /// <param name="Rank">The score that orders rows of two classes.</param>
    /// <param name="IsPositive">Whether it is of the positive class.</param>
    /// <param name="IsRight">Whether its class was predicted.</param>
    /// <param name="Loss">−log of its class's probability, or its squared error.</param>
    private readonly record struct Row(float Rank, bool IsPositive, bool IsRight, double Loss);
}
