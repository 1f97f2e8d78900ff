using Backprop.Cli.Data;

namespace Backprop.Cli.Tasks;

/// <summary>The distinct values of a class label, in an order that does not depend on the order of the rows.</summary>
internal static class ClassNames
{
    /// <summary>By size if all are numbers, otherwise by character code.</summary>
    /// <exception cref="InputException">There is only one.</exception>
    public static IReadOnlyList<string> Of(LabelTexts label)
    {
        var names = label.Texts.Distinct().Order(StringComparer.Ordinal).ToList();
        if (names.Count == 1)
        {
            throw new InputException(
                $"Label '{label.Column}' of {label.Source} has one class only ('{names[0]}'), and there is nothing to tell apart. "
                + "Give rows of two classes at least.");
        }

        double? Number(string name) => label.Numbers.TryParse(name, out var number) ? number : null;
        return names.All(name => Number(name) is not null) ? [.. names.OrderBy(Number)] : names;
    }

    /// <summary>Refuses a label that is none of the classes.</summary>
    public static void CheckKnown(LabelTexts label, IReadOnlyList<string> classes)
    {
        var known = classes.ToHashSet();
        for (var i = 0; i < label.Texts.Count; i++)
        {
            if (!known.Contains(label.Texts[i]))
            {
                throw new InputException(
                    $"Label '{label.Texts[i]}' on line {label.Lines[i]} of {label.Source} is none of the {classes.Count} classes "
                    + $"trained for ({Listed(classes)}). Correct it, or leave the row out.");
            }
        }
    }

    /// <summary>The first few names, for a message.</summary>
    public static string Listed(IReadOnlyList<string> classes)
        => string.Join(", ", classes.Take(10)) + (classes.Count > 10 ? ", …" : "");
}
