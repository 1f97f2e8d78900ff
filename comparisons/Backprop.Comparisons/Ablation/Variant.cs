using Backprop.Formulas;
using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Training;

namespace Backprop.Comparisons.Ablation;

/// <summary>A way to train a table: a preset, or the default one but for one trick.</summary>
/// <param name="Preset">Its name is the variant's.</param>
/// <param name="LabelSmoothing">Of classes, of three or more.</param>
internal sealed record Variant(Preset Preset, double LabelSmoothing = 0)
{
    private const double CommonRate = 0.001;

    /// <summary>A bound of scaled features that hardly any comes near.</summary>
    private const double NoBound = 1e18;

    /// <summary>As the presets have it.</summary>
    private const int LeastMissing = 10;

    /// <summary>The presets that users choose from.</summary>
    public static IReadOnlyList<Variant> Presets { get; } = [.. new[] { Preset.Fast, Preset.Default, Preset.Best }.Select(preset => new Variant(preset))];

    /// <summary>The default preset with one of its tricks undone, or with one that it does without.</summary>
    public static IReadOnlyList<Variant> Tricks { get; } =
    [
        Of("without bins", options => options with { Inputs = x => Scaled(x, LeastMissing).Scale("scale") }),
        Of("without bins but rare gaps marked", options => options with { Inputs = x => Scaled(x, 1).Scale("scale") }),
        Of("bins begin as features do", options => options with { Inputs = x => Changed(options.Inputs!(x), FromOne) }),
        Of("without bins or learned scale", options => options with { Inputs = x => Scaled(x, LeastMissing) }),
        Of("features not clipped", options => options with { Inputs = x => Changed(options.Inputs!(x), Unclipped) }),
        Of("without dropout", options => options with { Dropout = 0 }),
        Of("ReLU", options => options with { Activation = Activation.Of(new Relu()) }),
        Of("first output weights as others", options => options with { InitialOutputWeights = null, InitialOutputBiases = null }),
        Of("PyTorch's initial weights", options => options with { InitialWeights = new DefaultWeights() }),
        Of("one rate of 0.001 for all weights", options => options with
        {
            Optimizer = options.Optimizer with { LearningRate = CommonRate },
            Updates = options.Updates with { Groups = [] },
        }),
        Of("Mish", options => options with { Activation = Activation.Of(new Mish()) }),
        Of("half as wide", options => options with { Hidden = [.. options.Hidden.Select(units => units / 2)] }),
        Of("batches of 128", options => options with { BatchSize = 128 }),
        Of("biases learn as weights", options => options with { Updates = Ungrouped(options, "*.bias") }),
        Of("beta2 0.999", options => options with { Optimizer = ((AdamW)options.Optimizer) with { Beta2 = 0.999 } }),
        Of("without weight decay", options => options with { Optimizer = options.Optimizer with { WeightDecay = 0 } }),
        Of("constant rate", options => options with { Schedule = null }),
        Of("coslog4 rate", options => options with { Schedule = new CosLogRate { ByUpdate = true } }),
        Of("first best epoch", options => options with { LastBestEpoch = false }),
        Of("patience of 20 epochs", options => options with { Patience = 20 }),
        Of("averaged weights", options => options with { Updates = options.Updates with { AverageDecay = 0.998 } }),
        Of("half as many epochs", options => options with { Epochs = Math.Max(1, options.Epochs / 2) }),
        Of("one network", options => options with { Members = 1 }),
        Of("no shared members", options => options with { SharedMembers = 1 }),
        Of("four shared members", options => options with { SharedMembers = 4 }),
        Of("label smoothing of 0.1", options => options) with { LabelSmoothing = 0.1 },
        Of("one rate for categories", options => options with { Updates = Ungrouped(options, "category*.weight") }),
    ];

    /// <summary>All of them, the presets first.</summary>
    public static IReadOnlyList<Variant> All { get; } = [.. Presets, .. Tricks];

    /// <summary>The variant of that name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static Variant Parse(string name) => Catalogue.Find(All, variant => variant.ToString(), name, "variant");

    /// <summary>The task that it is trained for.</summary>
    public Head HeadFor(Head usual) => usual is MulticlassHead classes ? classes with { LabelSmoothing = LabelSmoothing } : usual;

    /// <inheritdoc/>
    public override string ToString() => Preset.Name;

    private static Signal Scaled(Signal x, int leastMissing) => x.Through(new RobustScale { Name = "robust", LeastMissing = leastMissing });

    /// <summary>The same inputs through other layers.</summary>
    private static Signal Changed(Signal signal, Func<Layer, Layer> change) => signal.Layer is not { } layer ? signal
        : Signal.Of(change(layer), [.. signal.Inputs.Select(input => Changed(input, change))]);

    private static Layer FromOne(Layer layer) => layer is Scale ? new Scale { Name = layer.Name } : layer;

    private static Layer Unclipped(Layer layer)
        => layer is RobustScale { Indicators: null } scale ? new RobustScale(NoBound) { Name = layer.Name, LeastMissing = scale.LeastMissing } : layer;

    private static UpdateOptions Ungrouped(TrainingOptions options, string parameters)
        => options.Updates with { Groups = [.. options.Updates.Groups.Where(group => group.Parameters != parameters)] };

    private static Variant Of(string name, Func<TrainingOptions, TrainingOptions> change) => new(Preset.Default.With(name, change));
}
