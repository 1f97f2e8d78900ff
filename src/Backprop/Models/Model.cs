using Backprop.Graph;
using Backprop.Models.Layers;

namespace Backprop.Models;

/// <summary>What one head of a network is given: a signal, and how much its loss counts.</summary>
/// <param name="Logits">The head's logits.</param>
/// <param name="Head">The task.</param>
/// <param name="LossWeight">What its loss is multiplied by before the losses are added: a finite number, 0 or above.</param>
public sealed record Output(Signal Logits, Head Head, double LossWeight = 1)
{
    /// <summary>
    /// The logits that have a loss each in training, whose mean is the head's: those of a <see cref="MemberMean"/>'s members, or the only ones.
    /// </summary>
    public IReadOnlyList<Signal> Trained => Logits.Layer is MemberMean ? Logits.Inputs : [Logits];
}

/// <summary>The description of a network: layers from a row's features to the logits of one or several heads.</summary>
public partial class Model
{
    /// <summary>The most units a layer may have: more is a typing mistake far more often than a wish.</summary>
    public const int MaxUnits = 1 << 20;

    /// <summary>The most weights a network may have: with its optimizer's states they must fit one buffer.</summary>
    public const long MaxParameters = 1 << 28;

    // An array: batches look at it without allocating.
    private readonly Output[] outputs;
    private readonly bool[]? takesMissing;

    private protected Model(IReadOnlyList<Output> outputs)
    {
        this.outputs = outputs.Count > 0 ? [.. outputs] : throw new ArgumentException("A network without a head learns nothing. Give one at least.");
        foreach (var output in HeadOutputs)
        {
            output.Head.RequireOutputs(output.Logits.Width);
            if (!(output.LossWeight >= 0 && double.IsFinite(output.LossWeight)))
            {
                throw new ArgumentException(FormattableString.Invariant(
                    $"{nameof(Output.LossWeight)} of a {output.Head} head is {output.LossWeight}, not a finite number, 0 or above. Correct it."));
            }
        }

        Signals = Order([.. HeadOutputs.Select(output => output.Logits)]);
        Inputs = Signals[0].Width;
        Outputs = HeadOutputs.Sum(output => output.Logits.Width);
        Targets = HeadOutputs.Sum(output => output.Head.TargetColumns(output.Logits.Width));
        NamedLayers = Owners(Signals);
        LeastRows = NamedLayers.Select(layer => layer.First.Layer!.LeastRows).DefaultIfEmpty(1).Max();
        var tensors = new List<LayerTensor>();
        foreach (var (name, first) in NamedLayers)
        {
            tensors.AddRange(TensorsOf(first).Select(tensor => tensor with { Name = $"{name}.{tensor.Name}" }));
        }

        LayerTensors = tensors;
        takesMissing = MissingFeatures.Of(this);
        Parameters = tensors.Where(tensor => tensor.Learned).Sum(tensor => (long)tensor.Rows * tensor.Columns);
        var numbers = tensors.Sum(tensor => (long)tensor.Rows * tensor.Columns);
        if (numbers > MaxParameters)
        {
            throw new ArgumentException($"The network {Description} has {numbers} weights, more than {MaxParameters}. Make its largest layers smaller.");
        }
    }

    /// <summary>The heads and what each is given.</summary>
    public IReadOnlyList<Output> HeadOutputs => outputs;

    /// <summary>The task of a network that has one.</summary>
    /// <exception cref="InvalidOperationException">It has several.</exception>
    public Head Head => HeadOutputs is [var only]
        ? only.Head
        : throw new InvalidOperationException($"The network has {HeadOutputs.Count} heads. Look at {nameof(HeadOutputs)}.");

    /// <summary>The number of features of a row.</summary>
    public int Inputs { get; }

    /// <summary>The number of logits of a row, those of all heads side by side.</summary>
    public int Outputs { get; }

    /// <summary>The number of targets of a row, those of all heads side by side.</summary>
    public int Targets { get; }

    /// <summary>The number of weights and biases that are learned.</summary>
    public long Parameters { get; }

    /// <summary>Each layer once: the name that its tensors begin with, and its first result.</summary>
    public IReadOnlyList<(string Name, Signal First)> NamedLayers { get; }

    /// <summary>Every signal after its inputs, the features first.</summary>
    public IReadOnlyList<Signal> Signals { get; }

    /// <summary>The fewest rows of a batch that it can be trained on: 2 where batches are normalised.</summary>
    internal int LeastRows { get; }

    /// <summary>The tensors of all layers under their whole names, in the order in which their first numbers are drawn.</summary>
    internal IReadOnlyList<LayerTensor> LayerTensors { get; }

    /// <summary>The first result of a layer.</summary>
    /// <param name="layer">The layer's name: what the names of its tensors begin with.</param>
    /// <exception cref="ArgumentException">There is no such layer; the message lists those there are.</exception>
    public Signal SignalOf(string layer) => NamedLayers.FirstOrDefault(named => named.Name == layer).First
        ?? throw new ArgumentException($"There is no layer '{layer}'. "
            + $"Choose one of: {string.Join(", ", NamedLayers.Select(named => $"{named.Name} ({named.First.Layer})"))}.");

    /// <summary>Whether a row may lack that feature (NaN, or infinite): all that it goes to are layers that know what to do then.</summary>
    /// <param name="feature">From 0.</param>
    public virtual bool TakesMissing(int feature) => takesMissing is not null && takesMissing[feature];

    /// <summary>Whether rows may be given as their non-zeros: every layer that reads features takes that.</summary>
    public bool TakesSparse => HeadOutputs.All(output => output.Logits.Layer is not null)
        && Signals.All(signal => !signal.Inputs.Contains(Signals[0]) || signal.Layer!.TakesSparse);

    /// <summary>Describes a network with one head.</summary>
    /// <param name="logits">What the head is given.</param>
    /// <param name="head">The task.</param>
    /// <exception cref="ArgumentException">The logits do not fit the head, or the network is too large.</exception>
    public static Model Of(Signal logits, Head head) => Of(new Output(logits, head));

    /// <summary>Describes a network with one or several heads, whose losses are added and whose outputs and targets lie side by side.</summary>
    /// <param name="outputs">The heads.</param>
    /// <exception cref="ArgumentException">Logits do not fit their head, they come from different features, or the network is too large.</exception>
    public static Model Of(params IReadOnlyList<Output> outputs) => Mlp.TryOf(outputs) ?? new Model(outputs);

    /// <summary>The network as a plain multilayer perceptron.</summary>
    /// <exception cref="ArgumentException">It is more than that.</exception>
    public Mlp ToMlp() => this as Mlp
        ?? throw new ArgumentException($"The network {this} is not a plain multilayer perceptron (linear layers, one activation between them, one head). "
            + "Give one.");

    /// <inheritdoc/>
    public override string ToString() => Description;

    /// <summary>The number, if a layer may have as many units.</summary>
    internal static int CheckUnits(long units, string where) => units is >= 1 and <= MaxUnits
        ? (int)units
        : throw new ArgumentException($"{where} has {units} columns, outside 1 to {MaxUnits}. Correct it.");

    /// <summary>Writes the network as a graph.</summary>
    /// <param name="training">Whether layers that behave differently in training do so.</param>
    /// <param name="sparse">Whether features are sparse.</param>
    /// <param name="shared">The tensors of another graph of this network to use, or null for new ones.</param>
    internal ModelGraph ToGraph(bool training, bool sparse = false, IReadOnlyList<Node>? shared = null)
    {
        var mode = new GraphMode(training);
        var tensors = shared ?? [.. LayerTensors.Select(NodeOf)];
        // Of each layer; a running place, as adding up all before it would cost the square of the depth.
        var (own, place) = (new Dictionary<Layer, Node[]>(), 0);
        foreach (var (_, owner) in NamedLayers)
        {
            var count = TensorsOf(owner).Count;
            own[owner.Layer!] = [.. Enumerable.Range(place, count).Select(i => tensors[i])];
            place += count;
        }

        var values = new Dictionary<Signal, Node> { [Signals[0]] = Node.Input("input", Inputs, sparse) };
        foreach (var signal in Signals.Skip(1))
        {
            var result = signal.Layer!.Build([.. signal.Inputs.Select(input => values[input])], own[signal.Layer!], mode);
            values[signal] = result.Shape.IsBatch && result.Shape.Columns == signal.Width
                ? result
                : throw new InvalidOperationException($"The layer {signal.Layer} builds {result}, not the batch × {signal.Width} it announced. "
                    + "Mend its Build or its ColumnsOf.");
        }

        var exampleWeight = Node.Input("exampleWeight", 1);
        var heads = HeadOutputs.Select(output =>
        {
            var target = Node.Input("target", output.Head.TargetColumns(output.Logits.Width));
            var trained = training ? output.Trained : [output.Logits];
            return new HeadGraph(
                target, values[output.Logits], [.. trained.Select(logits => output.Head.Loss(values[logits], target, exampleWeight))]);
        }).ToArray();
        var losses = heads.Zip(HeadOutputs, (head, output) =>
        {
            var (sum, weight) = (head.Losses.Aggregate((sum, loss) => sum + loss), output.LossWeight / head.Losses.Count);
            return weight == 1 ? sum : sum * Node.Constant(weight, Shape.Scalar);
        });
        return new(
            values[Signals[0]], exampleWeight, heads, losses.Aggregate((sum, loss) => sum + loss), tensors,
            [.. tensors.Zip(LayerTensors).Where(pair => pair.Second.Learned).Select(pair => pair.First)], values, mode);
    }

    private string Description
    {
        get
        {
            var chain = Signals.Skip(1).Zip(Signals).All(pair => pair.First.Inputs is [var input] && input == pair.Second);
            var words = Signals.Skip(1).Select(signal => signal.Layer!.ToString());
            return chain ? $"{Inputs} → {string.Join(" → ", words)}" : $"of {Inputs} features and {Signals.Count - 1} layers";
        }
    }

    private static Node NodeOf(LayerTensor tensor)
    {
        var (rows, columns) = tensor.Layout == TensorLayout.Transposed ? (tensor.Columns, tensor.Rows) : (tensor.Rows, tensor.Columns);
        return tensor.Learned ? Node.Parameter(tensor.Name, rows, columns) : Node.State(tensor.Name, rows, columns);
    }

    private static IReadOnlyList<LayerTensor> TensorsOf(Signal signal)
        => signal.Layer!.TensorsOf([.. signal.Inputs.Select(input => input.Width)]);

    /// <summary>Every signal after its inputs; a network's first is its features.</summary>
    internal static List<Signal> Order(IReadOnlyList<Signal> logits)
    {
        var order = new List<Signal>();
        var seen = new HashSet<Signal>();
        var pending = new Stack<(Signal Signal, bool Expanded)>(logits.Reverse().Select(signal => (signal, false)));
        while (pending.TryPop(out var top))
        {
            if (top.Expanded)
            {
                order.Add(top.Signal);
            }
            else if (seen.Add(top.Signal))
            {
                pending.Push((top.Signal, true));
                foreach (var input in top.Signal.Inputs.Reverse())
                {
                    pending.Push((input, false));
                }
            }
        }

        return order.Count(signal => signal.Layer is null) == 1
            ? order
            : throw new ArgumentException("A network begins with the features of one table, but these layers begin with several. "
                + "Use one Signal.Features for all.");
    }

    /// <summary>The first use of each layer, and the name that its tensors begin with.</summary>
    private static List<(string Name, Signal First)> Owners(IReadOnlyList<Signal> signals)
    {
        // Positions as in a nn.Sequential that lists every use.
        var position = new Dictionary<Signal, int>();
        foreach (var signal in signals)
        {
            position[signal] = position.Count - 1;
        }

        var uses = signals.Skip(1).GroupBy(signal => signal.Layer!).ToList();
        foreach (var use in uses.Where(use => use.Count() > 1))
        {
            var shapes = use.Select(TensorsOf).ToList();
            if (shapes.Any(shape => !shape.Select(t => (t.Rows, t.Columns)).SequenceEqual(shapes[0].Select(t => (t.Rows, t.Columns)))))
            {
                var columns = string.Join(" and ", use.Select(signal => signal.Inputs[0].Width).Distinct());
                throw new ArgumentException($"The layer {use.Key} is used for inputs of {columns} columns, so its uses cannot share weights. "
                    + "Make them alike, or use two layers.");
            }
        }

        var names = uses.Select(use => (use.Key.Name ?? $"{position[use.First()]}", use.First())).ToList();
        var different = new HashSet<string>();
        foreach (var (name, _) in names)
        {
            if (!different.Add(name))
            {
                throw new ArgumentException($"Two layers are named '{name}'. Give each a name of its own.");
            }
        }

        return names;
    }
}
