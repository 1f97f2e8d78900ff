using System.Text.Json.Serialization;
using Backprop.Graph;

namespace Backprop.Models.Layers;

/// <summary>A piece of a network: what it makes of values with a row for each example, and the numbers it learns.</summary>
/// <remarks>
/// A layer applied twice is one layer: both uses share its weights, like a module of PyTorch that is called twice. A layer of another
/// assembly trains and scores like those here, but is not saved with a network: its weights are.
/// </remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "layer")]
[JsonDerivedType(typeof(Linear), "linear")]
[JsonDerivedType(typeof(Activate), "activate")]
[JsonDerivedType(typeof(Sum), "sum")]
[JsonDerivedType(typeof(Product), "product")]
[JsonDerivedType(typeof(MemberMean), "memberMean")]
[JsonDerivedType(typeof(Columns), "columns")]
[JsonDerivedType(typeof(Concatenation), "concatenation")]
[JsonDerivedType(typeof(PRelu), "prelu")]
[JsonDerivedType(typeof(Maxout), "maxout")]
[JsonDerivedType(typeof(RadialBasis), "radialBasis")]
[JsonDerivedType(typeof(Dropout), "dropout")]
[JsonDerivedType(typeof(LayerNorm), "layerNorm")]
[JsonDerivedType(typeof(BatchNorm), "batchNorm")]
[JsonDerivedType(typeof(Scale), "scale")]
[JsonDerivedType(typeof(Embedding), "embedding")]
[JsonDerivedType(typeof(RobustScale), "robustScale")]
[JsonDerivedType(typeof(PiecewiseLinearEncoding), "piecewiseLinearEncoding")]
public abstract class Layer
{
    private string? givenName;

    /// <summary>Begins the names of the layer's tensors, as in <c>encoder.weight</c>; null for its position, as in PyTorch's <c>nn.Sequential</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get => givenName; init => givenName = value; }

    /// <summary>The fewest rows of a batch that it can be trained on.</summary>
    [JsonIgnore]
    public virtual int LeastRows => 1;

    /// <summary>Whether a missing number, a NaN, may be among its inputs: what it makes of one is finite.</summary>
    [JsonIgnore]
    public virtual bool TakesMissing => false;

    /// <summary>Whether its only input may be features given as their non-zeros.</summary>
    [JsonIgnore]
    public virtual bool TakesSparse => false;

    /// <summary>How many columns the result has.</summary>
    /// <param name="inputs">The columns of each input.</param>
    /// <exception cref="ArgumentException">The inputs do not fit the layer.</exception>
    public abstract int ColumnsOf(IReadOnlyList<int> inputs);

    /// <summary>The numbers the layer keeps for inputs of those columns, in the order in which PyTorch initialises them.</summary>
    public virtual IReadOnlyList<LayerTensor> TensorsOf(IReadOnlyList<int> inputs) => [];

    /// <summary>Writes the layer as graph nodes.</summary>
    /// <param name="inputs">Its inputs.</param>
    /// <param name="tensors">Its tensors, in the order of <see cref="TensorsOf"/>.</param>
    /// <param name="mode">Whether the graph is one for training, and what it notes beside the nodes.</param>
    public abstract Node Build(IReadOnlyList<Node> inputs, IReadOnlyList<Node> tensors, GraphMode mode);

    /// <summary>What the layer does, in a word or two, such as <c>linear 128</c>.</summary>
    public abstract override string ToString();

    /// <summary>The same layer under another name, with tensors of its own.</summary>
    internal Layer Named(string name)
    {
        var copy = (Layer)MemberwiseClone();
        copy.givenName = name;
        return copy;
    }

    /// <summary>The value, if it is in bounds.</summary>
    protected TValue Check<TValue>(TValue value, bool holds, string name, string bound)
        => holds ? value : throw new ArgumentException(FormattableString.Invariant($"{name} of a {GetType().Name} layer is {value}, not {bound}. Correct it."));

    /// <summary>The columns of the only input.</summary>
    protected int Only(IReadOnlyList<int> inputs) => inputs is [var columns]
        ? columns
        : throw new ArgumentException($"A {GetType().Name} layer takes one input, not {inputs.Count}. Join them first, by a sum or a concatenation.");
}
