using System.Numerics;
using Backprop.Formulas;
using Backprop.Kernels;

namespace Backprop.Tests.Kernels;

/// <summary>
/// Products, sparse rows among them, and losses at every size from 0 to 67 are the naive loop in double, elementwise work is that of scalar code; none reads
/// outside its operands or writes outside its result.
/// </summary>
public class SizesTests
{
    private const int Largest = 67;

    public static TheoryData<int> Widths => [512, 256, 128, 0];

    [Theory, MemberData(nameof(Widths))]
    public void ProductsAreTheNaiveLoopAtEverySize(int bits)
    {
        Products<float>(bits, 24);
        Products<double>(bits, 53);
    }

    private static void Products<T>(int bits, int precision) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var kernels = Kernels<T>.Of(bits);
        for (var n = 0; n <= Largest; n++)
        {
            foreach (var (rows, k, columns) in new[] { (n, 19, 35), (9, n, 17), (6, 21, n), (n, n, n), (1, n, 67), (3, 128 + n - 33, 5), (1, 5, 100 + n) })
            {
                var where = $"{typeof(T).Name}, {rows} × {k} × {columns} at {bits} bits";
                var (a, b, bias, c) = (new Fenced<T>(rows, k, 1), new Fenced<T>(k, columns, 2), new Fenced<T>(1, columns, 3), new Fenced<T>(rows, columns, 4));
                for (var panel = 0; panel < c.Panels.Count; panel++)
                {
                    kernels.ProductRows(a.Panels, b.Panels, ref c.Panels.Start.At(c.Panels.PanelOffset(panel)), panel, 0, rows, bias.Panels);
                }

                AssertSums(c, k, precision, (r, j, i) => (a[r, i], b[i, j]), (_, j) => bias[0, j], $"A · B + bias, {where}");
                for (var row = 0; row < rows; row++)
                {
                    var alone = new Fenced<T>(rows, columns, 5);
                    kernels.ProductRow(a.Panels, b.Panels, alone.Panels, row, bias.Panels);
                    alone.AssertFence($"A · B of row {row}, {where}");
                    var sparse = new Fenced<T>(rows, columns, 8);
                    T[] numbers = [.. Enumerable.Range(0, k).Select(i => a[row, i])];
                    for (var panel = 0; panel < sparse.Panels.Count; panel++)
                    {
                        ref var place = ref sparse.Panels[row, panel * Panels<T>.Width];
                        kernels.SparseProductRow(new([.. Enumerable.Range(0, k)], numbers), b.Panels, ref place, panel, bias.Panels);
                    }

                    sparse.AssertFence($"A · B of sparse row {row}, {where}");
                    for (var j = 0; j < columns; j++)
                    {
                        Assert.True(c[row, j].Equals(alone[row, j]), $"A · B of row {row} alone, column {j}, {where}");
                        Assert.True(c[row, j].Equals(sparse[row, j]), $"A · B of sparse row {row}, column {j}, {where}");
                    }
                }

                var at = new Fenced<T>(k, rows, 6);
                for (var panel = 0; panel < c.Panels.Count; panel++)
                {
                    kernels.ProductColumns(at.Panels, b.Panels, ref c.Panels.Start.At(c.Panels.PanelOffset(panel)), panel, 0, rows, k);
                }

                AssertSums(c, k, precision, (r, j, i) => (at[i, r], b[i, j]), null, $"Aᵀ · B, {where}");
                var sums = new Fenced<T>(1, columns, 7);
                for (var panel = 0; panel < sums.Panels.Count; panel++)
                {
                    kernels.ColumnSums(b.Panels, ref sums.Panels.Start.At(sums.Panels.PanelOffset(panel)), panel, k);
                }

                AssertSums(sums, k, precision, (_, j, i) => (T.One, b[i, j]), null, $"1ᵀ · B, {where}");
            }
        }
    }

    [Theory, MemberData(nameof(Widths))]
    public void ElementwiseWorkAndTranspositionStayInsideAtEverySize(int bits)
    {
        Elementwise<float>(bits);
        Elementwise<double>(bits);
    }

    private static void Elementwise<T>(int bits) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (kernels, scalar) = (Kernels<T>.Of(bits), Kernels<T>.Of(0));
        for (var n = 0; n <= Largest; n++)
        {
            foreach (var (rows, columns) in new[] { (n, 3), (2, n), (n, n) })
            {
                var where = $"{typeof(T).Name}, {rows} × {columns} at {bits} bits";
                var (x, dy) = (new Fenced<T>(rows, columns, 1), new Fenced<T>(rows, columns, 2));
                // One loop runs every formula, so that each size takes a few of them in turn.
                foreach (var f in Activation.All.Where((_, i) => i % 8 == n % 8))
                {
                    var (y, expected) = (new Fenced<T>(rows, columns, 3), new Fenced<T>(rows, columns, 3));
                    Over(x.Panels, kernels.Activate(f, x.Panels.Start, y.Panels.Start));
                    Over(x.Panels, scalar.Activate(f, x.Panels.Start, expected.Panels.Start));
                    AssertEqual(expected, y, $"{f}, {where}");
                    Over(x.Panels, kernels.ActivationGradient(f, dy.Panels.Start, x.Panels.Start, y.Panels.Start, y.Panels.Start));
                    Over(x.Panels, scalar.ActivationGradient(f, dy.Panels.Start, x.Panels.Start, expected.Panels.Start, expected.Panels.Start));
                    AssertEqual(expected, y, $"the gradient of {f}, {where}");
                }

                foreach (var optimizer in Optimizer.All)
                {
                    foreach (var (expected, actual) in Updated(optimizer, scalar, dy).Zip(Updated(optimizer, kernels, dy)))
                    {
                        AssertEqual(expected, actual, $"the update of {optimizer}, {where}");
                    }
                }

                var transposed = new Fenced<T>(columns, rows, 4);
                for (var panel = 0; panel < x.Panels.Count; panel++)
                {
                    ParameterUpdate<T>.TransposeRows(x.Panels, transposed.Panels, panel, 0, rows);
                }

                transposed.AssertFence($"transposition, {where}", spareRows: true);
                for (var r = 0; r < rows; r++)
                {
                    for (var c = 0; c < columns; c++)
                    {
                        Assert.True(x[r, c].Equals(transposed[c, r]), $"transposition, element ({r}, {c}), {where}");
                    }
                }
            }
        }
    }

    /// <summary>Weights and what is remembered beside them after a step; a negative second moment gives NaN everywhere alike.</summary>
    private static Fenced<T>[] Updated<T>(Optimizer optimizer, Kernels<T> kernels, Fenced<T> gradient) where T : unmanaged, IFloatingPointIeee754<T>
    {
        Fenced<T>[] kept = [.. Enumerable.Range(5, 4).Select(seed => new Fenced<T>(gradient.Panels.Rows, gradient.Panels.Columns, seed))];
        var update = kernels.Update(optimizer);
        update.Prepare(3, 0.1);
        for (var panel = 0; panel < gradient.Panels.Count; panel++)
        {
            var from = gradient.Panels.PanelOffset(panel);
            update.Run(
                new(kept[0].Panels.Start, kept[1].Panels.Start, kept[2].Panels.Start, kept[3].Panels.Start),
                from, gradient.Panels.Rows * Panels<T>.Width, ref gradient.Panels.Start.At(from));
        }

        return kept;
    }

    [Theory, MemberData(nameof(Widths))]
    public void LossesOfRowsAreTheNaiveLoopAtEverySize(int bits)
    {
        Losses<float>(bits, Math.ScaleB(1, -20));
        Losses<double>(bits, Math.ScaleB(1, -49));
    }

    // The tolerance: 16 roundings of numbers up to 1, beside the sums' own.
    private static void Losses<T>(int bits, double tolerance) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var kernels = Kernels<T>.Of(bits);
        for (var n = 1; n <= Largest; n++)
        {
            foreach (var (rows, columns) in new[] { (n, 3), (3, n), (17, n) })
            {
                var where = $"{typeof(T).Name}, {rows} × {columns} at {bits} bits";
                var (z, gradient, weights) = (new Fenced<T>(rows, columns, 1), new Fenced<T>(rows, columns, 2), new Fenced<T>(rows, 1, 3));
                var (classes, values) = (new Fenced<T>(rows, 1, 4), new Fenced<T>(rows, columns, 5));
                for (var row = 0; row < rows; row++)
                {
                    classes.Panels[row, 0] = T.CreateTruncating(row * 7 % columns);
                }

                var (losses, right) = (new double[rows], new bool[rows]);
                kernels.SoftmaxLoss().Run(new(z.Panels, classes.Panels, weights.Panels, gradient.Panels), 0, T.One, losses, right);
                gradient.AssertFence($"softmax loss, {where}");
                for (var row = 0; row < rows; row++)
                {
                    var logits = Enumerable.Range(0, columns).Select(c => double.CreateTruncating(z[row, c])).ToArray();
                    var (weight, target, sum) = (double.CreateTruncating(weights[row, 0]), row * 7 % columns, logits.Sum(Math.Exp));
                    Close(weight * (Math.Log(sum) - logits[target]), losses[row], (4 + columns) * tolerance, $"softmax loss of row {row}, {where}");
                    Assert.Equal(logits.Max() == logits[target], right[row]);
                    for (var c = 0; c < columns; c++)
                    {
                        var expected = weight * (Math.Exp(logits[c]) / sum - (c == target ? 1 : 0));
                        Close(expected, double.CreateTruncating(gradient[row, c]), tolerance, $"softmax gradient ({row}, {c}), {where}");
                    }
                }

                kernels.ElementwiseLoss(Loss.Of(new SquaredError()))
                    .Run(new(z.Panels, values.Panels, weights.Panels, gradient.Panels), 0, T.One, losses, right);
                gradient.AssertFence($"squared error, {where}");
                for (var row = 0; row < rows; row++)
                {
                    var errors = Enumerable.Range(0, columns)
                        .Select(c => double.CreateTruncating(z[row, c]) - double.CreateTruncating(values[row, c])).ToArray();
                    var weight = double.CreateTruncating(weights[row, 0]);
                    Close(weight * errors.Sum(e => e * e), losses[row], 4 * columns * tolerance, $"squared error of row {row}, {where}");
                    for (var c = 0; c < columns; c++)
                    {
                        Close(2 * weight * errors[c], double.CreateTruncating(gradient[row, c]), 4 * tolerance, $"its gradient ({row}, {c}), {where}");
                    }
                }

                MoreLosses(kernels, z, classes, values, weights, where);
                kernels.Softmax(z.Panels, rows);
                z.AssertFence($"softmax, {where}");
                for (var row = 0; row < rows; row++)
                {
                    var sum = Enumerable.Range(0, columns).Sum(c => double.CreateTruncating(z[row, c]));
                    Close(1, sum, columns * tolerance, $"the probabilities' sum in row {row}, {where}");
                }
            }
        }
    }

    /// <summary>The losses whose numbers other tests compare: here, that nothing outside is read or written.</summary>
    private static void MoreLosses<T>(Kernels<T> kernels, Fenced<T> z, Fenced<T> classes, Fenced<T> values, Fenced<T> weights, string where)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (rows, columns) = (z.Panels.Rows, z.Panels.Columns);
        double[] Each(double value) => [.. Enumerable.Repeat(value, columns)];
        var cases = new Dictionary<string, (RowLoss<T> Loss, Fenced<T> Targets)>
        {
            ["softmax loss with options"] = (kernels.SoftmaxLoss(new(Each(0.1), Each(0.9), false, -1)), classes),
            ["softmax loss of probabilities"] = (kernels.SoftmaxLoss(new(Each(0), Each(1), true, null)), values),
            ["quantile loss"] = (kernels.QuantileLoss(Each(0.3)), classes),
        };
        if (columns % 2 == 0)
        {
            cases.Add("Gaussian loss", (kernels.GaussianLoss(), new Fenced<T>(rows, columns / 2, 6)));
        }

        foreach (var (name, (loss, targets)) in cases)
        {
            var gradient = new Fenced<T>(rows, columns, 2);
            var losses = new double[rows];
            loss.Run(new(z.Panels, targets.Panels, weights.Panels, gradient.Panels), 0, T.One, losses, new bool[rows]);
            gradient.AssertFence($"{name}, {where}");
            Assert.All(losses, one => Assert.True(double.IsFinite(one), $"{name}, {where}: {one}"));
            for (var row = 0; row < rows; row++)
            {
                for (var c = 0; c < columns; c++)
                {
                    Assert.True(T.IsFinite(gradient[row, c]), $"{name}, gradient ({row}, {c}), {where}");
                }
            }
        }
    }

    private static void Over<T>(Panels<T> matrix, Block<T> block) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var panel = 0; panel < matrix.Count; panel++)
        {
            block.Run(matrix.PanelOffset(panel), matrix.Rows * Panels<T>.Width);
        }
    }

    /// <summary>Compares with Σ aᵢ bᵢ in double: k roundings of partial sums, none larger than Σ |aᵢ bᵢ|, and those of the chunks and the bias.</summary>
    private static void AssertSums<T>(Fenced<T> actual, int k, int precision, Func<int, int, int, (T A, T B)> terms, Func<int, int, T>? added, string where)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        actual.AssertFence(where);
        for (var r = 0; r < actual.Panels.Rows; r++)
        {
            for (var c = 0; c < actual.Panels.Columns; c++)
            {
                var extra = added is null ? 0 : double.CreateTruncating(added(r, c));
                var (sum, size) = (extra, Math.Abs(extra));
                for (var i = 0; i < k; i++)
                {
                    var (a, b) = terms(r, c, i);
                    var term = double.CreateTruncating(a) * double.CreateTruncating(b);
                    (sum, size) = (sum + term, size + Math.Abs(term));
                }

                // The naive sum has roundings of its own, in double.
                Close(sum, double.CreateTruncating(actual[r, c]), 2 * (k + 3) * Math.ScaleB(size, -precision), $"{where}, element ({r}, {c})");
            }
        }
    }

    private static void AssertEqual<T>(Fenced<T> expected, Fenced<T> actual, string where) where T : unmanaged, IFloatingPointIeee754<T>
    {
        actual.AssertFence(where);
        for (var r = 0; r < expected.Panels.Rows; r++)
        {
            for (var c = 0; c < expected.Panels.Columns; c++)
            {
                Assert.True(expected[r, c].Equals(actual[r, c]), $"{where}, element ({r}, {c}): {actual[r, c]:R} instead of {expected[r, c]:R}");
            }
        }
    }

    private static void Close(double expected, double actual, double tolerance, string where)
    {
        if (!(Math.Abs(expected - actual) <= tolerance))
        {
            Assert.Fail($"{where}: {actual:R} instead of {expected:R}, further off than {tolerance:R}");
        }
    }
}
