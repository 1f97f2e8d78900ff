using Backprop.Cli.Data;
using Backprop.Models;

namespace Backprop.Cli.Tasks;

/// <summary>Labels that are numbers.</summary>
internal static class RealLabels
{
    /// <summary>A label column as numbers.</summary>
    /// <exception cref="InputException">A label is no finite number, or a negative count.</exception>
    public static float[] Of(Head head, LabelTexts label) => [.. label.Texts.Select((text, i) => Number(head, label, text, label.Lines[i]))];

    private static float Number(Head head, LabelTexts label, string text, int line)
    {
        var place = $"Label '{label.Column}' is '{text}' on line {line} of {label.Source}";
        if (!label.Numbers.TryParse(text, out var number) || !float.IsFinite(number))
        {
            throw new InputException(
                $"{place}, and a {head.Name} task needs finite numbers. "
                + (label.Numbers == NumberText.Point && NumberText.Comma.TryParse(text, out number) && float.IsFinite(number)
                    ? "If that is a decimal comma, give --decimal-comma."
                    : "Correct it, or give --task binary or multiclass if the label names classes."));
        }

        return number >= 0 || head is not PoissonHead
            ? number
            : throw new InputException($"{place}, and a poisson task needs counts, 0 or above. Correct it, or give --task regression.");
    }
}
