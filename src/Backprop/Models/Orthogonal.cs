using Backprop.Kernels;

namespace Backprop.Models;

/// <summary>Rows, or columns where there are fewer of those, of length gain at right angles: orthogonal_. Saxe, McClelland and Ganguli (2014).</summary>
/// <remarks>
/// Q of the QR decomposition, with a positive diagonal in R, of normal numbers that are PyTorch's bit for bit; formed in double
/// precision by another method than LAPACK's, so that it is PyTorch's matrix but for its roundings.
/// </remarks>
public sealed record Orthogonal : GainInitializer
{
    /// <inheritdoc/>
    public override void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random)
    {
        if (values.Length != (long)fanIn * fanOut)
        {
            throw new ArgumentException($"{values.Length} numbers are no matrix of {fanOut} × {fanIn}. Choose another initializer for what is not a matrix.");
        }

        random.FillNormal(values);
        // Vector i is row i where the matrix is wide, column i where it is not; number k of it lies at this place.
        var wide = fanOut < fanIn;
        var (count, length) = wide ? (fanOut, fanIn) : (fanIn, fanOut);
        int Place(int i, int k) => wide ? i * fanIn + k : k * fanIn + i;
        var stride = (length + Reduce.Lanes - 1) / Reduce.Lanes * Reduce.Lanes;
        var vectors = new double[checked(count * stride)];
        for (var i = 0; i < count; i++)
        {
            for (var k = 0; k < length; k++)
            {
                vectors[i * stride + k] = double.CreateTruncating(values[Place(i, k)]);
            }
        }

        Kernels<double>.Of(null).Orthonormalise(vectors, stride);
        for (var i = 0; i < count; i++)
        {
            for (var k = 0; k < length; k++)
            {
                values[Place(i, k)] = T.CreateTruncating(vectors[i * stride + k] * Gain);
            }
        }
    }
}
