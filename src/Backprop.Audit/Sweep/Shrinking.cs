using Backprop.Models;

namespace Backprop.Audit;

/// <summary>Makes a case smaller as long as something still holds of it, such as that it fails: the smallest says what is wrong by itself.</summary>
/// <remarks>Greedy and the same each time: the first smaller case that will do is taken, boldest reductions first, until none will.</remarks>
internal static class Shrinking
{
    /// <summary>More are not tried: a case that goes wrong by chance would be tried for ever.</summary>
    private const int MostTries = 3_000;

    /// <summary>The smallest case found.</summary>
    /// <param name="of">The case to begin with.</param>
    /// <param name="holds">Whether a smaller case will do.</param>
    public static NetworkCase Smallest(NetworkCase of, Predicate<NetworkCase> holds)
    {
        var tries = 0;
        while (tries < MostTries && Smaller(of).FirstOrDefault(smaller => tries++ < MostTries && holds(smaller)) is { } next)
        {
            of = next;
        }

        return of;
    }

    /// <summary>Every case that is smaller in one way, boldest first.</summary>
    private static IEnumerable<NetworkCase> Smaller(NetworkCase of) =>
    [
        .. of.Heads.Count > 1 ? of.Heads.Select(head => of with { Heads = [head] }) : [],
        .. Without(of.Layers).Select(layers => of with { Layers = layers }),
        .. Less(of.Rows, 1).Select(rows => of with { Rows = rows, DuplicatedRows = Math.Min(of.DuplicatedRows, rows - 1) }),
        .. Less(of.Features, 1).Select(features => of with { Features = features, ConstantColumns = Math.Min(of.ConstantColumns, features) }),
        .. Plainer(of).Where(plainer => plainer != of),
        .. Each(of.Layers, Simpler).Select(layers => of with { Layers = layers }),
        .. Each(of.Heads, Simpler).Select(heads => of with { Heads = heads }),
        .. Less(of.ConstantColumns, 0).Select(columns => of with { ConstantColumns = columns }),
        .. Less(of.DuplicatedRows, 0).Select(rows => of with { DuplicatedRows = rows }),
    ];

    private static IEnumerable<NetworkCase> Plainer(NetworkCase of) =>
    [
        of with { WeightScale = 1 },
        of with { FeatureScale = 1 },
        of with { ConstantColumns = 0 },
        of with { DuplicatedRows = 0 },
        of with { DeadPercent = 0 },
        of with { SaturatedPercent = 0 },
        of with { DensityPercent = 100 },
        of with { Weighted = false },
    ];

    /// <summary>Without all of them, without either half, without each.</summary>
    private static IEnumerable<IReadOnlyList<CaseLayer>> Without(IReadOnlyList<CaseLayer> layers)
    {
        for (var length = layers.Count; length > 0; length = length > 1 ? (length + 1) / 2 : 0)
        {
            for (var from = 0; from < layers.Count; from += length)
            {
                yield return [.. layers.Take(from), .. layers.Skip(from + length)];
            }
        }
    }

    /// <summary>With each replaced by what is simpler.</summary>
    private static IEnumerable<IReadOnlyList<T>> Each<T>(IReadOnlyList<T> all, Func<T, IEnumerable<T>> simpler)
        => all.SelectMany((one, i) => simpler(one).Select(instead => (IReadOnlyList<T>)[.. all.Take(i), instead, .. all.Skip(i + 1)]));

    private static IEnumerable<CaseLayer> Simpler(CaseLayer layer) =>
    [
        .. layer is { Function: not null, Numbers.Count: > 0 }
            ? [new(LayerKind.Activation, [], layer.Function), new(LayerKind.Linear, layer.Numbers)] : Array.Empty<CaseLayer>(),
        .. layer.Kind.Numbers.Count > 0 && layer.Kind != LayerKind.Linear && layer.Kind.Numbers[0] == LayerNumber.Units
            ? [new(LayerKind.Linear, [layer.Numbers[0]])] : Array.Empty<CaseLayer>(),
        .. layer.Function is { Parameters.Count: > 0 } function && function.With([]) is var usual && !usual.Equals(function)
            ? [layer with { Function = usual }] : Array.Empty<CaseLayer>(),
        .. Each(layer.Numbers.Zip(layer.Kind.Numbers).ToArray(), pair => Less(pair.First, pair.Second.Least).Select(less => (less, pair.Second)))
            .Select(numbers => layer with { Numbers = [.. numbers.Select(pair => pair.Item1)] }),
    ];

    private static IEnumerable<NetworkHead> Simpler(NetworkHead head) =>
    [
        .. Less(head.Members, 1).Select(members => head with { Members = members }),
        .. head.LossWeight != 1 || head.Back != 0 ? [head with { LossWeight = 1, Back = 0 }] : Array.Empty<NetworkHead>(),
        .. Head.Parse(head.Task.Name) is var usual && usual.ToString() != head.Task.ToString() && usual.Allows(head.Outputs)
            ? [head with { Task = usual }] : Array.Empty<NetworkHead>(),
        .. head.Task != Head.Regression ? [head with { Task = Head.Regression }] : Array.Empty<NetworkHead>(),
        .. Less(head.Outputs, 1).Where(head.Task.Allows).Select(outputs => head with { Outputs = outputs }),
    ];

    /// <summary>The least, then ever closer from below.</summary>
    private static IEnumerable<int> Less(int number, int least)
    {
        for (var step = number - least; step > 0; step /= 2)
        {
            yield return number - step;
        }
    }
}
