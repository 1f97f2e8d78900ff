using System.Numerics;
using Backprop.Kernels;

namespace Backprop.Graph;

/// <summary>An operation of a computational graph: its shape, its value and its rule of differentiation.</summary>
/// <remarks>To add one, derive from <see cref="CustomOp"/>; for a function of elements, write an <see cref="Formulas.IFormula"/> instead.</remarks>
public abstract class Op
{
    private protected Op()
    {
    }

    /// <summary>The operation's name.</summary>
    public virtual string Name => GetType().Name;

    /// <summary>Operations whose identities are equal give equal results of equal inputs, so that one of them need not run.</summary>
    internal virtual object Identity => this;

    /// <summary>Whether each row of a result with the batch's rows depends on no other row of the inputs.</summary>
    internal virtual bool IsByRow => true;

    /// <summary>Whether an input's numbers are used; one that is not need not be kept for it.</summary>
    public virtual bool Reads(int input) => true;

    /// <summary>The result's shape.</summary>
    /// <exception cref="ArgumentException">The inputs' shapes do not fit.</exception>
    public abstract Shape ShapeOf(IReadOnlyList<Shape> inputs);

    /// <summary>The book's op.bprop(inputs, X, D): ∂z/∂X for a scalar z, as graph nodes, so that it can be differentiated again.</summary>
    /// <param name="node">A node of this operation: its inputs, and its value.</param>
    /// <param name="input">Which of its inputs X is.</param>
    /// <param name="gradient">D = ∂z/∂node, of the node's shape.</param>
    /// <returns>A node of X's shape; null where it is 0.</returns>
    public abstract Node? Bprop(Node node, int input, Node gradient);

    /// <summary>The work that computes the result from the inputs.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="inputs">The inputs' values.</param>
    /// <param name="result">The result's place.</param>
    /// <param name="batch">Whether the rows of the batch are what the result has a row for, or what is added up.</param>
    internal virtual Step<T> Run<T>(Kernels<T> kernels, IReadOnlyList<Panels<T>> inputs, Panels<T> result, bool batch)
        where T : unmanaged, IFloatingPointIeee754<T>
        => throw new NotSupportedException($"{Name} has a value of its own: there is nothing to run.");

    /// <summary>Says that a shape does not fit.</summary>
    /// <param name="expectation">What the operation takes, as "m × k and k × n".</param>
    /// <param name="inputs">What it was given.</param>
    protected ArgumentException Mismatch(string expectation, IReadOnlyList<Shape> inputs)
        => new($"{Name} takes {expectation}, not {string.Join(" and ", inputs)}. Correct the shapes.");
}

/// <summary>An operation that has a value of its own instead of computing one.</summary>
internal abstract class Leaf : Op
{
    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => throw new NotSupportedException($"{Name} is a leaf: its shape is given.");

    public override Node Bprop(Node node, int input, Node gradient) => throw new NotSupportedException($"{Name} is a leaf: it has no inputs.");
}
