namespace Backprop.Audit.Bounds;

/// <summary>A number of a matrix, as a formula reads it: plain, or with its error.</summary>
/// <typeparam name="TX">The number type itself.</typeparam>
internal interface IElement<TX> where TX : struct, IElement<TX>
{
    /// <summary>The value.</summary>
    double Value { get; }

    /// <inheritdoc cref="Bounded.Doubt"/>
    double Doubt { get; }

    /// <inheritdoc cref="Plain.Path"/>
    ulong Path { get; }

    /// <summary>The number at an index of a matrix.</summary>
    static abstract TX Load(BoundedMatrix matrix, int index);

    /// <summary>Writes it there.</summary>
    void Store(BoundedMatrix matrix, int index);

    /// <summary>Of the products of pairs.</summary>
    static abstract TX SumOfProducts(ReadOnlySpan<TX> a, ReadOnlySpan<TX> b);
}
