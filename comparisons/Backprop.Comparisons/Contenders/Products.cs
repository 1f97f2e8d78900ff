using System.Numerics;
using Backprop.Audit;
using Backprop.Comparisons.Cases;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Kernels;
using Backprop.Models;
using Backprop.Torch;
using static TorchSharp.torch;

namespace Backprop.Comparisons.Contenders;

/// <summary>The operands of a product: from U(−1, 1), the same for everyone, row-major as m × k and k × n.</summary>
internal static class Operands
{
    /// <summary>A and B.</summary>
    public static (float[] A, float[] B) Of(int m, int k, int n)
    {
        var (random, a, b) = (new TorchRandom(1), new float[m * k], new float[k * n]);
        random.FillUniform(a, -1, 1);
        random.FillUniform(b, -1, 1);
        return (a, b);
    }

    /// <summary>The transpose of a row-major matrix.</summary>
    public static float[] Transposed(float[] matrix, int rows, int columns)
        => [.. Enumerable.Range(0, matrix.Length).Select(i => matrix[i % rows * columns + i / rows])];
}

/// <summary>The engine's product, by the step a plan would run, on panels.</summary>
internal sealed class EngineProduct<T> : Contender where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Step<T> step;
    private readonly Panels<T> result;
    private readonly int tasks;
    private readonly Scratch<T> scratch = new();

    public EngineProduct(ProductKind kind, int m, int k, int n)
    {
        var (a, b) = Operands.Of(m, k, n);
        var transposed = kind == ProductKind.WeightGradient;
        var left = transposed ? ToPanels(Operands.Transposed(a, m, k), k, m) : ToPanels(a, m, k);
        result = new(Buffers.Allocate<T>(Panels<T>.Size(m, n)), m, n);
        Op product = transposed ? new TransposedProduct() : new Product();
        step = product.Run(Kernels<T>.Of(null), [left, ToPanels(b, k, n)], result, batch: false);
        tasks = step.Tasks(m);
    }

    /// <inheritdoc/>
    public override void Run()
    {
        for (var task = 0; task < tasks; task++)
        {
            step.Run(task, result.Rows, scratch);
        }
    }

    /// <inheritdoc/>
    public override double[] Results()
    {
        Run();
        var (row, numbers) = (new T[result.Columns], new List<double>());
        for (var r = 0; r < result.Rows; r++)
        {
            result.GetRow(r, row);
            numbers.AddRange(row.Select(double.CreateTruncating));
        }

        return [.. numbers];
    }

    private static Panels<T> ToPanels(float[] matrix, int rows, int columns)
    {
        var panels = new Panels<T>(Buffers.Allocate<T>(Panels<T>.Size(rows, columns)), rows, columns);
        for (var r = 0; r < rows; r++)
        {
            panels.SetRow(r, [.. matrix.Skip(r * columns).Take(columns).Select(T.CreateTruncating)]);
        }

        return panels;
    }
}

/// <summary>libtorch's <c>mm</c> on one thread; the result is a new tensor, as its interface has it.</summary>
internal sealed class TorchProduct<T> : TorchContender where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Tensor left;
    private readonly Tensor right;

    public TorchProduct(ProductKind kind, int m, int k, int n) : base(1)
    {
        TorchLibrary.EnsureLoaded();
        var (a, b) = Operands.Of(m, k, n);
        left = kind == ProductKind.WeightGradient ? Matrix(Operands.Transposed(a, m, k), k, m).t() : Matrix(a, m, k);
        right = kind == ProductKind.Forward ? Matrix(Operands.Transposed(b, k, n), n, k).t() : Matrix(b, k, n);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        left.Dispose();
        right.Dispose();
    }

    /// <inheritdoc/>
    protected override Tensor Compute() => left.mm(right);

    private static Tensor Matrix(float[] values, int rows, int columns)
        => tensor(values, [rows, columns], typeof(T) == typeof(double) ? ScalarType.Float64 : ScalarType.Float32);
}
