using System.Globalization;
using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Backprop.Formulas;

namespace Backprop.Kernels;

/// <summary>All kernels at one vector width, chosen at run time; each call below reaches code compiled for that width.</summary>
internal abstract class Kernels<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Bits of a vector; 0 for scalar code.</summary>
    public abstract int VectorBits { get; }

    /// <summary>The kernels of that width; without one, of the width in BACKPROP_VECTOR_BITS, or else of the widest the processor has.</summary>
    /// <exception cref="ArgumentException">There is no such width.</exception>
    public static Kernels<T> Of(int? vectorBits) => (vectorBits ?? FromEnvironment() ?? WidestBits()) switch
    {
        512 => new Kernels<T, Vector512<T>, Simd512<T>>(512),
        256 => new Kernels<T, Vector256<T>, Simd256<T>>(256),
        128 => new Kernels<T, Vector128<T>, Simd128<T>>(128),
        0 => new Kernels<T, T, Simd1<T>>(0),
        var bits => throw NoSuchWidth($"{bits}"),
    };

    /// <inheritdoc cref="Gemm{T, TV, TS}.Rows"/>
    public abstract void ProductRows(Panels<T> a, Panels<T> b, ref T c, int panel, int row, int rows, Panels<T>? bias);

    /// <inheritdoc cref="Gemm{T, TV, TS}.Row"/>
    public abstract void ProductRow(Panels<T> a, Panels<T> b, Panels<T> c, int row, Panels<T>? bias);

    /// <inheritdoc cref="Gemm{T, TV, TS}.Columns"/>
    public abstract void ProductColumns(Panels<T> a, Panels<T> b, ref T c, int panel, int column, int columns, int k);

    /// <inheritdoc cref="Gemm{T, TV, TS}.Sums"/>
    public abstract void ColumnSums(Panels<T> b, ref T c, int panel, int k);

    /// <inheritdoc cref="SparseProduct{T, TV, TS}.Row"/>
    public abstract void SparseProductRow(SparseRow<T> a, Panels<T> b, ref T c, int panel, Panels<T>? bias);

    public abstract Block<T> Activate(Activation f, Slice<T> x, Slice<T> y);

    public abstract Block<T> ActivationGradient(Activation f, Slice<T> dy, Slice<T> x, Slice<T> y, Slice<T> dx);

    /// <summary>A formula of matrices, element by element.</summary>
    /// <param name="f">The formula.</param>
    /// <param name="operands">One for each of its inputs: as large as the result, or with one row, one column or both.</param>
    /// <param name="result">Receives the values.</param>
    public abstract MapKernel<T> Map<TF>(TF f, IReadOnlyList<Panels<T>> operands, Panels<T> result) where TF : struct, IFormula;

    /// <inheritdoc cref="RowSum{T, TV, TS}.Rows"/>
    public abstract void RowSums(Panels<T> a, Panels<T> sums, int from, int rows);

    /// <inheritdoc cref="RowNormalisation{T, TV, TS}.Rows"/>
    public abstract void NormaliseRows(Panels<T> x, Panels<T> y, double epsilon, int from, int rows);

    /// <inheritdoc cref="RowNormalisation{T, TV, TS}.Gradient"/>
    public abstract void NormaliseRowsGradient(Panels<T> dy, Panels<T> x, Panels<T> dx, double epsilon, int from, int rows);

    /// <inheritdoc cref="ColumnNormalisation{T, TV, TS}.Panel"/>
    public abstract void NormalisePanel(Panels<T> x, Panels<T> y, double epsilon, int panel, int rows);

    /// <inheritdoc cref="ColumnNormalisation{T, TV, TS}.Gradient"/>
    public abstract void NormalisePanelGradient(Panels<T> dy, Panels<T> x, Panels<T> dx, double epsilon, int panel, int rows);

    /// <inheritdoc cref="SquaredDistances{T, TV, TS}.Rows"/>
    public abstract void SquaredDistances(Panels<T> x, Panels<T> w, Panels<T> result, int panel, int from, int rows);

    /// <inheritdoc cref="TableRows{T, TV, TS}.Add"/>
    public abstract void AddTableRows(Panels<T> index, Panels<T> gradient, Panels<T> table, int panel, int rows);

    /// <summary>y = f(x).</summary>
    /// <param name="f">The function.</param>
    /// <param name="x">A multiple of 16 numbers.</param>
    /// <param name="y">As many.</param>
    public abstract void Apply<TF>(TF f, ReadOnlySpan<T> x, Span<T> y) where TF : struct, IFormula;

    /// <summary>The update by that rule, or its lazy form: for rows that are updated only where their gradient is not all zeros.</summary>
    public abstract UpdateKernel<T> Update(UpdateRule rule, bool lazy = false);

    public abstract RowLoss<T> SoftmaxLoss();

    public abstract RowLoss<T> SoftmaxLoss(TargetMix mix);

    public abstract RowLoss<T> ElementwiseLoss(Loss loss);

    public abstract RowLoss<T> QuantileLoss(IReadOnlyList<double> levels);

    public abstract RowLoss<T> GaussianLoss();

    /// <summary>Replaces the first rows of a matrix by their softmax.</summary>
    public void Softmax(Panels<T> z, int rows) => Softmax(z, z, 0, rows);

    /// <inheritdoc cref="Softmax{T, TV, TS}.Rows"/>
    public abstract void Softmax(Panels<T> z, Panels<T> y, int from, int rows);

    /// <inheritdoc cref="Softmax{T, TV, TS}.LogRows"/>
    public abstract void LogSoftmax(Panels<T> z, Panels<T> y, int from, int rows);

    /// <inheritdoc cref="GramSchmidt{T, TV, TS}.Run"/>
    public abstract void Orthonormalise(Span<T> vectors, int stride);

    private static int? FromEnvironment() => Environment.GetEnvironmentVariable("BACKPROP_VECTOR_BITS") switch
    {
        null or "" => null,
        var text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) ? bits : throw NoSuchWidth(text),
    };

    private static ArgumentException NoSuchWidth(string bits)
        => new($"There are no vectors of {bits} bits. Choose 512, 256, 128, or 0 for scalar code.");

    // By instruction set: Vector512.IsHardwareAccelerated is false on processors that slow down for 512 bits, where they still pay.
    private static int WidestBits() => Avx512F.IsSupported ? 512 : Avx2.IsSupported ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;
}

/// <inheritdoc/>
internal sealed class Kernels<T, TV, TS>(int vectorBits)
    : Kernels<T>, ILossVisitor<RowLoss<T>>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TS : struct, ISimd<TV, T>
{
    public override int VectorBits => vectorBits;

    public override void ProductRows(Panels<T> a, Panels<T> b, ref T c, int panel, int row, int rows, Panels<T>? bias)
        => Gemm<T, TV, TS>.Rows(a, b, ref c, panel, row, rows, bias);

    public override void ProductRow(Panels<T> a, Panels<T> b, Panels<T> c, int row, Panels<T>? bias)
        => Gemm<T, TV, TS>.Row(a, b, c, row, bias);

    public override void ProductColumns(Panels<T> a, Panels<T> b, ref T c, int panel, int column, int columns, int k)
        => Gemm<T, TV, TS>.Columns(a, b, ref c, panel, column, columns, k);

    public override void ColumnSums(Panels<T> b, ref T c, int panel, int k) => Gemm<T, TV, TS>.Sums(b, ref c, panel, k);

    public override void SparseProductRow(SparseRow<T> a, Panels<T> b, ref T c, int panel, Panels<T>? bias)
        => SparseProduct<T, TV, TS>.Row(a, b, ref c, panel, bias);

    public override Block<T> Activate(Activation f, Slice<T> x, Slice<T> y) => f.Accept(new Activating(x, y));

    public override Block<T> ActivationGradient(Activation f, Slice<T> dy, Slice<T> x, Slice<T> y, Slice<T> dx)
        => f.Accept(new Differentiating(dy, x, y, dx));

    public override MapKernel<T> Map<TF>(TF f, IReadOnlyList<Panels<T>> operands, Panels<T> result)
        => new MapKernel<T, TV, TS, TF>(f, operands, result);

    public override void RowSums(Panels<T> a, Panels<T> sums, int from, int rows) => RowSum<T, TV, TS>.Rows(a, sums, from, rows);

    public override void NormaliseRows(Panels<T> x, Panels<T> y, double epsilon, int from, int rows)
        => RowNormalisation<T, TV, TS>.Rows(x, y, epsilon, from, rows);

    public override void NormaliseRowsGradient(Panels<T> dy, Panels<T> x, Panels<T> dx, double epsilon, int from, int rows)
        => RowNormalisation<T, TV, TS>.Gradient(dy, x, dx, epsilon, from, rows);

    public override void NormalisePanel(Panels<T> x, Panels<T> y, double epsilon, int panel, int rows)
        => ColumnNormalisation<T, TV, TS>.Panel(x, y, epsilon, panel, rows);

    public override void NormalisePanelGradient(Panels<T> dy, Panels<T> x, Panels<T> dx, double epsilon, int panel, int rows)
        => ColumnNormalisation<T, TV, TS>.Gradient(dy, x, dx, epsilon, panel, rows);

    public override void SquaredDistances(Panels<T> x, Panels<T> w, Panels<T> result, int panel, int from, int rows)
        => SquaredDistances<T, TV, TS>.Rows(x, w, result, panel, from, rows);

    public override void AddTableRows(Panels<T> index, Panels<T> gradient, Panels<T> table, int panel, int rows)
        => TableRows<T, TV, TS>.Add(index, gradient, table, panel, rows);

    public override void Apply<TF>(TF f, ReadOnlySpan<T> x, Span<T> y) => ElementaryFunction.Sweep<T, TV, TS, TF>(f, x, y);

    public override UpdateKernel<T> Update(UpdateRule rule, bool lazy) => rule.Accept(new Updating(lazy));

    public override RowLoss<T> SoftmaxLoss() => new SoftmaxRowLoss<T, TV, TS>();

    public override RowLoss<T> SoftmaxLoss(TargetMix mix) => new MixedSoftmaxRowLoss<T, TV, TS>(mix);

    public override RowLoss<T> ElementwiseLoss(Loss loss) => loss.Accept(this);

    public override RowLoss<T> QuantileLoss(IReadOnlyList<double> levels) => new QuantileRowLoss<T, TV, TS>(levels);

    public override RowLoss<T> GaussianLoss() => new GaussianRowLoss<T, TV, TS>();

    public override void Softmax(Panels<T> z, Panels<T> y, int from, int rows) => Softmax<T, TV, TS>.Rows(z, y, from, rows);

    public override void LogSoftmax(Panels<T> z, Panels<T> y, int from, int rows) => Softmax<T, TV, TS>.LogRows(z, y, from, rows);

    public override void Orthonormalise(Span<T> vectors, int stride) => GramSchmidt<T, TV, TS>.Run(vectors, stride);

    RowLoss<T> ILossVisitor<RowLoss<T>>.Visit<TF>(TF formula) => new ElementwiseRowLoss<T, TV, TS, TF>(formula);

    private sealed record Updating(bool Lazy) : IOptimizerVisitor<UpdateKernel<T>>
    {
        public UpdateKernel<T> Visit<TUpdate>(IOptimizer<TUpdate> optimizer) where TUpdate : struct, IUpdate
            => new UpdateKernel<T, TV, TS, TUpdate>(optimizer, Lazy);
    }

    private sealed record Activating(Slice<T> X, Slice<T> Y) : IActivationVisitor<Block<T>>
    {
        public Block<T> Visit<TF>(TF formula) where TF : struct, IActivation => new ActivationBlock<T, TV, TS, TF>(formula, X, Y);
    }

    private sealed record Differentiating(Slice<T> Dy, Slice<T> X, Slice<T> Y, Slice<T> Dx) : IActivationVisitor<Block<T>>
    {
        public Block<T> Visit<TF>(TF formula) where TF : struct, IActivation
            => new ActivationGradientBlock<T, TV, TS, TF>(formula, Dy, X, Y, Dx);
    }
}
