namespace Backprop.Audit.Bounds;

/// <summary>A number of a matrix, as a formula reads it: plain, or with its error.</summary>
/// <typeparam name="TX">The number type itself.</typeparam>
internal interface IElement<TX> where TX : struct, IElement<TX>
{
    /// <summary>The value.</summary>
    double Value { get; }

    /// <inheritdoc cref="Bounded.Doubt"/>
    double Doubt { get; }

    /// <summary>Whether it has no error.</summary>
    bool IsExact { get; }

    /// <inheritdoc cref="Plain.Path"/>
    ulong Path { get; }

    /// <summary>The number at an index of a matrix.</summary>
    static abstract TX Load(BoundedMatrix matrix, int index);

    /// <summary>Writes it there.</summary>
    void Store(BoundedMatrix matrix, int index);

    /// <summary>The number with an error of its own, beside those of what it is made of.</summary>
    /// <param name="x">The number.</param>
    /// <param name="error">The most it may be, in units.</param>
    /// <param name="variance">Its variance.</param>
    static abstract TX Off(TX x, double error, double variance);

    /// <summary>
    /// The number without its errors, where what becomes of them is told by <see cref="Following"/>; with them where they are followed anyway.
    /// </summary>
    static abstract TX Alone(TX x);

    /// <summary>A result computed from numbers taken <see cref="Alone"/>, with what their errors make of it.</summary>
    /// <param name="result">The result.</param>
    /// <param name="of">The numbers.</param>
    /// <param name="slope">Its derivative with respect to each.</param>
    /// <param name="curvature">
    /// The most that its second derivative may be along any line within the numbers' largest error, which is given as float's, relative to the
    /// square of that.
    /// </param>
    static abstract TX Following(TX result, TX[] of, Func<int, double> slope, Func<double, double> curvature);

    /// <summary>A number whose error is the same in so many terms of a sum.</summary>
    static abstract TX Common(TX x, int times);

    /// <summary>Of the products of pairs.</summary>
    static abstract TX SumOfProducts(ReadOnlySpan<TX> a, ReadOnlySpan<TX> b);
}
