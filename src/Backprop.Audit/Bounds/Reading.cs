using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;

namespace Backprop.Audit.Bounds;

/// <summary>One node's numbers, by reading its formula once for each.</summary>
/// <param name="node">The node.</param>
/// <param name="x">Its inputs' values.</param>
/// <param name="result">The place of its own.</param>
/// <param name="batch">The batch's rows.</param>
/// <param name="copies">Rows of the batch that are the same.</param>
/// <param name="formulas">By whose formulas errors arise.</param>
internal sealed partial class Reading<TX>(
    Node node, BoundedMatrix[] x, BoundedMatrix result, int batch, RowCopies copies, Party formulas) : IActivationVisitor<bool>
    where TX : struct, IReal<TX>, IElement<TX>
{
    private readonly List<int> kinks = [];

    /// <summary>The most doubtful branch.</summary>
    public double Doubt { get; private set; }

    /// <summary>The branches taken, mixed.</summary>
    public ulong Path { get; private set; }

    /// <summary>Where float's rounding may turn a branch.</summary>
    public IReadOnlyList<int> Kinks => kinks;

    /// <summary>Whether libtorch's formula errs otherwise than ours.</summary>
    public bool HasTheirs { get; private set; }

    /// <summary>Computes all numbers.</summary>
    public void Run()
    {
        switch (node.Op)
        {
            case Constant op:
                Fill((_, _) => op.Value);
                break;
            case BatchShare:
                Fill((_, _) => (TX)1 / batch);
                break;
            case Map<Primitives.Addition> when node.Inputs[0].Op is Product product:
                // PyTorch begins a layer's sum with the bias, which then passes through all of its roundings.
                var terms = node.Inputs[0].Inputs[0].Shape.Columns;
                Fill((i, j) => Repeated(0, i, j) + Summed(Repeated(1, i, j), terms));
                break;
            case Map op:
                Fill((i, j) => op.Read(Repeated(0, i, j), Repeated(1, i, j), Repeated(2, i, j)));
                break;
            case Repeat:
                Fill((i, j) => Repeated(0, i, j));
                break;
            case Apply op:
                _ = op.Function.Accept(this);
                break;
            case ApplyGradient op:
                _ = op.Function.Accept(this);
                break;
            case SquaredDistance:
                var centres = x[1].Transposed();
                ByRow(x[0], result, (row, sums) =>
                {
                    var differences = new TX[row.Length];
                    for (var j = 0; j < sums.Length; j++)
                    {
                        for (var k = 0; k < row.Length; k++)
                        {
                            differences[k] = row[k] - TX.Load(centres, j * row.Length + k);
                        }

                        sums[j] = TX.SumOfProducts(differences, differences);
                    }
                });
                break;
            case ColumnSums:
                var (columns, ones) = (copies.Correlated(x[0], node.Inputs[0]).Transposed(), Ones(x[0].Rows));
                Fill((_, j) => Repetitive(Row(columns, j), ones));
                break;
            case RowSums:
                ones = Ones(x[0].Columns);
                ByRow(x[0], result, (row, sum) => sum[0] = TX.SumOfProducts(row, ones));
                break;
            case Softmax:
                ByRow(x[0], result, (z, y) => Exponentials(z, y, (_, power, sum) => power / sum));
                break;
            case LogSoftmax:
                ByRow(x[0], result, (z, y) => Exponentials(z, y, (shifted, _, sum) => shifted - TX.Log(sum)));
                break;
            case Normalisation op:
                ByLine(op.OfRows, (line, y) => Normalised(line(x[0]), op.Epsilon, y));
                break;
            case NormalisationGradient op:
                ByLine(op.Normalisation.OfRows,
                    (line, dx) => NormalisedBackward(line(x[0]), line(x[1]), op.Normalisation.Epsilon, op.Normalisation.OfRows, dx));
                break;
            case Lookup:
                Fill((i, j) => TX.Load(x[1], (int)x[0].Values[i] * result.Columns + j));
                break;
            case LookupSums:
                SumLookedUp();
                break;
            case RowShare or TargetTotals or MeanLoss or MeanLossGradient:
                RunLoss();
                break;
            default:
                throw new NotSupportedException($"How {node.Op.GetType().Name} rounds is not written down. Add it to {nameof(Reading<>)}.{nameof(Run)}.");
        }
    }

    /// <inheritdoc/>
    public bool Visit<TF>(TF formula) where TF : struct, IActivation
    {
        var isGradient = node.Op is ApplyGradient;
        var rounds = Rounds(formula);
        for (var i = 0; i < result.Length; i++)
        {
            if (!isGradient)
            {
                var input = TX.Load(x[0], i);
                Write(i, rounds ? Blurred(formula.Forward(input), Math.Max(1, Math.Abs(input.Value))) : formula.Forward(input));
                continue;
            }

            var slope = formula.Derivative(TX.Load(x[1], i), TX.Load(x[2], i));
            Write(i, TX.Load(x[0], i) * (rounds ? Blurred(slope, 1) : slope));
        }

        return true;
    }

    /// <summary>Whether a formula rounds more than an arithmetic operation or two do.</summary>
    private static bool Rounds<TF>(TF formula) where TF : struct, IActivation
    {
        // Two operations err by two roundings of the result at most, an elementary function by four; at 0 nothing errs.
        bool At(double at) => formula.Forward(new Bounded(at, 0)) is var y && y.Error > 2.5 * Math.Abs(y.Value);
        return At(0.7) || At(-0.7);
    }

    /// <summary>
    /// A value or slope, in libtorch only as exact as terms of that size, which its formula has and ours has not: x − tanh x, ½ x (1 + erf x)
    /// and 1 − y, where the engine is exact in the tails too.
    /// </summary>
    private TX Blurred(TX number, double terms)
    {
        HasTheirs |= !number.IsExact;
        var (error, variance) = Bounded.Rounding(terms);
        return number.IsExact || formulas == Party.Ours ? number : TX.Off(number, error, variance);
    }

    /// <summary>
    /// The sum of terms of which many are equal, as the slopes of a loss with a kink are: where the same is added again and again, it rounds
    /// the same way, so that m equal roundings count m-fold, as in <see cref="RowCopies"/>.
    /// </summary>
    private static TX Repetitive(TX[] terms, TX[] ones)
    {
        var sum = TX.SumOfProducts(terms, ones);
        if (typeof(TX) != typeof(Bounded))
        {
            return sum;
        }

        var repetitions = (double)terms.Length / terms.Select(term => term.Value).Distinct().Count();
        return TX.Off(sum, 0, (repetitions - 1) * new SumRoundings(terms.Length).OfSquaredSum * sum.Value * sum.Value);
    }

    /// <summary>A term that passes through the roundings of a sum.</summary>
    private static TX Summed(TX term, int terms)
        => TX.Off(term, terms * Math.Abs(term.Value), (Bounded.Uniform + new SumRoundings(terms).OfSquaredSum) * term.Value * term.Value);

    private TX Repeated(int input, int row, int column)
        => input < x.Length ? TX.Load(x[input], (x[input].Rows == 1 ? 0 : row) * x[input].Columns + (x[input].Columns == 1 ? 0 : column)) : default;

    private void Fill(Func<int, int, TX> number)
    {
        for (var i = 0; i < result.Rows; i++)
        {
            for (var j = 0; j < result.Columns; j++)
            {
                Write(i * result.Columns + j, number(i, j));
            }
        }
    }

    private void Write(int index, TX number)
    {
        number.Store(result, index);
        Path = Path * 31 + number.Path;
        if (number.Doubt > 0)
        {
            Doubt = Math.Max(Doubt, number.Doubt);
            if (number.Doubt * Bounded.Float >= 1)
            {
                kinks.Add(index);
            }
        }
    }

    private static TX[] Row(BoundedMatrix matrix, int row)
    {
        var numbers = new TX[matrix.Columns];
        for (var j = 0; j < numbers.Length; j++)
        {
            numbers[j] = TX.Load(matrix, row * numbers.Length + j);
        }

        return numbers;
    }

    /// <summary>Computes the result's rows from another matrix's.</summary>
    private void ByRow(BoundedMatrix of, BoundedMatrix to, Action<TX[], TX[]> work)
    {
        var numbers = new TX[to.Columns];
        for (var i = 0; i < to.Rows; i++)
        {
            work(Row(of, i), numbers);
            for (var j = 0; j < numbers.Length; j++)
            {
                Write(i * numbers.Length + j, numbers[j]);
            }
        }
    }

    private static TX[] Ones(int count) => [.. Enumerable.Repeat<TX>(1, count)];
}
