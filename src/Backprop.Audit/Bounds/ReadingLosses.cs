using Backprop.Formulas;
using Backprop.Graph.Ops;

namespace Backprop.Audit.Bounds;

/// <content>Losses over the rows of a batch, and their gradients.</content>
internal sealed partial class Reading<TX>
{
    private MeanLoss Loss => (node.Op as MeanLoss ?? (node.Op as MeanLossGradient)?.Loss)!;

    private void RunLoss()
    {
        switch (node.Op)
        {
            case RowShare op:
                Fill((_, _) => (TX)1 / TermsOf(op.Loss, x[0]));
                break;
            case TargetTotals op:
                Fill((i, _) => op.Mix.Total(column => x[0].Values[i * x[0].Columns + column]));
                break;
            case MeanLoss:
                MeanOfLosses();
                break;
            default:
                Slopes();
                break;
        }
    }

    /// <summary>What a mean divides by.</summary>
    private static double TermsOf(MeanLoss loss, BoundedMatrix targets)
    {
        var mixed = (MixedSoftmaxCrossEntropy)loss;
        return Enumerable.Range(0, targets.Rows).Sum(row => targets.Values[row] == mixed.Mix.Ignored ? 0 : mixed.ClassWeights[(int)targets.Values[row]]);
    }

    private void MeanOfLosses()
    {
        var losses = new List<TX>();
        var weights = new List<TX>();
        for (var i = 0; i < x[0].Rows; i++)
        {
            var row = LossesOf(i);
            losses.AddRange(row);
            weights.AddRange(Enumerable.Repeat(TX.Load(x[2], i), row.Length));
        }

        var sum = TX.SumOfProducts([.. losses], [.. weights]);
        var terms = Loss.CountsTargets ? TermsOf(Loss, x[1]) : (double)x[0].Rows * Loss.TermsOf(x[0].Columns);
        Write(0, Loss.Adds ? sum : sum / terms);
    }

    private void Slopes()
    {
        TX share = Loss.Adds ? 1 : x.Length > 3 ? TX.Load(x[3], 0) : (TX)1 / ((double)x[0].Rows * Loss.TermsOf(x[0].Columns));
        for (var i = 0; i < x[0].Rows; i++)
        {
            var (slopes, scale) = (SlopesOf(i), TX.Load(x[2], i) * share);
            for (var j = 0; j < slopes.Length; j++)
            {
                Write(i * slopes.Length + j, slopes[j] * scale);
            }
        }
    }

    /// <summary>The losses of a row: one for each term.</summary>
    private TX[] LossesOf(int row)
    {
        var z = Row(x[0], row);
        var t = Row(x[1], row);
        switch (Loss)
        {
            case GaussianLoss:
                // PyTorch goes by way of the variance eˢ, its logarithm and its reciprocal.
                return [.. t.Select((target, j) => GaussianLikelihood.Value(z[j], z[t.Length + j], target) is var value
                    ? Blurred(value, 1 + Math.Abs(z[t.Length + j].Value) + 2 * Math.Abs(value.Value)) : value)];
            case QuantileLoss op:
                return [.. z.Select((one, j) => new Pinball(op.Levels[j]).Value(one, t[0]))];
            case ElementwiseLoss op:
                // PyTorch's form of the binary cross-entropy cancels numbers as large as the logit.
                return [.. z.Select((one, j) => Blurred(op.Formula.Value(one, t[j]), Math.Abs(one.Value)))];
            default:
                // PyTorch adds the largest logit to the logarithm of the sum before it takes the class's away.
                var softmax = new SoftmaxRow<TX>(z);
                var loss = softmax.Loss(Counts(row));
                var own = softmax.Largest;
                HasTheirs |= own > 0;
                var (error, variance) = Bounded.Rounding(own, 1);
                return [formulas == Party.Ours ? loss : TX.Off(loss, error, variance)];
        }
    }

    /// <summary>Their derivatives with respect to the row's logits.</summary>
    private TX[] SlopesOf(int row)
    {
        var z = Row(x[0], row);
        var t = Row(x[1], row);
        switch (Loss)
        {
            case GaussianLoss:
                return
                [
                    .. t.Select((target, j) => GaussianLikelihood.MeanSlope(z[j], z[t.Length + j], target) is var slope
                        ? Blurred(slope, 2 * Math.Abs(slope.Value)) : slope),
                    .. t.Select((target, j) => GaussianLikelihood.LogVarianceSlope(z[j], z[t.Length + j], target) is var slope
                        ? Blurred(slope, 1 + 2 * Math.Abs(slope.Value)) : slope),
                ];
            case QuantileLoss op:
                return [.. z.Select((one, j) => new Pinball(op.Levels[j]).Derivative(one, t[0]))];
            case ElementwiseLoss op:
                return [.. z.Select((one, j) => op.Formula.Derivative(one, t[j]))];
            default:
                return new SoftmaxRow<TX>(z).Slopes(Counts(row));
        }
    }

    /// <summary>What each class counts for in a row.</summary>
    private TX[] Counts(int row)
    {
        var counts = new TX[x[0].Columns];
        if (Loss is not MixedSoftmaxCrossEntropy { Mix: var mix })
        {
            counts[(int)x[1].Values[row]] = 1;
            return counts;
        }

        for (var j = 0; j < counts.Length && (mix.Probabilities || x[1].Values[row] != mix.Ignored); j++)
        {
            TX target = mix.Probabilities ? TX.Load(x[1], row * counts.Length + j) : x[1].Values[row] == j ? 1 : 0;
            counts[j] = (TX)mix.Base[j] + (TX)mix.Factor[j] * target;
        }

        return counts;
    }
}
