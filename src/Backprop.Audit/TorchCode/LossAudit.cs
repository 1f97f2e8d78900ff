using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Models;
using Backprop.Planning;
using Backprop.Torch;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>Holds a loss of TorchSharp's, or of your own made on it, to the loss of a head, or to a formula: value and gradient, in double.</summary>
public static class LossAudit
{
    private const int Rows = 6;

    // Theirs may take twice as many operations as the formula, and ours errs as well.
    private const double Allowance = 4;

    /// <summary>Compares the loss of a head.</summary>
    /// <param name="theirs">The loss, a scalar, of rows × outputs and the targets: rows × targets in double, or class numbers (rows, int64).</param>
    /// <param name="ours">The head.</param>
    /// <param name="outputs">The outputs, rows × columns; null to draw them from U(−1, 1).</param>
    /// <param name="targets">The targets, rows × columns; null to draw what the head takes.</param>
    /// <param name="seed">Of the numbers drawn.</param>
    public static IReadOnlyList<Finding> Run(
        Func<Tensor, Tensor, Tensor> theirs, Head ours, double[,]? outputs = null, double[,]? targets = null, long seed = 1)
    {
        var columns = outputs?.GetLength(1) ?? Enumerable.Range(1, 8).Where(ours.Allows).Last(count => count <= 4 || !ours.Allows(4));
        var drawn = RandomBatch.Of(new Mlp([columns, columns], Activation.Of(new Identity()), ours), outputs?.GetLength(0) ?? Rows, seed);
        return Run(
            theirs, ours.ToString(), ours.ClassLabels,
            outputs ?? Doubles.Matrix<double>(Doubles.Of<float>(drawn.Features), columns),
            targets ?? Doubles.Matrix<double>(Doubles.Of<float>(drawn.Targets), ours.TargetColumns(columns)),
            (z, t) => ours.Loss(z, t, Node.Constant(1, z.Shape with { Columns = 1 })));
    }

    /// <summary>Compares the mean of a formula.</summary>
    /// <param name="theirs">The loss, a scalar, of rows × outputs and of as many targets.</param>
    /// <param name="ours">The formula.</param>
    /// <param name="outputs">The outputs, rows × columns; null to draw them from U(−1, 1).</param>
    /// <param name="targets">The targets, rows × columns; null to draw them from U(0, 1).</param>
    /// <param name="seed">Of the numbers drawn.</param>
    public static IReadOnlyList<Finding> Run(
        Func<Tensor, Tensor, Tensor> theirs, Loss ours, double[,]? outputs = null, double[,]? targets = null, long seed = 1)
    {
        var (rows, columns) = (outputs?.GetLength(0) ?? Rows, outputs?.GetLength(1) ?? 4);
        var random = new TorchRandom(seed);
        var (z, t) = (new double[rows * columns], new double[rows * columns]);
        random.FillUniform<double>(z, -1, 1);
        random.FillUniform<double>(t, 0, 1);
        return Run(
            theirs, ours.Name, false, outputs ?? Doubles.Matrix<double>(z, columns), targets ?? Doubles.Matrix<double>(t, columns),
            (output, target) => Node.MeanLoss(ours, output, target));
    }

    private static IReadOnlyList<Finding> Run(
        Func<Tensor, Tensor, Tensor> theirs, string name, bool classes, double[,] outputs, double[,] targets, Func<Node, Node, Node> loss)
    {
        var (z, t) = (Node.Input("z", outputs.GetLength(1)), Node.Input("t", targets.GetLength(1)));
        var value = loss(z, t);
        var slope = Gradient.Build(value, [z])[0];
        using var numbers = new Numbers<double>(new() { Threads = 1 }) { [z] = outputs, [t] = targets };
        double[][] ours = [.. numbers.Values([value, slope]).Select(Doubles.Of)];
        var bounds = new BoundedGraph([value, slope], leaf => Doubles.Of(leaf == z ? outputs : targets), outputs.GetLength(0));
        var (scalar, gradient) = Theirs(theirs, outputs, targets, classes);

        static double[] Allowed(BoundedMatrix exact) => Array.ConvertAll(exact.Numbers, x => Allowance * x.ErrorIn(Bounded.Double));
        Finding Judged(string tensor, int columns, double[] our, double[] their, Node node) => (ReferenceCheck.Tensor(
            tensor, columns, our, their, bounds[node].Values, Allowed(bounds[node])) with
        {
            TheirBounds = Allowed((bounds.OfTheirs ?? bounds)[node]),
            Audited = Party.Theirs,
            TheirName = "TorchSharp",
            ReferenceName = $"plain loops of {name}",
        }).Judge("loss", name, $"{tensor} of TorchSharp's against {name}");

        return [Judged("loss", 1, ours[0], [scalar], value), Judged("dz", outputs.GetLength(1), ours[1], gradient, slope)];
    }

    private static (double Loss, double[] Gradient) Theirs(Func<Tensor, Tensor, Tensor> loss, double[,] outputs, double[,] targets, bool classes)
    {
        TorchLibrary.EnsureLoaded();
        using var scope = NewDisposeScope();
        var z = tensor(outputs, ScalarType.Float64).requires_grad_();
        var given = tensor(targets, ScalarType.Float64);
        var value = loss(z, classes ? given.squeeze(1).to(ScalarType.Int64) : given);
        if (value.numel() != 1)
        {
            throw new ArgumentException($"The loss has {value.numel()} elements, not 1. Reduce it to a scalar, as its mean.");
        }

        if (value.requires_grad)
        {
            value.backward();
        }

        return (value.to(ScalarType.Float64).item<double>(), z.grad is { } gradient ? Doubles.Of(gradient) : new double[outputs.Length]);
    }
}
