using Backprop.Formulas;
using Backprop.Models;
using Backprop.Models.Layers;

namespace Backprop.Training;

/// <summary>
/// How to train when nobody says how: options chosen by what is known of a table, and by nothing else. Each may be changed by <see cref="With"/>.
/// </summary>
/// <remarks>
/// <para>
/// Dense features: <see cref="RobustScale"/> and a learned <see cref="Scale"/>, beside them from some hundred rows on
/// <see cref="PiecewiseLinearEncoding"/>, which begins small by a scale of its own; layers of SELU, or Mish for what is no class, with
/// dropout; last weights of 0, and counts that begin at their mean; AdamW with β₂ = 0.95 and rates by
/// <see cref="ParameterGroup.PerRootOfInputs"/>, flat at first, then down a cosine; members that share layers, with less dropout, as each
/// regularises the others; the best epoch, and of several networks the mean, each holding out another fold.
/// After Holzmüller, Grinsztajn and Steinwart (2024), RealMLP, Gorishniy, Rubachev and Babenko (2022), and Gorishniy, Kotelnikov and Babenko (2025).
/// </para>
/// <para>Sparse features, whose zeros no scaling may move: <see cref="Plain"/>'s.</para>
/// </remarks>
public sealed record Preset
{
    /// <summary>Rows below which networks are small and several.</summary>
    private const int FewRows = 6000;

    /// <summary>Rows from which bins are worth their weights.</summary>
    private const int LeastRowsForBins = 600;

    /// <summary>Rows for each bin, at least.</summary>
    private const int RowsPerBin = 50;

    /// <summary>Different values of a column from which its bins help to tell classes: fewer, such as shades of a pixel, are steps of one scale.</summary>
    private const int LeastValuesForClasses = 32;

    /// <summary>Rows that lack a feature's value from which a network is told where.</summary>
    private const int LeastMissing = 10;

    /// <summary>A bound of scaled features that no value reaches but an outlier of outliers.</summary>
    private const double WholeRange = 1e18;

    /// <summary>
    /// What scaled features are first multiplied by where bins stand beside them, and what bins are: a network begins as one of the features, as
    /// smooth as those without bins, and bins add what these cannot say.
    /// </summary>
    private const double FirstScaleBesideBins = 8, FirstScaleOfBins = 0.1;

    /// <summary>Bins of all features together, at most.</summary>
    private const int MostBinsOfAll = 1024;

    private Func<TrainingOptions, TrainingOptions> change = options => options;

    private Preset(string name) => Name = name;

    /// <summary><see cref="TrainingOptions"/> as they are, whatever the table.</summary>
    public static Preset Plain { get; } = new("plain") { ScalesFeatures = false };

    /// <summary>One small network and few epochs: to try something out.</summary>
    public static Preset Fast { get; } = new("fast") { Effort = 0.25, EffortOfFewRows = 0.5, Members = 1, MembersOfFewRows = 1, MostBins = 16, Widest = 128 };

    /// <summary>Good results in seconds.</summary>
    public static Preset Default { get; } = new("default")
    {
        Effort = 0.7,
        EffortOfFewRows = 1,
        Members = 1,
        MembersOfFewRows = 5,
        SharedMembers = 2,
        MostBins = 48,
        Widest = 256,
    };

    /// <summary>Several networks of any table, each of members that share its layers, in minutes.</summary>
    public static Preset Best { get; } = new("best")
    {
        Effort = 0.6,
        EffortOfFewRows = 1,
        Members = 5,
        MembersOfFewRows = 8,
        SharedMembers = 4,
        MostBins = 64,
        Widest = 256,
    };

    /// <summary>Every preset, from the fastest on; the plain one last.</summary>
    public static IReadOnlyList<Preset> All { get; } = [Fast, Default, Best, Plain];

    /// <summary>The name in lower case, as options and the command line take it.</summary>
    public string Name { get; private init; }

    /// <summary>Whether its networks scale dense features themselves: all presets' but the plain one's do.</summary>
    public bool ScalesFeatures { get; private init; } = true;

    /// <summary>What <see cref="EpochsOf"/> are multiplied by where rows are many: members that share layers need fewer than one network.</summary>
    private double Effort { get; init; }

    private double EffortOfFewRows { get; init; }

    private int Members { get; init; }

    private int MembersOfFewRows { get; init; }

    private int SharedMembers { get; init; } = 1;

    private int MostBins { get; init; }

    private int Widest { get; init; }

    /// <summary>The preset of that name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static Preset Parse(string name) => Catalogue.Find(All, preset => preset.Name, name, "preset");

    /// <summary>This preset but for what is changed, such as <c>Preset.Default.With("no dropout", options => options with { Dropout = 0 })</c>.</summary>
    /// <param name="name">The new one's name.</param>
    /// <param name="change">Takes this preset's choice for a table.</param>
    public Preset With(string name, Func<TrainingOptions, TrainingOptions> change)
        => this with { Name = name, change = options => change(this.change(options)) };

    /// <summary>How to train on such a table.</summary>
    public TrainingOptions Options(TableFacts facts)
    {
        // Numbers of categories mean nothing as they are.
        IReadOnlyList<CategoricalFeature> numbered = [.. facts.Categories.Where(category => category.IsNumber)];
        return change(ScalesFeatures && !facts.IsSparse ? Chosen(facts) : numbered.Count > 0 ? new() { Categories = numbered } : new());
    }

    private TrainingOptions Chosen(TableFacts facts)
    {
        var (few, bins) = (facts.Rows < FewRows, BinsOf(facts));
        return new()
        {
            Categories = facts.Categories,
            Inputs = x => Inputs(x, bins, facts.Head.Classifies ? LeastValuesForClasses : 2),
            Hidden = few ? [128, 128] : [Widest, Widest, Widest],
            Activation = facts.Head.Classifies ? Activation.Of(new Selu()) : Activation.Of(new Mish()),
            Dropout = SharedMembers == 1 && bins > 0 ? 0.3 : 0.15,
            InitialWeights = new LecunNormal(),
            InitialOutputWeights = new Zeros(),
            InitialOutputBiases = new MeanRates(),
            Optimizer = new AdamW { LearningRate = RateOf(facts), Beta2 = 0.95, WeightDecay = 0.02 },
            Updates = new()
            {
                Groups =
                [
                    .. CategoryInputs.Groups(few ? 1 : 0.1),
                    new("scale.weight") { LearningRateFactor = 6, MayFitNone = true },
                    new("*.bias") { LearningRateFactor = 0.1, MayFitNone = true },
                    new("*.weight") { PerRootOfInputs = true, MayFitNone = true },
                ],
            },
            Schedule = new FlatCosineRate { ByUpdate = true },
            BatchSize = 256,
            Epochs = EpochsOf(facts.Rows),
            Patience = int.MaxValue,
            LastBestEpoch = true,
            Members = few ? MembersOfFewRows : Members,
            SharedMembers = SharedMembers,
        };
    }

    /// <summary>The network for such a table, and how to train it.</summary>
    public (Model Model, TrainingOptions Options) Choose(TableFacts facts)
    {
        var options = Options(facts);
        return (options.ModelFor(facts.Head, facts.Features, facts.Outputs), options);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The learning rate: of a number the larger the fewer the updates, but of classes the smaller, as few rows are soon known by heart.</summary>
    private static double RateOf(TableFacts facts)
        => facts.Head.Classifies ? Math.Clamp(0.02 * Math.Sqrt(facts.Rows / 2000.0), 0.012, 0.03)
        : facts.Rows < FewRows ? 0.07
        : 0.03;

    private static Signal Inputs(Signal x, int bins, int leastValues)
    {
        var robust = x.Through(new RobustScale { Name = "robust", LeastMissing = LeastMissing });
        if (bins == 0)
        {
            return robust.Scale("scale");
        }

        // Not clipped: bins need the order of any values. What is missing is the median here too, and is said once.
        var whole = x.Through(new RobustScale(WholeRange) { Name = "whole", Indicators = [] });
        var encoded = whole.Through(new PiecewiseLinearEncoding(bins) { Name = "bins", LeastValues = leastValues });
        return Signal.Concatenate(From(FirstScaleBesideBins, robust, "scale"), From(FirstScaleOfBins, encoded, "binscale"));

        static Signal From(double first, Signal of, string name) => of.Through(new Scale { Name = name, InitialWeights = new Constant { Value = first } });
    }

    /// <summary>Bins of a feature; 0 for none.</summary>
    private int BinsOf(TableFacts facts)
    {
        var bins = (int)Math.Min(Math.Min(MostBins, facts.Rows / RowsPerBin), MostBinsOfAll / Math.Max(facts.Numbers, 1));
        return facts.Rows >= LeastRowsForBins && facts.Numbers > 0 && bins > 1 ? bins : 0;
    }

    /// <summary>80 below 2,000 rows, 64 up to 16,000, and of more as many times fewer as the root of the rows is larger; times the effort.</summary>
    private int EpochsOf(long rows)
    {
        const int MostEpochs = 80, FewestRows = 2000, EpochsOfMany = 64, Many = 16_000;
        var epochs = rows < FewestRows ? MostEpochs : EpochsOfMany * Math.Min(1, Math.Sqrt((double)Many / rows));
        return (int)Math.Max(2, Math.Round((rows < FewRows ? EffortOfFewRows : Effort) * epochs));
    }
}
