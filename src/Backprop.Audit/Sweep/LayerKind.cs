using Backprop.Formulas;
using Backprop.Models;
using Backprop.Models.Layers;

namespace Backprop.Audit;

/// <summary>A number that a kind of layer takes.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Least">The least it may be: what it shrinks to.</param>
/// <param name="Of">Draws one, for layers of at most so many units.</param>
internal sealed record LayerNumber(string Name, int Least, Func<Draw, int, int> Of)
{
    public static LayerNumber Units { get; } = new("units", 1, (draw, widest) => draw.Size(widest));

    public static LayerNumber Pieces { get; } = new("pieces", 2, (draw, _) => 2 + draw.Below(3));

    public static LayerNumber Limit { get; } = new("limit", 1, (draw, _) => 1 + draw.Below(4));

    public static LayerNumber Percent { get; } = new("percent", 0, (draw, _) => 10 * draw.Below(10));

    public static LayerNumber Index { get; } = new("index", 0, (draw, _) => draw.Below(8));

    public static LayerNumber First { get; } = new("first", 0, (draw, widest) => draw.Size(widest) - 1);
}

/// <summary>A kind of layer, or a way to join several, and how a described network gets one: any numbers make one.</summary>
/// <param name="Name">How it is written.</param>
/// <param name="Numbers">The numbers it takes.</param>
/// <param name="Apply">Applies it to the network so far.</param>
/// <param name="TakesFunction">Whether it takes an activation.</param>
internal sealed record LayerKind(string Name, IReadOnlyList<LayerNumber> Numbers,
    Func<NetworkBuilder, Signal, CaseLayer, Signal> Apply, bool TakesFunction = false)
{
    /// <summary>Categories of a column that an embedding reads.</summary>
    private const int Categories = 6;

    /// <summary>An activation alone.</summary>
    public static LayerKind Activation { get; } = new("activation", [], (_, h, layer) => h.Apply(layer.Function!), TakesFunction: true);

    /// <summary>A layer of weighted sums.</summary>
    public static LayerKind Linear { get; } = new("linear", [LayerNumber.Units], (_, h, layer) => h.Linear(layer.Numbers[0]));

    /// <summary>Learned numbers of a category, beside what there is.</summary>
    public static LayerKind Embedding { get; } = new(
        "embedding", [LayerNumber.Units], (network, h, layer) => Signal.Concatenate(h, network.NextCategory().Embedding(Categories, layer.Numbers[0])));

    /// <summary>Every layer there is, and the ways to join several.</summary>
    public static IReadOnlyList<LayerKind> All { get; } =
    [
        Linear,
        new("nobias", [LayerNumber.Units], (_, h, layer) => h.Through(new Linear(layer.Numbers[0]) { Bias = false })),
        Activation,
        new("prelu", [], (_, h, _) => h.PRelu()),
        new("prelus", [], (_, h, _) => h.Through(new PRelu { SlopePerColumn = true })),
        new("maxout", [LayerNumber.Units, LayerNumber.Pieces], (_, h, layer) => h.Maxout(layer.Numbers[0], layer.Numbers[1])),
        // Far enough to reach: ‖x − w‖² is about twice the number of columns.
        new("radialbasis", [LayerNumber.Units], (_, h, layer) => h.RadialBasis(layer.Numbers[0], Math.Sqrt(2.0 * h.Width))),
        new("dropout", [LayerNumber.Percent], (_, h, layer) => h.Dropout(Math.Min(layer.Numbers[0], 100) / 100.0)),
        new("layernorm", [], (_, h, _) => h.LayerNorm()),
        new("batchnorm", [], (_, h, _) => h.BatchNorm()),
        new("scale", [], (_, h, _) => h.Scale()),
        new("robustscale", [LayerNumber.Limit], (_, h, layer) => h.RobustScale(layer.Numbers[0])),
        // Beside what there is, not behind: nothing before it may learn.
        new("piecewiselinear", [LayerNumber.Limit], (network, h, layer) => Signal.Concatenate(h, network.Earlier(0).PiecewiseLinearEncoding(layer.Numbers[0]))),
        Embedding,
        new("residual", [LayerNumber.Units], (_, h, layer) => h + h.Linear(layer.Numbers[0]).Apply(layer.Function!).Linear(h.Width), TakesFunction: true),
        new("concatenate", [LayerNumber.Index], (network, h, layer) => Signal.Concatenate(network.Earlier(layer.Numbers[0]), h)),
        new("gate", [], (network, h, _) => h.Linear(h.Width).Apply(new Sigmoid()) * network.Alike(h)),
        new("shared", [], (network, h, _) => network.Shared(h)),
        new("columns", [LayerNumber.First, LayerNumber.Units], (_, h, layer) => Math.Min(layer.Numbers[0], h.Width - 1) is var first
            ? h.Columns(first, Math.Min(layer.Numbers[1], h.Width - first)) : h),
    ];

    /// <summary>How it is written, with its numbers' names.</summary>
    public override string ToString()
        => string.Join(':', [Name, .. Numbers.Select(number => number.Name), .. TakesFunction ? ["activation"] : Array.Empty<string>()]);
}
