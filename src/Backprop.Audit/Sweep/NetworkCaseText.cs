using System.Globalization;
using Backprop.Models;

namespace Backprop.Audit;

/// <content>The text of a case: options, then layers, then <c>-&gt;</c>, then heads, with spaces between.</content>
public sealed partial record NetworkCase
{
    private const string Arrow = "->", WeightedWord = "weighted";

    private static readonly IReadOnlyList<Option> Options =
    [
        new("rows", 1, 1 << 20, c => c.Rows, (c, value) => c with { Rows = (int)value }, Always: true),
        new("features", 1, Model.MaxUnits, c => c.Features, (c, value) => c with { Features = (int)value }, Always: true),
        new("seed", 0, uint.MaxValue, c => c.Seed, (c, value) => c with { Seed = (long)value }, Always: true),
        new("weightscale", 1e-30, 1e30, c => c.WeightScale, (c, value) => c with { WeightScale = value }, Whole: false),
        new("featurescale", 1e-30, 1e30, c => c.FeatureScale, (c, value) => c with { FeatureScale = value }, Whole: false),
        new("constant", 0, Model.MaxUnits, c => c.ConstantColumns, (c, value) => c with { ConstantColumns = (int)value }),
        new("duplicates", 0, 1 << 20, c => c.DuplicatedRows, (c, value) => c with { DuplicatedRows = (int)value }),
        new("dead", 0, 100, c => c.DeadPercent, (c, value) => c with { DeadPercent = (int)value }),
        new("saturated", 0, 100, c => c.SaturatedPercent, (c, value) => c with { SaturatedPercent = (int)value }),
        new("density", 0, 100, c => c.DensityPercent, (c, value) => c with { DensityPercent = (int)value }),
    ];

    private static readonly NetworkCase Usual = new();

    /// <summary>The case of a text.</summary>
    /// <exception cref="ArgumentException">It is none; the message says where.</exception>
    public static NetworkCase Parse(string text)
    {
        var words = Words(text);
        var arrow = words.IndexOf(Arrow);
        if (arrow < 0 || arrow == words.Count - 1)
        {
            throw new ArgumentException($"The network '{text}' has no head. End it as in 'linear:30 gelu {Arrow} multiclass:3'.");
        }

        var (parsed, layers) = (Usual, new List<CaseLayer>());
        foreach (var word in words.Take(arrow))
        {
            if (word == WeightedWord)
            {
                parsed = parsed with { Weighted = true };
            }
            else if (word.IndexOf('=') is var equals and > 0 && word.IndexOf('(') is var open && (open < 0 || equals < open))
            {
                parsed = Options.FirstOrDefault(option => option.Name == word[..equals])?.Read(parsed, word[(equals + 1)..])
                    ?? throw new ArgumentException(
                        $"'{word}' is no option of a network. Choose of: {string.Join(", ", Options.Select(option => option.Name))}, {WeightedWord}.");
            }
            else
            {
                layers.Add(CaseLayer.Parse(word));
            }
        }

        parsed = parsed with { Layers = layers, Heads = [.. words.Skip(arrow + 1).Select(NetworkHead.Parse)] };
        parsed.ToModel();
        return Options.FirstOrDefault(option => option.Always && !words.Take(arrow).Any(word => word.StartsWith($"{option.Name}=", StringComparison.Ordinal)))
            is { } absent
            ? throw new ArgumentException(
                $"The network '{text}' does not say its {absent.Name}. Begin it as in 'rows=12 features=4 seed=17 linear:30 gelu {Arrow} multiclass:3'.")
            : parsed;
    }

    /// <summary>The text from which <see cref="Parse"/> makes the case again.</summary>
    public override string ToString() => string.Join(' ',
    [
        .. Options.Where(option => option.Always || option.Of(this) != option.Of(Usual)).Select(option => option.Write(this)),
        .. Weighted ? [WeightedWord] : Array.Empty<string>(),
        .. Layers.Select(layer => layer.ToString()),
        Arrow,
        .. Heads.Select(head => head.ToString()),
    ]);

    /// <summary>What stands between spaces that are not in parentheses.</summary>
    private static List<string> Words(string text)
    {
        var (words, depth, start) = (new List<string>(), 0, 0);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (char.IsWhiteSpace(text[i]) && depth == 0))
            {
                words.Add(text[start..i]);
                start = i + 1;
            }
            else
            {
                depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            }
        }

        words.RemoveAll(word => word.Length == 0);
        return words;
    }

    private sealed record Option(string Name, double Least, double Most, Func<NetworkCase, double> Of,
        Func<NetworkCase, double, NetworkCase> With, bool Whole = true, bool Always = false)
    {
        public string Write(NetworkCase of) => string.Create(CultureInfo.InvariantCulture, $"{Name}={Of(of)}");

        public NetworkCase Read(NetworkCase into, string text)
            => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= Least && value <= Most
                && (!Whole || double.IsInteger(value))
                ? With(into, value)
                : throw new ArgumentException(
                    FormattableString.Invariant($"{Name} of a network is '{text}', not a {(Whole ? "whole " : "")}number from {Least} to {Most}. Correct it."));
    }
}
