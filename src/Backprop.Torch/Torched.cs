using Backprop.Formulas;
using TorchSharp;
using static TorchSharp.torch;

namespace Backprop.Torch;

/// <summary>Reads a formula as float64 tensor operations, so that torch's autograd differentiates it.</summary>
/// <remarks>Results are tensors: use it inside a dispose scope.</remarks>
/// <param name="Tensor">The value; scalars broadcast.</param>
public readonly record struct Torched(Tensor Tensor) : IReal<Torched>
{
    /// <summary>The numbers as a float64 vector.</summary>
    public static Torched Of(ReadOnlySpan<double> values)
    {
        TorchLibrary.EnsureLoaded();
        return new(tensor(values.ToArray(), ScalarType.Float64));
    }

    /// <summary>f and f′ at some points, the derivative by autograd.</summary>
    /// <param name="formula">What to differentiate, element by element.</param>
    /// <param name="points">Where.</param>
    public static (double[] Values, double[] Derivatives) Differentiate(Func<Torched, Torched> formula, ReadOnlySpan<double> points)
    {
        TorchLibrary.EnsureLoaded();
        using var scope = NewDisposeScope();
        var x = Of(points).Tensor.requires_grad_();
        var y = formula(new(x)).Tensor;
        y.sum().backward();
        return (y.expand_as(x).contiguous().data<double>().ToArray(), x.grad!.data<double>().ToArray());
    }

#pragma warning disable CS1591 // Each member is the tensor operation it is named after.
    public static implicit operator Torched(double constant) => Of([constant]);

    public static Torched operator +(Torched a, Torched b) => new(a.Tensor.add(b.Tensor, Scalars.One));

    public static Torched operator -(Torched a, Torched b) => new(a.Tensor - b.Tensor);

    public static Torched operator *(Torched a, Torched b) => new(a.Tensor * b.Tensor);

    public static Torched operator /(Torched a, Torched b) => new(a.Tensor / b.Tensor);

    public static Torched operator -(Torched x) => new(-x.Tensor);

    public static Torched MultiplyAdd(Torched a, Torched b, Torched c) => a * b + c; // torch has no fused operation: two roundings

    public static Torched Sqrt(Torched x) => new(sqrt(x.Tensor));

    public static Torched Abs(Torched x) => new(abs(x.Tensor));

    public static Torched Exp(Torched x) => new(exp(x.Tensor));

    public static Torched Expm1(Torched x) => new(expm1(x.Tensor));

    public static Torched Log(Torched x) => new(log(x.Tensor));

    public static Torched Log1p(Torched x) => new(log1p(x.Tensor));

    public static Torched Tanh(Torched x) => new(tanh(x.Tensor));

    public static Torched Erf(Torched x) => new(erf(x.Tensor));

    public static Torched Sigmoid(Torched x) => new(sigmoid(x.Tensor));

    public static Torched Erfc(Torched x) => new(erfc(x.Tensor));

    public static Torched Sin(Torched x) => new(sin(x.Tensor));

    public static Torched Cos(Torched x) => new(cos(x.Tensor));

    public static Torched IfPositive(Torched x, Torched then, Torched otherwise) => new(where(x.Tensor.gt(Scalars.Zero), then.Tensor, otherwise.Tensor));
#pragma warning restore CS1591

    /// <summary>Kept for ever: TorchSharp lets the garbage collector free a temporary scalar while the native call still reads it.</summary>
    private static class Scalars
    {
        public static readonly Scalar One = 1.0.ToScalar(), Zero = 0.0.ToScalar();
    }
}
