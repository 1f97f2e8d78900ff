namespace Backprop.Audit.Bounds;

/// <summary>A matrix in double, row-major, and how far each of its numbers may be off.</summary>
/// <param name="rows">Rows.</param>
/// <param name="columns">Columns.</param>
/// <param name="carried">What of errors goes with each number.</param>
internal sealed class BoundedMatrix(int rows, int columns, Carried carried = Carried.Bounds)
{
    /// <summary>What of errors goes with each number.</summary>
    public Carried Carried => carried;

    /// <summary>Rows.</summary>
    public int Rows => rows;

    /// <summary>Columns.</summary>
    public int Columns => columns;

    /// <summary>How many numbers there are.</summary>
    public int Length => Values.Length;

    /// <summary>The values.</summary>
    public double[] Values { get; } = new double[rows * columns];

    /// <summary><see cref="Bounded.Error"/>, or how far <see cref="FloatSample.Actual"/> is off, in units of float.</summary>
    public double[]? Errors { get; } = carried != Carried.Nothing ? new double[rows * columns] : null;

    /// <inheritdoc cref="Bounded.Variance"/>
    public double[]? Variances { get; } = carried == Carried.Bounds ? new double[rows * columns] : null;

    /// <summary>The arithmetic of a sample; null where it is none.</summary>
    public SampledArithmetic? By { get; init; }

    /// <summary>Whether <see cref="SampledArithmetic.IsBent"/> was so of these numbers, or of some that they are computed from.</summary>
    public bool IsBent { get; set; }

    /// <summary>Whether no number is off: those of a leaf.</summary>
    public bool IsExact { get; init; }

    /// <summary>A number.</summary>
    public Bounded this[int row, int column] => Bounded.Load(this, row * columns + column);

    /// <summary>All of them.</summary>
    public Bounded[] Numbers
    {
        get
        {
            var numbers = new Bounded[Length];
            for (var i = 0; i < numbers.Length; i++)
            {
                numbers[i] = Bounded.Load(this, i);
            }

            return numbers;
        }
    }

    /// <summary>Takes numbers that float does not hold, as dropout's 1 / (1 − p), for rounded twice: p's rest, and its reciprocal.</summary>
    public void RoundUnlessExact()
    {
        for (var i = 0; i < Length && !IsExact && Errors is not null; i++)
        {
            var rounding = Values[i] == (float)Values[i] ? 0 : Math.Abs(Values[i]);
            var (error, variance) = (2 * rounding, 2 * Bounded.Uniform * rounding * rounding);
            if (carried == Carried.Sample)
            {
                FloatSample.Off(new(Values[i], Values[i], By), error, variance).Store(this, i);
            }
            else
            {
                (Errors[i], Variances![i]) = (error, variance);
            }
        }
    }

    /// <summary>Rows for columns.</summary>
    public BoundedMatrix Transposed()
    {
        var result = new BoundedMatrix(columns, rows, carried) { IsExact = IsExact, By = By, IsBent = IsBent };
        Transpose(Values, result.Values);
        if (Errors is not null && !IsExact)
        {
            Transpose(Errors, result.Errors!);
            if (Variances is not null)
            {
                Transpose(Variances, result.Variances!);
            }
        }

        return result;
    }

    /// <summary>Copies all numbers to a matrix of the same size.</summary>
    public void CopyTo(BoundedMatrix other) => CopyColumnsTo(other, 0, 0, columns);

    /// <summary>Copies neighbouring columns into a matrix of as many rows.</summary>
    /// <param name="other">The matrix.</param>
    /// <param name="from">The first column here.</param>
    /// <param name="to">The first there.</param>
    /// <param name="count">How many.</param>
    public void CopyColumnsTo(BoundedMatrix other, int from, int to, int count)
    {
        void Copy(double[]? source, double[]? target)
        {
            for (var i = 0; source is not null && target is not null && i < rows; i++)
            {
                source.AsSpan(i * columns + from, count).CopyTo(target.AsSpan(i * other.Columns + to));
            }
        }

        Copy(Values, other.Values);
        Copy(Errors, other.Errors);
        Copy(Variances, other.Variances);
    }

    private void Transpose(double[] from, double[] to)
    {
        // Square blocks, so that neither side leaves the cache.
        const int Block = 16;
        for (var top = 0; top < rows; top += Block)
        {
            for (var left = 0; left < columns; left += Block)
            {
                for (var i = top; i < Math.Min(rows, top + Block); i++)
                {
                    for (var j = left; j < Math.Min(columns, left + Block); j++)
                    {
                        to[j * rows + i] = from[i * columns + j];
                    }
                }
            }
        }
    }
}

/// <summary>What of errors goes with each number.</summary>
internal enum Carried
{
    /// <summary>Nothing: plain numbers.</summary>
    Nothing,

    /// <summary>The worst error and the variance.</summary>
    Bounds,

    /// <summary>An error drawn at random.</summary>
    Sample,
}
