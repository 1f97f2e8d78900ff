using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Audit;

/// <summary>Makes a network layer by layer, and keeps it of moderate width.</summary>
internal sealed class NetworkBuilder
{
    private readonly Signal table;
    private readonly int features;
    private readonly List<Signal> signals;
    private int categories, heads;

    /// <summary>Begins with a table of real features and columns of categories.</summary>
    public NetworkBuilder(int features, int categoryColumns)
    {
        (this.features, table) = (features, Signal.Features(features + categoryColumns));
        signals = [categoryColumns == 0 ? table : table.Columns(0, features)];
    }

    /// <summary>Adds a layer. What joins of joins make too wide is brought back by a linear layer.</summary>
    public void Add(CaseLayer layer)
    {
        var result = layer.Kind.Apply(this, signals[^1], layer);
        signals.Add(result.Width <= 2 * NetworkCase.Widest ? result : result.Linear(NetworkCase.Widest));
    }

    /// <summary>A head.</summary>
    public Output Head(NetworkHead head)
    {
        var given = signals[^(1 + Math.Min(head.Back, signals.Count - 1))];
        var logits = head.Members == 1 ? given.Linear(head.Outputs) : given.SharedMembers(head.Members, h => h, head.Outputs, $"members{heads++}");
        return new(logits, head.Task, head.LossWeight);
    }

    /// <summary>The next column of categories.</summary>
    public Signal NextCategory() => table.Columns(features + categories++, 1);

    /// <summary>Any signal so far, counted round.</summary>
    public Signal Earlier(int index) => signals[index % signals.Count];

    /// <summary>A signal of the same width: another, or the same.</summary>
    public Signal Alike(Signal h) => signals.First(signal => signal.Width == h.Width);

    /// <summary>One layer twice.</summary>
    public Signal Shared(Signal h)
    {
        var layer = new Models.Layers.Linear(h.Width) { Name = $"shared{signals.Count}" };
        return h.Through(layer).Apply(new Tanh()).Through(layer);
    }
}
