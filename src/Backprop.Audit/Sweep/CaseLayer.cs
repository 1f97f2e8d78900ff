using System.Globalization;
using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Audit;

/// <summary>One layer of a described network.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Numbers">The numbers that the kind takes, such as units.</param>
/// <param name="Function">The activation that the kind takes; null if none.</param>
internal sealed record CaseLayer(LayerKind Kind, IReadOnlyList<int> Numbers, Activation? Function = null)
{
    /// <summary>As in <c>residual:20:gelu</c>; an activation alone is its name.</summary>
    public override string ToString() => Kind == LayerKind.Activation
        ? Function!.ToString()
        : string.Join(':', [Kind.Name, .. Numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)),
            .. Function is null ? [] : new[] { Function.ToString() }]);

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <exception cref="ArgumentException">It is no layer; the message says what there is.</exception>
    public static CaseLayer Parse(string text)
    {
        var parts = text.Split(':');
        var kind = LayerKind.All.FirstOrDefault(one => one.Name == parts[0] && one != LayerKind.Activation);
        if (kind is null)
        {
            return Activation.All.Any(known => known.Family == parts[0].Split('(')[0])
                ? new(LayerKind.Activation, [], Activation.Parse(text))
                : throw new ArgumentException(
                    $"'{text}' is neither a layer nor an activation. Write one of {string.Join(", ", LayerKind.All)}, or an activation's name.");
        }

        var numbers = parts.Skip(1).Take(kind.Numbers.Count)
            .Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1).ToArray();
        return parts.Length == 1 + kind.Numbers.Count + (kind.TakesFunction ? 1 : 0)
            && numbers.Zip(kind.Numbers, (number, of) => number >= of.Least).All(holds => holds)
            ? new(kind, numbers, kind.TakesFunction ? Activation.Parse(parts[^1]) : null)
            : throw new ArgumentException($"'{text}' is not a layer as {kind}. Give its numbers and its activation, and nothing else.");
    }
}

/// <summary>One head of a described network, with a linear layer before it.</summary>
/// <param name="Task">The task.</param>
/// <param name="Outputs">Its logits.</param>
/// <param name="LossWeight">What its loss is multiplied by.</param>
/// <param name="Back">Which signal it is given: 0 for the last layer's, 1 for the one before, and so on.</param>
/// <param name="Members">Of how many members, each with a loss of its own, it is the mean.</param>
internal sealed record NetworkHead(Head Task, int Outputs, double LossWeight = 1, int Back = 0, int Members = 1)
{
    /// <summary>
    /// As in <c>multiclass(smoothing=0.1):3</c>, with <c>:0.5:1</c> for the loss weight and the place, where they are not usual; the mean of
    /// four members is <c>4*multiclass:3</c>.
    /// </summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(Members == 1 ? "" : $"{Members}*")}{Task}:{Outputs}")
        + (LossWeight == 1 && Back == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $":{LossWeight}:{Back}"));

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <exception cref="ArgumentException">It is no head; the message says what one looks like.</exception>
    public static NetworkHead Parse(string text)
    {
        var parts = text.Split(':');
        var (weight, back, members) = (1.0, 0, 1);
        if (parts[0].IndexOf('*') is >= 0 and var times && int.TryParse(parts[0][..times], NumberStyles.None, CultureInfo.InvariantCulture, out members))
        {
            parts[0] = parts[0][(times + 1)..];
        }

        return parts.Length is 2 or 4
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var outputs)
            && (parts.Length == 2 || (double.TryParse(parts[2], NumberStyles.Float, CultureInfo.InvariantCulture, out weight)
                && int.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out back)))
            && members > 0
            ? new(Head.Parse(parts[0]), outputs, weight, back, members)
            : throw new ArgumentException(
                $"'{text}' is no head. Write task:outputs, "
                + "task:outputs:lossWeight:back, or members*task:outputs, as in multiclass:3, regression(huber(1)):2:0.5:1 or 4*binary:1.");
    }
}
