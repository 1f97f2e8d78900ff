namespace Backprop.Formulas;

/// <summary>Finds a row of a catalogue by its name.</summary>
internal static class Catalogue
{
    /// <summary>The row of that name, ignoring case.</summary>
    /// <param name="rows">The catalogue.</param>
    /// <param name="nameOf">Gives a row's name.</param>
    /// <param name="name">The name asked for.</param>
    /// <param name="kind">What a row is called in the message, such as <c>activation</c>.</param>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static TRow Find<TRow>(IReadOnlyList<TRow> rows, Func<TRow, string> nameOf, string name, string kind) where TRow : class
        => rows.FirstOrDefault(row => string.Equals(nameOf(row), name, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException($"There is no {kind} '{name}'. Choose one of: {string.Join(", ", rows.Select(nameOf))}.");
}
