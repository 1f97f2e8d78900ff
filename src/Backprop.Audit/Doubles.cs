using System.Numerics;
using TorchSharp;

namespace Backprop.Audit;

/// <summary>Numbers of any precision and container as doubles, row-major, and back.</summary>
internal static class Doubles
{
    /// <summary>Those of a span.</summary>
    public static double[] Of<T>(ReadOnlySpan<T> numbers) where T : unmanaged, INumberBase<T>
    {
        var doubles = new double[numbers.Length];
        for (var i = 0; i < doubles.Length; i++)
        {
            doubles[i] = double.CreateTruncating(numbers[i]);
        }

        return doubles;
    }

    /// <summary>Those of a matrix.</summary>
    public static double[] Of<T>(T[,] matrix) where T : unmanaged, INumberBase<T>
        => Of(System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpan(ref matrix[0, 0], matrix.Length));

    /// <summary>Those of a tensor.</summary>
    public static double[] Of(torch.Tensor tensor)
    {
        using var numbers = tensor.detach().cpu().to(torch.ScalarType.Float64).contiguous();
        return numbers.data<double>().ToArray();
    }

    /// <summary>Numbers in a precision.</summary>
    public static T[] In<T>(ReadOnlySpan<double> numbers) where T : unmanaged, INumberBase<T>
    {
        var result = new T[numbers.Length];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = T.CreateTruncating(numbers[i]);
        }

        return result;
    }

    /// <summary>Numbers as a matrix in a precision.</summary>
    /// <param name="numbers">Row-major.</param>
    /// <param name="columns">Its columns.</param>
    public static T[,] Matrix<T>(ReadOnlySpan<double> numbers, int columns) where T : unmanaged, INumberBase<T>
    {
        var matrix = new T[numbers.Length / columns, columns];
        for (var i = 0; i < matrix.Length; i++)
        {
            matrix[i / columns, i % columns] = T.CreateTruncating(numbers[i]);
        }

        return matrix;
    }

    /// <summary>libtorch's name of a precision.</summary>
    public static torch.ScalarType TypeOf<T>() => typeof(T) == typeof(float) ? torch.ScalarType.Float32 : torch.ScalarType.Float64;

    /// <summary>A precision's name in findings.</summary>
    public static string NameOf<T>() => typeof(T) == typeof(float) ? "float" : "double";
}
