using System.Numerics;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Audit;

/// <content>
/// Checks that need no test framework: they give their findings back, or throw a <see cref="GradientAuditException"/> that names tensor,
/// element, ours, theirs and bound.
/// Where nobody can tell, as where units lie at a kink, the finding is <see cref="Verdict.Undecided"/>: it is given back, and nothing is thrown.
/// </content>
public static partial class GradientAudit
{
    /// <summary>Checks the engine's gradients of a network on a batch, which is the whole table.</summary>
    /// <param name="weights">The weights of any network.</param>
    /// <param name="batch">The batch: every row of the table.</param>
    /// <param name="engine">Threads and vector width; null for the usual ones.</param>
    /// <returns>A finding for loss, logits and every gradient.</returns>
    /// <exception cref="GradientAuditException">
    /// A tensor's verdict is against us: <see cref="Verdict.OursWorse"/> or <see cref="Verdict.ReferenceDoubtful"/>.
    /// </exception>
    /// <exception cref="ArgumentException">The batch does not fit the network, is too large for memory, or a number is not finite.</exception>
    public static IReadOnlyList<Finding> Check(Weights<float> weights, Examples<float> batch, EngineOptions? engine = null)
        => GradientAuditException.ThrowIfFaulty(Findings(Run(weights, batch, engine)));

    /// <summary>Checks an activation of your own, or one of the catalogue: its rule of differentiation, its kinks, its kernel in float.</summary>
    /// <exception cref="GradientAuditException">Rule, kernel and formula do not belong together.</exception>
    public static IReadOnlyList<Finding> Check(Activation formula) => GradientAuditException.ThrowIfFaulty(FormulaAudit.Run(formula));

    /// <summary>Checks a loss of your own, or one of the catalogue: its rule of differentiation, its kinks, its kernel in float.</summary>
    /// <exception cref="GradientAuditException">Rule, kernel and formula do not belong together.</exception>
    public static IReadOnlyList<Finding> Check(Loss formula) => GradientAuditException.ThrowIfFaulty(FormulaAudit.Run(formula));

    /// <summary>Checks an operation of your own, on an example, or any graph: its derivatives, theirs, its value in float, and its rows.</summary>
    /// <param name="example">A node of the operation, or any graph of it.</param>
    /// <param name="numbers">Numbers for its leaves, where those drawn from −1 to 1 will not do; null to draw them all.</param>
    /// <param name="seed">Of the numbers drawn.</param>
    /// <exception cref="GradientAuditException">A derivative, a float or a row is not what the operation's values say.</exception>
    public static IReadOnlyList<Finding> Check(Node example, IReadOnlyDictionary<Node, double[,]>? numbers = null, long seed = 1)
        => GradientAuditException.ThrowIfFaulty(OpAudit.Run(example, numbers, seed));

    /// <summary>Checks a backward pass written by hand against the forward pass it belongs to.</summary>
    /// <param name="forward">Fills y from x.</param>
    /// <param name="backward">Fills dx from x and dy.</param>
    /// <param name="inputs">Numbers of x.</param>
    /// <param name="outputs">Numbers of y.</param>
    /// <param name="at">The numbers of x; null to draw them from U(−1, 1).</param>
    /// <param name="seed">Of the numbers drawn.</param>
    /// <typeparam name="T">float or double.</typeparam>
    /// <exception cref="GradientAuditException">A gradient is not the slope of forward.</exception>
    public static IReadOnlyList<Finding> Check<T>(
        ForwardOf<T> forward, BackwardOf<T> backward, int inputs, int outputs, double[]? at = null, long seed = 1)
        where T : unmanaged, IFloatingPointIeee754<T>
        => CheckSpans<T>((x, y) => forward(x[0], y), (x, dy, dx) => backward(x[0], dy, dx[0]), [inputs], outputs, at, seed);

    /// <summary>Checks a backward pass of two tensors, written by hand, against the forward pass it belongs to.</summary>
    /// <param name="forward">Fills y from x and w.</param>
    /// <param name="backward">Fills dx and dw from x, w and dy.</param>
    /// <param name="inputs">Numbers of x and of w.</param>
    /// <param name="outputs">Numbers of y.</param>
    /// <param name="at">The numbers of x, then of w; null to draw them from U(−1, 1).</param>
    /// <param name="seed">Of the numbers drawn.</param>
    /// <typeparam name="T">float or double.</typeparam>
    /// <exception cref="GradientAuditException">A gradient is not the slope of forward.</exception>
    public static IReadOnlyList<Finding> Check<T>(
        ForwardOfTwo<T> forward, BackwardOfTwo<T> backward, (int X, int W) inputs, int outputs, double[]? at = null, long seed = 1)
        where T : unmanaged, IFloatingPointIeee754<T>
        => CheckSpans<T>(
            (x, y) => forward(x[0], x[1], y), (x, dy, dx) => backward(x[0], x[1], dy, dx[0], dx[1]), [inputs.X, inputs.W], outputs, at, seed);

    /// <summary>Checks a backward pass of three tensors, written by hand, against the forward pass it belongs to.</summary>
    /// <param name="forward">Fills y from x, w and b.</param>
    /// <param name="backward">Fills dx, dw and db from x, w, b and dy.</param>
    /// <param name="inputs">Numbers of x, of w and of b.</param>
    /// <param name="outputs">Numbers of y.</param>
    /// <param name="at">The numbers of x, then of w, then of b; null to draw them from U(−1, 1).</param>
    /// <param name="seed">Of the numbers drawn.</param>
    /// <typeparam name="T">float or double.</typeparam>
    /// <exception cref="GradientAuditException">A gradient is not the slope of forward.</exception>
    public static IReadOnlyList<Finding> Check<T>(
        ForwardOfThree<T> forward, BackwardOfThree<T> backward, (int X, int W, int B) inputs, int outputs, double[]? at = null, long seed = 1)
        where T : unmanaged, IFloatingPointIeee754<T>
        => CheckSpans<T>(
            (x, y) => forward(x[0], x[1], x[2], y), (x, dy, dx) => backward(x[0], x[1], x[2], dy, dx[0], dx[1], dx[2]),
            [inputs.X, inputs.W, inputs.B], outputs, at, seed);

    private static IReadOnlyList<Finding> CheckSpans<T>(
        Action<T[][], T[]> forward, Action<T[][], T[], T[][]> backward, int[] sizes, int outputs, double[]? at, long seed)
        where T : unmanaged, IFloatingPointIeee754<T>
        => GradientAuditException.ThrowIfFaulty(new SpanAudit<T>(forward, backward, sizes, outputs, at, seed).Run());

    /// <summary>A finding for each tensor.</summary>
    internal static IReadOnlyList<Finding> Findings(GradientReport report)
        => [.. report.Tensors.Select(t => Finding.Of(t, "network", report.Network, $"{t.Name} in float32 against float64"))];
}
