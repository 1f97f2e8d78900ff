using System.Globalization;
using Backprop.Formulas;
using Backprop.Models.Layers;

namespace Backprop.Models;

/// <summary>The description of a multilayer perceptron: sizes, one activation for the hidden layers, and a head.</summary>
public sealed class Mlp : Model
{
    /// <summary>Describes a network.</summary>
    /// <param name="sizes">Inputs, hidden units layer by layer, outputs: at least two numbers, each from 1 to <see cref="Model.MaxUnits"/>.</param>
    /// <param name="activation">Applied after each hidden layer.</param>
    /// <param name="head">The task.</param>
    /// <exception cref="ArgumentException">A size is out of range, or does not fit the head.</exception>
    public Mlp(IReadOnlyList<int> sizes, Activation activation, Head head)
        : this([new(LogitsOf(sizes, activation), head)], sizes, activation)
    {
    }

    private Mlp(IReadOnlyList<Output> outputs, IReadOnlyList<int> sizes, Activation activation)
        : base(outputs)
        => (Sizes, Activation) = ([.. sizes], activation);

    /// <summary>Inputs, hidden units layer by layer, outputs.</summary>
    public IReadOnlyList<int> Sizes { get; }

    /// <summary>Applied after each hidden layer.</summary>
    public Activation Activation { get; }

    /// <summary>The number of linear layers.</summary>
    public int Layers => Sizes.Count - 1;

    /// <summary>Reads sizes written like <c>784-256-128-10</c>.</summary>
    /// <exception cref="ArgumentException">The text is not a list of sizes joined by hyphens.</exception>
    public static Mlp Parse(string sizes, Activation activation, Head head)
    {
        var numbers = sizes.Split('-').Select(part =>
            int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
                ? size
                : throw new ArgumentException($"'{sizes}' is not a network: '{part}' is not a whole number. "
                    + "Write sizes joined by hyphens, such as 784-256-128-10."));
        return new([.. numbers], activation, head);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join('-', Sizes);

    /// <summary>The outputs as a multilayer perceptron's, if they are no more than that.</summary>
    internal static Mlp? TryOf(IReadOnlyList<Output> outputs)
    {
        if (outputs is not [{ LossWeight: 1 } only])
        {
            return null;
        }

        // From the last layer to the first: linear, f, linear, …, f, linear.
        var chain = new List<Layer>();
        var signal = only.Logits;
        for (; signal.Layer is not null && signal.Inputs.Count == 1; signal = signal.Inputs[0])
        {
            chain.Add(signal.Layer);
        }

        var (linear, others) = (chain.Where((_, i) => i % 2 == 0).ToArray(), chain.Where((_, i) => i % 2 == 1).ToArray());
        var functions = others.OfType<Activate>().Select(layer => layer.Function).Distinct().ToArray();
        return signal.Layer is null && chain.Count % 2 == 1 && chain.Distinct().Count() == chain.Count && chain.All(layer => layer.Name is null)
            && linear.All(layer => layer is Linear { Bias: true }) && others.All(layer => layer is Activate) && functions.Length <= 1
            ? new(outputs, [signal.Width, .. linear.Cast<Linear>().Reverse().Select(layer => layer.Units)], functions.SingleOrDefault(
                Activation.Of(new Identity())))
            : null;
    }

    private static Signal LogitsOf(IReadOnlyList<int> sizes, Activation activation)
    {
        if (sizes.Count < 2)
        {
            throw new ArgumentException($"A network of {sizes.Count} sizes has no layer. Give inputs and outputs at least, such as 4-16-3.");
        }

        for (var i = 0; i < sizes.Count; i++)
        {
            if (sizes[i] is < 1 or > MaxUnits)
            {
                throw new ArgumentException($"Layer size {i + 1} is {sizes[i]}, outside 1 to {MaxUnits}. Correct it.");
            }
        }

        var hidden = Signal.Features(sizes[0]);
        for (var i = 1; i < sizes.Count - 1; i++)
        {
            hidden = hidden.Linear(sizes[i]).Apply(activation);
        }

        return hidden.Linear(sizes[^1]);
    }
}
