using Backprop.Audit;

namespace Backprop.Cli.Report;

/// <summary>The section on random networks: what does not agree, the worst case, and who is nearer to the reference on what.</summary>
internal static class SweepSection
{
    /// <summary>The section.</summary>
    public static Section Of(SweepReport sweep)
    {
        var worst = sweep.Worst is null
            ? ""
            : $"<p>{Html.Escape($"{Nearest(sweep.Worst)}, is {sweep.Worst.Tensor} of number {sweep.Worst.Number}; again by")}</p>\n"
                + $"<p><code>{Html.Escape(sweep.Worst.Command)}</code></p>\n";
        return new("networks", "Random networks", $"<p>{Html.Escape(Summary(sweep))}</p>\n{worst}{Failures(sweep)}{Explained(sweep)}{Groups(sweep)}");
    }

    /// <summary>How many networks, and what came of them, in sentences.</summary>
    public static string Summary(SweepReport sweep)
    {
        var explained = sweep.Explained.Values.Sum(e => e.Tensors);
        var fail = sweep.Agrees ? "none fails" : $"{Readable.Count(sweep.Failures.Count)} fail";
        return $"{Readable.Count(sweep.Cases)} networks of seed {sweep.Seed}, {Readable.Count(sweep.Numbers)} numbers: {fail}"
            + (sweep.BeyondRange > 0 ? $"; {Readable.Count(sweep.BeyondRange)} leave the range of float and are not compared" : "")
            + (sweep.Repeated > 0
                ? $"; {Readable.Count(sweep.Repeated)} failed at first and not when run again, by TorchSharp's doing: "
                    + "ours had the same bits, or TorchSharp threw"
                : "")
            + (explained > 0 ? $"; {Readable.Count(explained)} tensors are outside their limits for a reason that has a name" : "")
            + (sweep.Tensors.TryGetValue(Verdict.Undecided, out var undecided) ? $"; {Readable.Count(undecided)} tensors are undecided" : "")
            + (sweep.Sampled > 0 ? $"; {Readable.Count(sweep.Sampled)} tensors are judged by samples of float arithmetic" : "")
            + $"; {Readable.Count(sweep.Kinks)} units lie too near a kink to tell their side."
            + (double.IsNaN(sweep.GeometricMean) ? ""
                : $" Our error is {Readable.Number(sweep.GeometricMean, 3)} times libtorch's in the geometric mean over tensors.");
    }

    /// <summary>Where the case is that came nearest to its bound, or past it.</summary>
    public static string Nearest(SweepWorst worst) => worst.Share <= 1
        ? $"Nearest to its bound, at {Readable.Number(worst.Share, 2)} of it" : $"Furthest beyond its bound, at {Readable.Number(worst.Share, 2)} times it";

    private static string Failures(SweepReport sweep) => sweep.Failures.Count == 0 ? "" : HtmlTable.Of(
        "Networks that fail, each made as small as it can be and still fail alike",
        ["Number", "How", "Where", "Again by"],
        [
            .. sweep.Failures.Select(f => (IReadOnlyList<Cell>)
            [
                Cell.Text($"{f.Number}"), new(Html.Escape(f.Kind), "bad"), Cell.Words(f.Where), new($"<code>{Html.Escape(f.Command)}</code>", "words"),
            ]),
        ]);

    private static string Explained(SweepReport sweep) => sweep.Explained.Count == 0 ? "" : HtmlTable.Of(
        "Tensors outside their limits for a reason that has a name",
        ["Reason", "Tensors", "First case"],
        [.. sweep.Explained.Select(e => (IReadOnlyList<Cell>)[Cell.Words(e.Key), Cell.Number(e.Value.Tensors, 6),
            new($"<code>{Html.Escape(NetworkCase.CommandOf(e.Value.Case))}</code>", "words")])]);

    private static string Groups(SweepReport sweep)
    {
        var table = HtmlTable.Sortable(
            "Tensors of networks that have this in common",
            ["What", "Tensors", "Our error, of libtorch's", "Nearest its bound"],
            [
                .. sweep.Groups.Select(group => (IReadOnlyList<Cell>)
                [
                    Cell.Text(group.Key), new(Readable.Count(group.Value.Tensors), Cell.NumberClass, group.Value.Tensors),
                    Cell.Number(group.Value.GeometricMean, 3), Cell.Number(group.Value.WorstShare, 2),
                ]),
            ]);
        return $"<details><summary>By layer, activation, task and what is extreme</summary>\n{table}</details>\n";
    }
}
