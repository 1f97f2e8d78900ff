using Backprop.Models.Layers;

namespace Backprop.Audit;

/// <summary>Every layer but activations once more, as its paper or PyTorch's manual defines it, row by row or column by column.</summary>
internal static class LayerDefinitions
{
    /// <summary>What a layer makes of its inputs in training; null where it is none of the library's.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="inputs">Its inputs, each by rows.</param>
    /// <param name="tensors">Its tensors, in their order and PyTorch's layout.</param>
    /// <param name="mask">Draws dropout's mask, row-major, of so many numbers with that probability.</param>
    public static double[][]? Of(Layer layer, double[][][] inputs, double[][] tensors, Func<int, double, double[]> mask)
    {
        var x = inputs[0];
        double[][] Each(Func<double, int, double> of) => [.. x.Select(row => row.Select(of).ToArray())];
        double[][] Joined(Func<IEnumerable<double>, double> of)
            => [.. x.Select((row, i) => row.Select((_, j) => of(inputs.Select(input => input[i][j]))).ToArray())];
        switch (layer)
        {
            case Linear linear:
                return Sums(x, linear.Units, tensors[0], linear.Bias ? tensors[1] : new double[linear.Units]);
            case Sum:
                return Joined(values => values.Sum());
            case Product:
                return Joined(values => values.Aggregate(1.0, (product, value) => product * value));
            case MemberMean:
                return Joined(values => values.Average());
            case Columns columns:
                return [.. x.Select(row => row[columns.First..(columns.First + columns.Count)])];
            case Concatenation:
                return [.. x.Select((_, i) => inputs.SelectMany(input => input[i]).ToArray())];
            case PRelu:
                return Each((one, j) => Math.Max(0, one) + tensors[0][j % tensors[0].Length] * Math.Min(0, one));
            case Maxout maxout:
                return
                [
                    .. Sums(x, maxout.Units * maxout.Pieces, tensors[0], tensors[1])
                        .Select(row => Enumerable.Range(0, maxout.Units).Select(unit => row.Where((_, j) => j % maxout.Units == unit).Max()).ToArray()),
                ];
            case RadialBasis radial:
                return
                [
                    .. x.Select(row => tensors[0].Chunk(row.Length)
                        .Select(centre => Math.Exp(-row.Zip(centre, (a, b) => Math.Pow((a - b) / radial.Sigma, 2)).Sum())).ToArray()),
                ];
            case Dropout { Probability: var p }:
                return p == 0 ? x : [.. x.SelectMany(row => row).Zip(mask(x.Length * x[0].Length, p), (one, kept) => one * kept).Chunk(x[0].Length)];
            case LayerNorm norm:
                return [.. x.Select(row => Standardised(row, norm.Epsilon).Select((one, j) => one * tensors[0][j] + tensors[1][j]).ToArray())];
            case BatchNorm norm:
                return Turned(
                [
                    .. Turned(x).Select((column, j) => Standardised(column, norm.Epsilon).Select(one => one * tensors[0][j] + tensors[1][j]).ToArray()),
                ]);
            case Scale:
                return Each((one, j) => one * tensors[0][j]);
            case RobustScale robust:
                return WithMissing(x, robust.Indicators, row => row.Select((one, j)
                    => (one - tensors[0][j]) * tensors[1][j] is var z && double.IsNaN(z) ? 0 : z / Math.Sqrt(1 + Math.Pow(z / robust.Bound, 2))));
            case PiecewiseLinearEncoding encoding:
                int[] columnOf = [.. Enumerable.Range(0, x[0].Length).SelectMany(j => Enumerable.Repeat(j, encoding.Counts?[j] ?? encoding.Bins))];
                return WithMissing(x, encoding.Indicators, row => columnOf.Select((j, bin)
                    => (row[j] - tensors[0][bin]) * tensors[1][bin] is var part && double.IsNaN(part) ? 0 : Math.Clamp(part, 0, 1)));
            case Embedding embedding:
                return [.. x.Select(row => tensors[0].Skip((int)row[0] * embedding.Units).Take(embedding.Units).ToArray())];
            default:
                return null;
        }
    }

    /// <summary>What a batch makes of a layer's statistics, one after another; empty where it gathers none.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">Its input by rows.</param>
    /// <param name="tensors">Its tensors.</param>
    public static IEnumerable<double> Gathered(Layer layer, double[][] x, double[][] tensors)
    {
        if (layer is not BatchNorm norm)
        {
            return [];
        }

        var seen = tensors[4][0] + 1;
        var share = norm.Momentum ?? 1 / seen;
        double Moved(double before, double now) => (1 - share) * before + share * now;
        return Turned(x).Select((column, j) => Moved(tensors[2][j], column.Average()))
            .Concat(Turned(x).Select((column, j) => Moved(tensors[3][j], column.Sum(one => Math.Pow(one - column.Average(), 2)) / (column.Length - 1))))
            .Append(seen);
    }

    private static double[][] Sums(double[][] x, int units, double[] weight, double[] bias) =>
    [
        .. x.Select(row => Enumerable.Range(0, units)
            .Select(unit => bias[unit] + row.Select((one, j) => one * weight[unit * row.Length + j]).Sum()).ToArray()),
    ];

    private static IEnumerable<double> Standardised(double[] line, double epsilon)
    {
        var mean = line.Average();
        var deviation = Math.Sqrt(line.Average(one => Math.Pow(one - mean, 2)) + epsilon);
        return line.Select(one => (one - mean) / deviation);
    }

    private static double[][] Turned(double[][] x) => [.. x[0].Select((_, j) => x.Select(row => row[j]).ToArray())];

    private static double[][] WithMissing(double[][] x, IReadOnlyList<int>? indicators, Func<double[], IEnumerable<double>> of)
        => [.. x.Select(row => of(row).Concat((indicators ?? []).Select(j => double.IsNaN(row[j]) ? 1.0 : 0)).ToArray())];
}
