using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;

namespace Backprop.Interop.Tests.Properties;

/// <summary>
/// Runs a graph, gradients and all, one plain loop an operation, with the running error of every number: what bounds the difference
/// of two libraries that compute it.
/// </summary>
/// <remarks>
/// Additions in another order make other partial sums: n of them count as 1 + √n roundings of the terms' sizes, four times what they
/// amount to, root mean square, where all have one sign. What two libraries may differ by is a small multiple of these errors, as each
/// errs, and by other formulas: <see cref="Allowance"/>.
/// </remarks>
internal sealed class Roundings
{
    /// <summary>The multiple: each of two libraries errs, by formulas that may take twice as many operations.</summary>
    public const double Allowance = 4;

    /// <summary>Roundoff in double, 2⁻⁵³.</summary>
    public const double Double = 1.0 / (1L << 53);

    /// <summary>Roundoff in float, 2⁻²⁴.</summary>
    public const double Float = 1.0 / (1 << 24);

    private readonly Dictionary<Node, ErringMatrix> matrices = [];
    private readonly int batch;

    /// <summary>Runs what some nodes are computed from.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="leaf">The numbers of a leaf.</param>
    /// <param name="batch">The batch's rows.</param>
    public Roundings(IReadOnlyList<Node> nodes, Func<Node, double[,]> leaf, int batch)
    {
        this.batch = batch;
        foreach (var node in new Topology(nodes).Order)
        {
            var result = new ErringMatrix(node.Shape.IsBatch ? batch : node.Shape.Rows, node.Shape.Columns);
            if (node.TakesNumbers)
            {
                var numbers = leaf(node);
                Fill(result, (i, j) => numbers[i, j]);
            }
            else
            {
                Run(node, [.. node.Inputs.Select(input => matrices[input])], result);
            }

            foreach (var number in result.Numbers)
            {
                Doubt = Math.Max(Doubt, number.Doubt);
                IsFinite &= double.IsFinite(number.Error) && double.IsFinite(number.Value);
            }

            matrices.Add(node, result);
        }
    }

    /// <summary>The error of a branch's condition relative to its distance from 0, in units of roundoff: that of the most doubtful branch.</summary>
    public double Doubt { get; private set; }

    /// <summary>Whether every number is finite, and its error is.</summary>
    public bool IsFinite { get; private set; } = true;

    /// <summary>A node's numbers.</summary>
    public ErringMatrix this[Node node] => matrices[node];

    /// <summary>Whether a condition is so near 0 that rounding may take the other branch: derivatives then differ by no fault of anyone.</summary>
    public bool IsOpen(double unit) => 2 * Allowance * unit * Doubt >= 1;

    private void Run(Node node, ErringMatrix[] x, ErringMatrix result)
    {
        switch (node.Op)
        {
            case Constant op:
                // Some are rounded before they get here, as 1 / σ²: not those that even float holds.
                Fill(result, (_, _) => new(op.Value, op.Value == (float)op.Value ? 0 : Math.Abs(op.Value)));
                break;
            case BatchShare:
                Fill(result, (_, _) => new(1.0 / batch, 1.0 / batch));
                break;
            case Map<Primitives.Addition> when node.Inputs[0].Op is Product:
                // PyTorch begins a layer's sum with the bias, and rounds to its size each time.
                var additions = 2 + Math.Sqrt(node.Inputs[0].Inputs[0].Shape.Columns);
                Fill(result, (i, j) => Repeated(x, 0, i, j) + Added(Repeated(x, 1, i, j), additions));
                break;
            case Map op:
                Fill(result, (i, j) => op.Read(Repeated(x, 0, i, j), Repeated(x, 1, i, j), Repeated(x, 2, i, j)));
                break;
            case Repeat:
                Fill(result, (i, j) => Repeated(x, 0, i, j));
                break;
            case Apply op:
                Fill(result, (i, j) => Blurred(op.Function.Forward(x[0][i, j]), Math.Max(1, Math.Abs(x[0][i, j].Value))));
                break;
            case ApplyGradient op:
                Fill(result, (i, j) => x[0][i, j] * Blurred(op.Function.Derivative(x[1][i, j], x[2][i, j]), 1));
                break;
            case Product:
                Fill(result, (i, j) => Sum(x[0].Row(i), x[1].Column(j)));
                break;
            case TransposedProduct:
                Fill(result, (i, j) => Sum(x[0].Column(i), x[1].Column(j)));
                break;
            case SquaredDistance:
                Fill(result, (i, j) => Squares(x[0].Row(i), x[1].Column(j)));
                break;
            case Transposition:
                Fill(result, (i, j) => x[0][j, i]);
                break;
            case ColumnSums:
                Fill(result, (_, j) => Sum(x[0].Column(j), Ones(x[0].Rows)));
                break;
            case RowSums:
                Fill(result, (i, _) => Sum(x[0].Row(i), Ones(x[0].Columns)));
                break;
            case Softmax:
                ByRow(x[0], result, (z, exp, sum) => exp / sum);
                break;
            case LogSoftmax:
                ByRow(x[0], result, (z, exp, sum) => z - Erring.Log(sum));
                break;
            case Normalisation op:
                ByLine(op.OfRows, result, i => Normalised(Line(op.OfRows, x[0], i), op.Epsilon).Y);
                break;
            case NormalisationGradient op:
                ByLine(op.Normalisation.OfRows, result, i => NormalisedBackward(
                    Line(op.Normalisation.OfRows, x[0], i), Line(op.Normalisation.OfRows, x[1], i), op.Normalisation.Epsilon));
                break;
            case Columns op:
                Fill(result, (i, j) => x[0][i, op.First + j]);
                break;
            case Concatenation:
                Fill(result, (i, j) =>
                {
                    var part = 0;
                    for (; j >= x[part].Columns; part++)
                    {
                        j -= x[part].Columns;
                    }

                    return x[part][i, j];
                });
                break;
            case Lookup:
                Fill(result, (i, j) => x[1][(int)x[0][i, 0].Value, j]);
                break;
            case LookupSums:
                for (var i = 0; i < x[1].Rows; i++)
                {
                    for (var j = 0; j < x[1].Columns; j++)
                    {
                        result[(int)x[0][i, 0].Value, j] += x[1][i, j];
                    }
                }

                break;
            case MeanLoss op:
                var terms = op.TermsOf(x[0].Columns);
                var all = Enumerable.Range(0, x[0].Rows * terms).ToArray();
                result[0, 0] = Sum(Array.ConvertAll(all, k => LossOf(op, x, k / terms, k % terms).Value), Array.ConvertAll(all, k => x[2][k / terms, 0])) / all.Length;
                break;
            case MeanLossGradient op:
                var share = 1.0 / (x[0].Rows * op.Loss.TermsOf(x[0].Columns));
                Fill(result, (i, j) => LossOf(op.Loss, x, i, j).Slope * (x[2][i, 0] * share));
                break;
            default:
                throw new NotSupportedException($"How {node.Op.GetType().Name} rounds is not written down. Add it to {nameof(Roundings)}.Run.");
        }
    }

    /// <summary>The loss of a row's output, or of the row where outputs are coupled, and its derivative.</summary>
    private static (Erring Value, Erring Slope) LossOf(MeanLoss op, ErringMatrix[] x, int i, int j)
    {
        if (op is GaussianLoss)
        {
            var (half, target) = (x[1].Columns, j % x[1].Columns);
            var (m, s, t) = (x[0][i, target], x[0][i, half + target], x[1][i, target]);
            return (GaussianLikelihood.Value(m, s, t), j < half ? GaussianLikelihood.MeanSlope(m, s, t) : GaussianLikelihood.LogVarianceSlope(m, s, t));
        }

        if (op is not SoftmaxCrossEntropy)
        {
            var loss = Loss.All.Single(loss => loss.Name == op.Name);
            return (loss.Value(x[0][i, j], x[1][i, j]), loss.Derivative(x[0][i, j], x[1][i, j]));
        }

        var (z, named, sum) = (x[0], (int)x[1][i, 0].Value, default(Erring));
        var largest = Enumerable.Range(0, z.Columns).Max(k => z[i, k].Value);
        for (var k = 0; k < z.Columns; k++)
        {
            sum += Erring.Exp(z[i, k] - largest);
        }

        return (Erring.Log(sum) - (z[i, named] - largest), Erring.Exp(z[i, j] - largest) / sum - (j == named ? 1 : 0));
    }

    private static Erring Repeated(ErringMatrix[] x, int input, int row, int column)
        => input < x.Length ? x[input][x[input].Rows == 1 ? 0 : row, x[input].Columns == 1 ? 0 : column] : default;

    private static void Fill(ErringMatrix matrix, Func<int, int, Erring> number)
    {
        for (var i = 0; i < matrix.Rows; i++)
        {
            for (var j = 0; j < matrix.Columns; j++)
            {
                matrix[i, j] = number(i, j);
            }
        }
    }

    /// <summary>Of the products of pairs.</summary>
    private static Erring Sum(Erring[] a, Erring[] b)
    {
        var (sum, error, size, doubt) = (0.0, 0.0, 0.0, 0.0);
        for (var k = 0; k < a.Length; k++)
        {
            ref readonly var x = ref a[k];
            ref readonly var y = ref b[k];
            var term = x.Value * y.Value;
            sum += term;
            size += Math.Abs(term);
            error += Erring.ErrorOfProduct(x, y);
            doubt = Math.Max(doubt, Math.Max(x.Doubt, y.Doubt));
        }

        return new(sum, error + (2 + Math.Sqrt(a.Length)) * size, doubt);
    }

    private static Erring Squares(Erring[] a, Erring[] b)
    {
        var differences = a.Zip(b, (x, y) => x - y).ToArray();
        return Sum(differences, differences);
    }

    /// <summary>
    /// An activation's value or slope, as exact as terms of that size in PyTorch's formula: it has x − tanh x and 1 − y where the
    /// engine is exact in the tails too, of which other tests see to. What is 0 or 1 without error stays so.
    /// </summary>
    private static Erring Blurred(Erring number, double terms) => number.Error == 0 ? number : number with { Error = number.Error + Erring.Function * terms };

    private static Erring Added(Erring number, double roundings) => number with { Error = number.Error + roundings * Math.Abs(number.Value) };

    private static Erring Mean(Erring[] numbers) => Sum(numbers, Ones(numbers.Length)) / numbers.Length;

    private static Erring[] Line(bool row, ErringMatrix matrix, int i) => row ? matrix.Row(i) : matrix.Column(i);

    private static void ByLine(bool rows, ErringMatrix result, Func<int, Erring[]> line)
    {
        var lines = Enumerable.Range(0, rows ? result.Rows : result.Columns).Select(line).ToArray();
        Fill(result, (i, j) => rows ? lines[i][j] : lines[j][i]);
    }

    private static (Erring[] Y, Erring Inverse) Normalised(Erring[] x, double epsilon)
    {
        var mean = Mean(x);
        var deviations = Array.ConvertAll(x, number => number - mean);
        var inverse = 1 / Erring.Sqrt(Sum(deviations, deviations) / x.Length + epsilon);
        return (Array.ConvertAll(deviations, deviation => deviation * inverse), inverse);
    }

    private static Erring[] NormalisedBackward(Erring[] g, Erring[] x, double epsilon)
    {
        var (y, inverse) = Normalised(x, epsilon);
        var (mean, along) = (Mean(g), Sum(g, y) / g.Length);
        return [.. g.Zip(y, (slope, number) => inverse * (slope - mean - number * along))];
    }

    private static Erring[] Ones(int count) => [.. Enumerable.Repeat<Erring>(1, count)];

    /// <summary>Of each row, shifted by its maximum, which is the same number whoever computes it.</summary>
    private static void ByRow(ErringMatrix z, ErringMatrix result, Func<Erring, Erring, Erring, Erring> number)
    {
        for (var i = 0; i < z.Rows; i++)
        {
            var largest = Enumerable.Range(0, z.Columns).Max(j => z[i, j].Value);
            var sum = default(Erring);
            for (var j = 0; j < z.Columns; j++)
            {
                sum += Erring.Exp(z[i, j] - largest);
            }

            for (var j = 0; j < z.Columns; j++)
            {
                var shifted = z[i, j] - largest;
                result[i, j] = number(shifted, Erring.Exp(shifted), sum);
            }
        }
    }
}
