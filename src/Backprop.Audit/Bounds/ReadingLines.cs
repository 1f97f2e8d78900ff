namespace Backprop.Audit.Bounds;

/// <content>What couples the numbers of a row or of a column: softmax, normalisation, the rows of a table.</content>
internal sealed partial class Reading<TX>
{
    /// <summary>e^(z − the largest), of a row, and their sum; the largest is the same number whoever computes it.</summary>
    private static void Exponentials(TX[] z, TX[] y, Func<TX, TX, TX, TX> number)
    {
        var largest = z.Max(one => one.Value);
        var shifted = Array.ConvertAll(z, one => one - largest);
        var powers = Array.ConvertAll(shifted, TX.Exp);
        var sum = TX.SumOfProducts(powers, Ones(z.Length));
        for (var j = 0; j < z.Length; j++)
        {
            y[j] = number(shifted[j], powers[j], sum);
        }
    }

    /// <summary>y = (x − mean) / √(variance + ε).</summary>
    private static TX Normalised(TX[] x, double epsilon, TX[] y)
    {
        var mean = Mean(x);
        var deviations = Array.ConvertAll(x, number => number - mean);
        var inverse = 1 / TX.Sqrt(TX.SumOfProducts(deviations, deviations) / x.Length + epsilon);
        for (var i = 0; i < x.Length; i++)
        {
            y[i] = deviations[i] * inverse;
        }

        return inverse;
    }

    /// <summary>∂x = s (g − mean g − y · mean(g ⊙ y)), s = 1 / √(variance + ε).</summary>
    private static void NormalisedBackward(TX[] g, TX[] x, double epsilon, bool ofRows, TX[] dx)
    {
        var y = new TX[x.Length];
        var inverse = Normalised(x, epsilon, y);
        // Of a column, the error of its means is in every row alike: sums over the batch add it up.
        var common = ofRows ? 1 : g.Length;
        var (mean, along) = (TX.Common(Mean(g), common), TX.Common(TX.SumOfProducts(g, y) / g.Length, common));
        for (var i = 0; i < dx.Length; i++)
        {
            dx[i] = inverse * (g[i] - mean - y[i] * along);
        }
    }

    private static TX Mean(TX[] numbers) => TX.SumOfProducts(numbers, Ones(numbers.Length)) / numbers.Length;

    /// <summary>Computes the result row by row or column by column, of the same lines of the inputs.</summary>
    private void ByLine(bool rows, Action<Func<BoundedMatrix, TX[]>, TX[]> work)
    {
        var (lines, length) = rows ? (result.Rows, result.Columns) : (result.Columns, result.Rows);
        var numbers = new TX[length];
        for (var line = 0; line < lines; line++)
        {
            int Index(int k) => rows ? line * length + k : k * lines + line;
            work(of => [.. Enumerable.Range(0, length).Select(k => TX.Load(of, Index(k)))], numbers);
            for (var k = 0; k < length; k++)
            {
                Write(Index(k), numbers[k]);
            }
        }
    }

    /// <summary>Adds up, for each row of a table, the rows that were looked up from it.</summary>
    private void SumLookedUp()
    {
        var (index, gradient) = (x[0], copies.Correlated(x[1], node.Inputs[1]));
        var rowsOf = Enumerable.Range(0, gradient.Rows).ToLookup(row => (int)index.Values[row]);
        for (var i = 0; i < result.Rows; i++)
        {
            int[] rows = [.. rowsOf[i]];
            var ones = Ones(rows.Length);
            for (var j = 0; j < result.Columns; j++)
            {
                Write(i * result.Columns + j, TX.SumOfProducts([.. rows.Select(row => TX.Load(gradient, row * gradient.Columns + j))], ones));
            }
        }
    }
}
