using System.Globalization;

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

    /// <summary>The parts of a name such as <c>huber(0.5)</c>: what stands before the parentheses, and in them; null without any.</summary>
    public static (string Name, string? Parameters) Split(string name)
        => name.IndexOf('(') is var open and > 0 && name[^1] == ')' ? (name[..open], name[(open + 1)..^1]) : (name, null);

    /// <summary>A formula's parameter as its name shows it: the shortest decimal that is read as the same number.</summary>
    public static string Show(double parameter) => parameter.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>The parameter, if the formula is one for it.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public static double Require(bool fits, double parameter, string what, string bound)
        => fits ? parameter : throw new ArgumentException($"{what} is {Show(parameter)}, not {bound}. Correct it.");
}
