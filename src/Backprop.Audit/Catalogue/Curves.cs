using System.Numerics;
using Backprop.Graph;
using Backprop.Planning;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>Functions of single numbers as the engine's kernels and as libtorch compute them: values and slopes at many points.</summary>
internal static class Curves
{
    /// <summary>A row of numbers as wide as the engine's panels.</summary>
    private const int Width = 16;

    /// <summary>The unit roundoff of a precision: 2⁻²⁴ or 2⁻⁵³.</summary>
    public static double Unit<T>() => typeof(T) == typeof(float) ? 1.0 / (1 << 24) : 1.0 / (1L << 53);

    /// <summary>libtorch's name of a precision.</summary>
    public static ScalarType TypeOf<T>() => typeof(T) == typeof(float) ? ScalarType.Float32 : ScalarType.Float64;

    /// <summary>A precision's name in findings.</summary>
    public static string Name<T>() => typeof(T) == typeof(float) ? "float" : "double";

    /// <summary>The numbers, infinite where a precision has none so large.</summary>
    public static double[] InRange<T>(double[] values) where T : unmanaged, IFloatingPointIeee754<T>
        => Array.ConvertAll(values, x => T.IsInfinity(T.CreateTruncating(x)) ? double.CreateTruncating(T.CreateTruncating(x)) : x);

    /// <summary>f and f′ by the engine's kernels; f is a graph of one leaf.</summary>
    public static (double[] Values, double[] Slopes) Engine<T>(Func<Node, Node> f, double[] points) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var x = Node.Input("x", Width);
        using var numbers = new Numbers<T>(new() { Threads = 1 }) { [x] = Grid<T>(points) };
        var y = f(x);
        return (Flat(numbers.Value(y), points.Length), Flat(numbers.Gradients(y.Sum(), [x], zeros: true)[0], points.Length));
    }

    /// <summary>f and f′ by libtorch in a precision, the derivative by autograd.</summary>
    public static (double[] Values, double[] Slopes) Torch<T>(Func<Tensor, Tensor> f, double[] points) where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var scope = NewDisposeScope();
        using var x = tensor(points).to(TypeOf<T>()).requires_grad_();
        var y = f(x);
        y.sum().backward();
        return (Wide(y), Wide(x.grad!));
    }

    /// <summary>A tensor's numbers.</summary>
    public static double[] Wide(Tensor tensor) => tensor.detach().to(ScalarType.Float64).contiguous().data<double>().ToArray();

    /// <summary>The numbers in rows as wide as panels, filled up with the last of them.</summary>
    public static T[,] Grid<T>(double[] points) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var grid = new T[(points.Length + Width - 1) / Width, Width];
        for (var i = 0; i < grid.Length; i++)
        {
            grid[i / Width, i % Width] = T.CreateTruncating(points[Math.Min(i, points.Length - 1)]);
        }

        return grid;
    }

    /// <summary>The first numbers of a matrix, row by row.</summary>
    public static double[] Flat<T>(T[,] matrix, int count) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var columns = matrix.GetLength(1);
        return [.. Enumerable.Range(0, count).Select(i => double.CreateTruncating(matrix[i / columns, i % columns]))];
    }
}
