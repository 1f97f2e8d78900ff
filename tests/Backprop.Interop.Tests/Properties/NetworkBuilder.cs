using Backprop.Formulas;
using Backprop.Models;
using Backprop.Models.Layers;

namespace Backprop.Interop.Tests.Properties;

/// <summary>A kind of layer, and how a random network gets one.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Apply">Applies it to the network so far.</param>
/// <param name="TakesCategories">Whether it reads a column of categories.</param>
internal sealed record NetworkLayer(string Name, Func<NetworkBuilder, Signal, Signal> Apply, bool TakesCategories = false)
{
    /// <summary>Every layer there is, and the ways to join several.</summary>
    public static IReadOnlyList<NetworkLayer> All { get; } =
    [
        new("linear", (network, h) => h.Linear(network.Width())),
        new("linear without bias", (network, h) => h.Through(new Linear(network.Width()) { Bias = false })),
        new("activation", (network, h) => h.Apply(network.Activation())),
        new("linear and activation", (network, h) => h.Linear(network.Width()).Apply(network.Activation())),
        new("prelu", (_, h) => h.PRelu()),
        new("prelu of a slope per column", (_, h) => h.Through(new PRelu { SlopePerColumn = true })),
        new("maxout", (network, h) => h.Maxout(network.Width() / 2 + 1, 2 + network.Choose(3))),
        // Far enough to reach: ‖x − w‖² is about twice the number of columns.
        new("radial basis", (network, h) => h.RadialBasis(network.Width(), Math.Sqrt(2.0 * h.Width))),
        new("dropout", (network, h) => h.Dropout(network.Choose(9) / 10.0)),
        new("layer norm", (_, h) => h.LayerNorm()),
        new("batch norm", (_, h) => h.BatchNorm()),
        new("scale", (_, h) => h.Scale()),
        new("robust scale", (network, h) => h.RobustScale(1 + network.Choose(4))),
        new("embedding", (network, h) => Signal.Concatenate(h, network.NextCategory().Embedding(NetworkBuilder.Categories, 1 + network.Choose(40))), TakesCategories: true),
        new("residual", (network, h) => h + h.Linear(network.Width()).Apply(network.Activation()).Linear(h.Width)),
        new("concatenation", (network, h) => Signal.Concatenate(network.Earlier(), h)),
        new("gate", (network, h) => h.Linear(h.Width).Apply(new Sigmoid()) * network.Alike(h)),
        new("shared", (network, h) => network.Shared(h)),
        new("columns", (network, h) => network.Choose(h.Width) is var first ? h.Columns(first, 1 + network.Choose(h.Width - first)) : h),
    ];
}

/// <summary>Makes a network layer by layer, and keeps it of moderate width.</summary>
internal sealed class NetworkBuilder
{
    /// <summary>Categories of a column.</summary>
    public const int Categories = 6;

    private const int MostWidth = 70;

    private readonly Signal table;
    private readonly int features;
    private readonly List<Signal> signals;
    private Random choices = new(0);
    private int categories;

    public NetworkBuilder(int features, int categoryColumns)
    {
        (this.features, table) = (features, Signal.Features(features + categoryColumns));
        signals = [categoryColumns == 0 ? table : table.Columns(0, features)];
    }

    /// <summary>Adds a layer.</summary>
    public void Add(NetworkLayer layer, int choice)
    {
        choices = new(choice);
        var result = layer.Apply(this, signals[^1]);
        signals.Add(result.Width <= 2 * MostWidth ? result : result.Linear(MostWidth));
    }

    /// <summary>A head of the last signal, or of the one before.</summary>
    public Output Head(Head head, int choice)
    {
        choices = new(choice);
        var width = Outputs.Of(head, 1 + Choose(12));
        return new(signals[^(1 + Choose(Math.Min(2, signals.Count)))].Linear(width), head, Choose(2) == 0 ? 1 : 0.25 + Choose(4));
    }

    public int Choose(int count) => choices.Next(count);

    /// <summary>Small ones as often as others: panels have edges at 16 and 32.</summary>
    public int Width() => Choose(2) == 0 ? 1 + Choose(9) : 1 + Choose(MostWidth);

    public Activation Activation() => Formulas.Activation.All[Choose(Formulas.Activation.All.Count)];

    public Signal NextCategory() => table.Columns(features + categories++, 1);

    /// <summary>Any signal so far.</summary>
    public Signal Earlier() => signals[Choose(signals.Count)];

    /// <summary>A signal of the same width: another, or the same.</summary>
    public Signal Alike(Signal h) => signals.First(signal => signal.Width == h.Width);

    /// <summary>One layer twice.</summary>
    public Signal Shared(Signal h)
    {
        var layer = new Linear(h.Width) { Name = $"shared{signals.Count}" };
        return h.Through(layer).Apply(new Tanh()).Through(layer);
    }
}
