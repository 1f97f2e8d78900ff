using System.Numerics;

namespace Backprop.Audit;

/// <summary>Computes outputs of one tensor.</summary>
/// <param name="x">The inputs.</param>
/// <param name="y">Filled: the outputs.</param>
/// <typeparam name="T">float or double.</typeparam>
public delegate void ForwardOf<T>(ReadOnlySpan<T> x, Span<T> y) where T : unmanaged, IFloatingPointIeee754<T>;

/// <summary>Computes outputs of two tensors, such as features and weights.</summary>
/// <param name="x">The first tensor.</param>
/// <param name="w">The second.</param>
/// <param name="y">Filled: the outputs.</param>
/// <typeparam name="T">float or double.</typeparam>
public delegate void ForwardOfTwo<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> w, Span<T> y) where T : unmanaged, IFloatingPointIeee754<T>;

/// <summary>Computes outputs of three tensors, such as features, weights and biases.</summary>
/// <param name="x">The first tensor.</param>
/// <param name="w">The second.</param>
/// <param name="b">The third.</param>
/// <param name="y">Filled: the outputs.</param>
/// <typeparam name="T">float or double.</typeparam>
public delegate void ForwardOfThree<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> w, ReadOnlySpan<T> b, Span<T> y) where T : unmanaged, IFloatingPointIeee754<T>;

/// <summary>Computes the gradient of a scalar with respect to one tensor, from that with respect to the outputs.</summary>
/// <param name="x">The inputs.</param>
/// <param name="dy">The scalar's gradient with respect to the outputs.</param>
/// <param name="dx">Filled, or added to: it is 0 before. The gradient with respect to the inputs.</param>
/// <typeparam name="T">float or double.</typeparam>
public delegate void BackwardOf<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> dy, Span<T> dx) where T : unmanaged, IFloatingPointIeee754<T>;

/// <summary>Computes the gradients of a scalar with respect to two tensors, from that with respect to the outputs.</summary>
/// <param name="x">The first tensor.</param>
/// <param name="w">The second.</param>
/// <param name="dy">The scalar's gradient with respect to the outputs.</param>
/// <param name="dx">Filled, or added to: it is 0 before. The gradient with respect to the first.</param>
/// <param name="dw">Likewise: with respect to the second.</param>
/// <typeparam name="T">float or double.</typeparam>
public delegate void BackwardOfTwo<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> w, ReadOnlySpan<T> dy, Span<T> dx, Span<T> dw)
    where T : unmanaged, IFloatingPointIeee754<T>;

/// <summary>Computes the gradients of a scalar with respect to three tensors, from that with respect to the outputs.</summary>
/// <param name="x">The first tensor.</param>
/// <param name="w">The second.</param>
/// <param name="b">The third.</param>
/// <param name="dy">The scalar's gradient with respect to the outputs.</param>
/// <param name="dx">Filled, or added to: it is 0 before. The gradient with respect to the first.</param>
/// <param name="dw">Likewise: with respect to the second.</param>
/// <param name="db">Likewise: with respect to the third.</param>
/// <typeparam name="T">float or double.</typeparam>
public delegate void BackwardOfThree<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> w, ReadOnlySpan<T> b, ReadOnlySpan<T> dy, Span<T> dx, Span<T> dw, Span<T> db)
    where T : unmanaged, IFloatingPointIeee754<T>;
