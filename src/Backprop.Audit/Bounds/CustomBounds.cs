using Backprop.Graph;
using Backprop.Planning;

namespace Backprop.Audit.Bounds;

/// <summary>How an operation of a user's own rounds, which nobody can read: by its Jacobian, from central differences of its double run.</summary>
/// <remarks>Its own rounding is taken for that of an elementary function, of numbers as large as its result and what it makes of its inputs.</remarks>
internal static class CustomBounds
{
    // Near the cube root of double's roundoff, where curve and rounding put a central difference off by about as much.
    private const double Step = 1e-6;

    /// <summary>Runs it.</summary>
    public static void Run(CustomOp op, Node node, BoundedMatrix[] x, BoundedMatrix result, int batch)
    {
        using var numbers = new Numbers<double>(new() { Threads = 1 });
        Node[] leaves = [.. node.Inputs.Select((input, i) => input.Shape.IsBatch
            ? Node.Input($"x{i}", input.Shape.Columns) : Node.State($"x{i}", input.Shape.Rows, input.Shape.Columns))];
        for (var i = 0; i < x.Length; i++)
        {
            numbers[leaves[i]] = Doubles.Matrix<double>(x[i].Values, x[i].Columns);
        }

        var value = Node.Of(op, leaves);
        Doubles.Of(numbers.Value(value)).CopyTo(result.Values, 0);
        if (result.Errors is null)
        {
            return;
        }

        var scale = Array.ConvertAll(result.Values, Math.Abs);
        for (var i = 0; i < x.Length; i++)
        {
            // Rows that do not touch each other are moved together.
            var together = op.ByRow && node.Inputs[i].Shape.IsBatch;
            for (var at = 0; at < (together ? x[i].Columns : x[i].Length); at++)
            {
                int[] moved = together ? [.. Enumerable.Range(0, batch).Select(row => row * x[i].Columns + at)] : [at];
                var up = Moved(numbers, leaves[i], x[i], moved, Step, value);
                var down = Moved(numbers, leaves[i], x[i], moved, -Step, value);
                for (var k = 0; k < result.Length; k++)
                {
                    var of = moved[together ? k / result.Columns : 0];
                    var slope = Slope.Central(up[k], down[k], Step * Math.Max(1, Math.Abs(x[i].Values[of])));
                    scale[k] += Math.Abs(slope * x[i].Values[of]);
                    if (result.Carried == Carried.Sample)
                    {
                        result.Errors[k] += slope * x[i].Errors![of];
                        continue;
                    }

                    result.Errors[k] += Math.Abs(slope) * x[i].Errors![of];
                    result.Variances![k] += slope * slope * x[i].Variances![of];
                }
            }
        }

        for (var k = 0; k < result.Length; k++)
        {
            var (error, variance) = Bounded.Rounding(scale[k]);
            if (result.Carried == Carried.Sample)
            {
                FloatSample.Off(FloatSample.Load(result, k), error, variance).Store(result, k);
                continue;
            }

            result.Errors[k] += error;
            result.Variances![k] += variance;
        }
    }

    private static double[] Moved(Numbers<double> numbers, Node leaf, BoundedMatrix x, int[] places, double step, Node value)
    {
        var moved = Doubles.Matrix<double>(x.Values, x.Columns);
        foreach (var place in places)
        {
            moved[place / x.Columns, place % x.Columns] += step * Math.Max(1, Math.Abs(x.Values[place]));
        }

        numbers[leaf] = moved;
        var result = Doubles.Of(numbers.Value(value));
        numbers[leaf] = Doubles.Matrix<double>(x.Values, x.Columns);
        return result;
    }
}
