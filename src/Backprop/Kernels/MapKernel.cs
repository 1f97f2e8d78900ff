using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Formulas;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Backprop.Kernels;

/// <summary>A formula of matrices, element by element; one that has one row, one column or both is repeated.</summary>
internal abstract class MapKernel<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Computes some rows of a panel of the result.</summary>
    public abstract void Run(int panel, int row, int rows);
}

/// <summary>An operand of a formula of matrices.</summary>
/// <param name="matrix">As large as the result, or with one row, one column or both.</param>
/// <param name="result">The result.</param>
internal readonly struct MapOperand<T>(Panels<T> matrix, Panels<T> result) where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Whether a row's one number stands for all columns.</summary>
    public bool Repeats { get; } = matrix.Columns < result.Columns;

    /// <summary>Numbers from one row to the next: 0 where the same row stands for all.</summary>
    public int RowStep { get; } = matrix.Rows < result.Rows ? 0 : Panels<T>.Width;

    /// <summary>Whether it is as large as the result.</summary>
    public bool IsWhole => !Repeats && RowStep > 0;

    /// <summary>Where a row of a panel begins.</summary>
    public ref T At(int panel, int row) => ref matrix.Start.At((Repeats ? 0 : matrix.PanelOffset(panel)) + row * RowStep);
}

/// <inheritdoc/>
internal sealed class MapKernel<T, TV, TS, TF>(TF f, IReadOnlyList<Panels<T>> operands, Panels<T> result) : MapKernel<T>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
    where TF : struct, IFormula
{
    // What a formula has no use for stands in as a repetition of the first, and is never read.
    private readonly MapOperand<T> a = new(operands[0], result);
    private readonly MapOperand<T> b = new(operands[TF.Inputs > 1 ? 1 : 0], result);
    private readonly MapOperand<T> c = new(operands[TF.Inputs > 2 ? 2 : 0], result);

    public override void Run(int panel, int row, int rows)
    {
        ref var y = ref result.Start.At(result.PanelOffset(panel) + row * Panels<T>.Width);
        var columns = Math.Min(Panels<T>.Width, result.Columns - panel * Panels<T>.Width);
        // Where columns fill up most of a panel, a run over all of it is faster than a loop a row.
        if (a.IsWhole && b.IsWhole && c.IsWhole && 2 * columns > Panels<T>.Width)
        {
            Whole(f, ref a.At(panel, row), ref b.At(panel, row), ref c.At(panel, row), ref y, rows * Panels<T>.Width);
        }
        else
        {
            Repeating(f, a, b, c, ref a.At(panel, row), ref b.At(panel, row), ref c.At(panel, row), ref y, rows, columns);
        }
    }

    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static void Whole(TF f, ref T a, ref T b, ref T c, ref T y, int length)
    {
        for (var i = 0; i < length; i += TS.Count)
        {
            var first = Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref a, i));
            var second = TF.Inputs > 1 ? Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref b, i)) : default;
            var third = TF.Inputs > 2 ? Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref c, i)) : default;
            f.Of(first, second, third).Store(ref Unsafe.Add(ref y, i));
        }
    }

    [MethodImpl(NoInlining | AggressiveOptimization)]
    private static void Repeating(
        TF f, MapOperand<T> shapeA, MapOperand<T> shapeB, MapOperand<T> shapeC, ref T a, ref T b, ref T c, ref T y, int rows, int columns)
    {
        var (repeatsA, repeatsB, repeatsC) = (shapeA.Repeats, shapeB.Repeats, shapeC.Repeats);
        var (stepA, stepB, stepC) = (shapeA.RowStep, shapeB.RowStep, shapeC.RowStep);
        for (var row = 0; row < rows; row++)
        {
            var oneA = new Lanes<TV, T, TS>(TS.Broadcast(a));
            var oneB = TF.Inputs > 1 ? new Lanes<TV, T, TS>(TS.Broadcast(b)) : default;
            var oneC = TF.Inputs > 2 ? new Lanes<TV, T, TS>(TS.Broadcast(c)) : default;
            for (var i = 0; i < columns; i += TS.Count)
            {
                var first = repeatsA ? oneA : Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref a, i));
                var second = TF.Inputs < 2 || repeatsB ? oneB : Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref b, i));
                var third = TF.Inputs < 3 || repeatsC ? oneC : Lanes<TV, T, TS>.Load(ref Unsafe.Add(ref c, i));
                f.Of(first, second, third).Store(ref Unsafe.Add(ref y, i));
            }

            a = ref Unsafe.Add(ref a, stepA);
            b = ref Unsafe.Add(ref b, stepB);
            c = ref Unsafe.Add(ref c, stepC);
            y = ref Unsafe.Add(ref y, Panels<T>.Width);
        }
    }
}
