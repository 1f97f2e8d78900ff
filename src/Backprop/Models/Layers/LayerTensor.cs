namespace Backprop.Models.Layers;

/// <summary>How a tensor lies in PyTorch's state dict, and so in <see cref="Weights{T}"/>, compared with the matrix of the graph.</summary>
public enum TensorLayout
{
    /// <summary>One number for each column: [n], a row of the graph.</summary>
    Vector,

    /// <summary>[out][in], where the graph multiplies by [in][out].</summary>
    Transposed,

    /// <summary>[rows][columns], as in the graph.</summary>
    AsIs,
}

/// <summary>A tensor that a layer keeps.</summary>
/// <param name="Name">The last part of its name, such as <c>weight</c>.</param>
/// <param name="Rows">Rows in PyTorch's layout; 1 for a vector.</param>
/// <param name="Columns">Columns in PyTorch's layout.</param>
/// <param name="Layout">How it lies.</param>
/// <param name="Initial">Draws its first numbers; null for as the network's biases are drawn if it is a vector, else as its weights are.</param>
public sealed record LayerTensor(string Name, int Rows, int Columns, TensorLayout Layout, Initializer? Initial)
{
    /// <summary>Whether it is learned; false for statistics that training gathers.</summary>
    public bool Learned { get; init; } = true;

    /// <summary>The inputs of a unit, that initial weights are scaled by.</summary>
    public int FanIn { get; init; } = Columns;

    /// <summary>The units an input goes to.</summary>
    public int FanOut { get; init; } = Rows;
}
