using System.Numerics;
using Backprop.Kernels;

namespace Backprop.Graph;

/// <summary>An operation of a computational graph: its shape, its rule of differentiation and its kernel on one page.</summary>
internal abstract class Op
{
    /// <summary>The operation's name.</summary>
    public virtual string Name => GetType().Name;

    /// <summary>Operations whose identities are equal give equal results of equal inputs, so that one of them need not run.</summary>
    internal virtual object Identity => this;

    /// <summary>Whether an input's numbers are used; one that is not need not be kept for it.</summary>
    public virtual bool Reads(int input) => true;

    /// <summary>The result's shape.</summary>
    /// <exception cref="ArgumentException">The inputs' shapes do not fit.</exception>
    public abstract Shape ShapeOf(IReadOnlyList<Shape> inputs);

    /// <summary>∂z/∂input, given gradient = ∂z/∂node: the book's op.bprop(inputs, X, D) as graph nodes; null where it is 0.</summary>
    public abstract Node? Bprop(Node node, int input, Node gradient);

    /// <summary>The work that computes the result from the inputs.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="inputs">The inputs' values.</param>
    /// <param name="result">The result's place.</param>
    /// <param name="batch">Whether the rows of the batch are what the result has a row for, or what is added up.</param>
    public abstract Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>Says that a shape does not fit.</summary>
    protected ArgumentException Mismatch(string expectation, IReadOnlyList<Shape> inputs)
        => new($"{Name} takes {expectation}, not {string.Join(" and ", inputs)}. Correct the shapes.");
}

/// <summary>An operation that has a value of its own instead of computing one.</summary>
internal abstract class Leaf : Op
{
    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => throw new NotSupportedException($"{Name} is a leaf: its shape is given.");

    public override Node Bprop(Node node, int input, Node gradient) => throw new NotSupportedException($"{Name} is a leaf: it has no inputs.");

    public override Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        => throw new NotSupportedException($"{Name} is a leaf: there is nothing to run.");
}
