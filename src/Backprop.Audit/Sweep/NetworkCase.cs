using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Planning;

namespace Backprop.Audit;

/// <summary>A network, its weights and a batch, in one line of text: what a random sweep is made of, and how to run one of its cases again.</summary>
/// <remarks>
/// <c>rows=12 features=4 seed=17 linear:30 gelu -&gt; multiclass:3</c>. Weights are PyTorch's first ones of that seed; the batch is
/// <see cref="RandomBatch"/>'s. What follows changes them. Any numbers make a case: a column beyond the last is the last.
/// </remarks>
public sealed partial record NetworkCase
{
    /// <summary>The most units of a layer, and the most features.</summary>
    internal const int Widest = 300;

    /// <summary>The most rows of a batch.</summary>
    internal const int MostRows = 500;

    // A unit that is dead or saturated has a bias of this size: past where float32's sigmoid ends.
    private const double LeastShift = 20, MostShift = 120;

    /// <summary>Rows of the batch.</summary>
    public int Rows { get; init; } = 1;

    /// <summary>Real features; columns of categories come after them.</summary>
    public int Features { get; init; } = 1;

    /// <summary>Gives weights, examples and masks.</summary>
    public long Seed { get; init; }

    /// <summary>What every first weight is multiplied by.</summary>
    public double WeightScale { get; init; } = 1;

    /// <summary>What every real feature is multiplied by.</summary>
    public double FeatureScale { get; init; } = 1;

    /// <summary>Feature columns, the first ones, that have the first row's number in every row.</summary>
    public int ConstantColumns { get; init; }

    /// <summary>Rows, the last ones, that are copies of others.</summary>
    public int DuplicatedRows { get; init; }

    /// <summary>Biases, in percent, that are so far below 0 that a rectifier is never on.</summary>
    public int DeadPercent { get; init; }

    /// <summary>Biases, in percent, that are so far above 0 that a sigmoid is 1.</summary>
    public int SaturatedPercent { get; init; }

    /// <summary>Real features, in percent, that are not 0; sparse where layers can read them so.</summary>
    public int DensityPercent { get; init; } = 100;

    /// <summary>Whether examples have weights.</summary>
    public bool Weighted { get; init; }

    /// <summary>The layers.</summary>
    internal IReadOnlyList<CaseLayer> Layers { get; init; } = [];

    /// <summary>The heads.</summary>
    internal IReadOnlyList<NetworkHead> Heads { get; init; } = [new(Head.Regression, 1)];

    /// <summary>Whether both are the same case.</summary>
    public bool Equals(NetworkCase? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>Names of what is extreme about its numbers.</summary>
    internal IEnumerable<string> Extremes => Options.Where(option => !option.Always && option.Of(this) != option.Of(Usual)).Select(option => option.Name);

    /// <summary>The command that audits the case of a text.</summary>
    public static string CommandOf(string text) => $"backprop audit --case \"{text}\"";

    /// <summary>Audits the engine on it.</summary>
    /// <param name="engine">Threads and vector width; one thread if not given.</param>
    /// <param name="withTorch">Whether libtorch is a witness.</param>
    public GradientReport Audit(EngineOptions? engine = null, bool withTorch = true)
    {
        var model = ToModel();
        return GradientAudit.Run(ToWeights(model), ToBatch(model), engine ?? new() { Threads = 1 }, withTorch);
    }

    /// <summary>The network.</summary>
    /// <exception cref="ArgumentException">A head cannot have its outputs.</exception>
    public Model ToModel()
    {
        var builder = new NetworkBuilder(Features, Layers.Count(layer => layer.Kind == LayerKind.Embedding));
        foreach (var layer in Layers)
        {
            builder.Add(layer);
        }

        return Model.Of([.. Heads.Select(builder.Head)]);
    }

    /// <summary>The network's weights.</summary>
    public Weights<float> ToWeights(Model model)
    {
        var weights = Initializers.Default<float>(model, Seed);
        var draw = new Draw(new(Seed + 1));
        foreach (var tensor in weights.Tensors.Where(tensor => tensor.Learned))
        {
            var isBias = tensor.Name.EndsWith(".bias", StringComparison.Ordinal);
            foreach (ref var weight in weights[tensor])
            {
                weight = (float)(weight * WeightScale);
                if (isBias && (DeadPercent > 0 || SaturatedPercent > 0))
                {
                    var (percent, shift) = (draw.Below(100), draw.Between(LeastShift, MostShift));
                    weight += (float)(percent < DeadPercent ? -shift : percent < DeadPercent + SaturatedPercent ? shift : 0);
                }
            }
        }

        return weights;
    }

    /// <summary>The batch, which is a whole table.</summary>
    public Examples<float> ToBatch(Model model)
    {
        var (batch, draw) = (RandomBatch.Of(model, Rows, Seed), new Draw(new(Seed + 2)));
        var (features, targets, columns) = (batch.Features, batch.Targets, batch.FeatureColumns);
        for (var i = 0; i < features.Length; i++)
        {
            var column = i % columns;
            if (column >= Features)
            {
                continue;
            }

            features[i] = column < ConstantColumns ? i < columns ? features[i] * (float)FeatureScale : features[column]
                : DensityPercent < 100 && draw.Below(100) >= DensityPercent ? 0
                : features[i] * (float)FeatureScale;
        }

        var weights = Weighted ? new float[Rows] : null;
        for (var row = 0; row < Rows; row++)
        {
            if (row >= Rows - DuplicatedRows)
            {
                var other = draw.Below(Math.Max(1, Rows - DuplicatedRows));
                features.AsSpan(other * columns, columns).CopyTo(features.AsSpan(row * columns));
                targets.AsSpan(other * model.Targets, model.Targets).CopyTo(targets.AsSpan(row * model.Targets));
            }

            if (weights is not null)
            {
                weights[row] = (float)draw.Between(0.5, 1.5);
            }
        }

        CountFirstRow(model, targets);
        // Only sums of products read sparse rows.
        var sparse = DensityPercent < 100 && model.Signals.All(signal => !signal.Inputs.Contains(model.Signals[0]) || signal.Layer is Linear or Maxout);
        return sparse ? new(ToSparse(features, columns), targets, weights) : new(Rows, features, targets, weights);
    }

    /// <summary>Sees to it that a row counts: the mean of none is NaN.</summary>
    private static void CountFirstRow(Model model, float[] targets)
    {
        var first = 0;
        foreach (var (logits, head, _) in model.HeadOutputs)
        {
            if (head is MulticlassHead { IgnoreIndex: { } ignored } && targets[first] == ignored)
            {
                targets[first] = (ignored + 1) % logits.Width;
            }

            first += head.TargetColumns(logits.Width);
        }
    }

    private SparseMatrix<float> ToSparse(float[] features, int columns)
    {
        var (starts, places, values) = (new List<int> { 0 }, new List<int>(), new List<float>());
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                if (features[row * columns + column] is var value && value != 0)
                {
                    places.Add(column);
                    values.Add(value);
                }
            }

            starts.Add(values.Count);
        }

        return new(Rows, columns, [.. starts], [.. places], [.. values]);
    }
}
