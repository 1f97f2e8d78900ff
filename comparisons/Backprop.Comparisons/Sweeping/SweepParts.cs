using System.Globalization;
using System.Text.Json;
using Backprop.Audit;
using Backprop.Models;

namespace Backprop.Comparisons.Sweeping;

/// <summary>A sweep in parts of so many networks, each with its report in a file of its own: <c>1-00012000-00012100.json</c> has networks 12,000 to 12,099 of seed 1.</summary>
/// <param name="Folder">Where the files are.</param>
/// <param name="Seed">The sweep's seed.</param>
/// <param name="First">The number of the first network.</param>
/// <param name="Cases">How many.</param>
internal sealed record SweepParts(string Folder, long Seed, long First, long Cases)
{
    /// <summary>Networks of a part.</summary>
    public const int Size = 100;

    // A process may be ended from outside; at the same network twice it is the network.
    private const int Fatal = 2;

    /// <summary>The first networks of parts that have no report.</summary>
    public IEnumerable<long> Missing => All.Where(part => !File.Exists(FileOf(part)));

    /// <summary>What those that have a report came to.</summary>
    public SweepReport Total => All.Select(FileOf).Where(File.Exists)
        .Select(file => JsonSerializer.Deserialize<SweepReport>(File.ReadAllText(file), AuditJson.Options)!)
        .Aggregate(new SweepReport { Seed = Seed }, (total, part) => total.And(part));

    /// <summary>Audits the networks of a part, and writes its report.</summary>
    public void Run(long part)
    {
        var notes = Path.ChangeExtension(FileOf(part), ".at");
        var begun = File.Exists(notes) ? [.. File.ReadAllLines(notes).Select(line => long.Parse(line, CultureInfo.InvariantCulture))] : new List<long>();
        var (total, end) = (new SweepReport { Seed = Seed }, EndOf(part));
        for (var number = part; number < end; number++)
        {
            if (begun.Count(one => one == number) >= Fatal)
            {
                total = total.And(SweepReport.OfCrash(Seed, number, "the process ended"));
                continue;
            }

            File.WriteAllLines(notes, [.. begun.Select(Text), Text(number)]);
            total = total.And(Sweep.Run(new() { Seed = Seed, First = number, Cases = 1 }));
        }

        AtomicFile.Write(FileOf(part), stream => JsonSerializer.Serialize(stream, total, AuditJson.Options));
        File.Delete(notes);
    }

    /// <summary>The words that choose it.</summary>
    public override string ToString() => FormattableString.Invariant($"--seed {Seed} --first {First} --cases {Cases}");

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private IEnumerable<long> All
    {
        get
        {
            for (var part = First; part < First + Cases; part += Size)
            {
                yield return part;
            }
        }
    }

    private long EndOf(long part) => Math.Min(part + Size, First + Cases);

    private string FileOf(long part) => Path.Combine(Folder, FormattableString.Invariant($"{Seed}-{part:00000000}-{EndOf(part):00000000}.json"));
}
