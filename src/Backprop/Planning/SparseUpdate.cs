namespace Backprop.Planning;

/// <summary>Which first-layer weights a step on sparse features updates; with plain SGD both are the same.</summary>
public enum SparseUpdate
{
    /// <summary>All of them, as with dense features, bit for bit: where there is memory of earlier gradients it moves weights at every step.</summary>
    Dense,

    /// <summary>
    /// Those of features that some row of the batch has: the others keep weight and memory as they are, and a step costs what its
    /// non-zeros cost. Adam is then PyTorch's SparseAdam for these weights, and momentum decays only at the steps that touch it.
    /// </summary>
    Lazy,
}
