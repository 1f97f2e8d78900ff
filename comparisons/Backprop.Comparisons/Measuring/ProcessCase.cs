using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Backprop.Audit;
using Backprop.Cli.Commands;

namespace Backprop.Comparisons.Measuring;

/// <summary>Work that is done once in a fresh process of its own, and again in another for each round.</summary>
/// <param name="Bench">The table, and the command by which this program does the work.</param>
/// <param name="Argument">Of the command.</param>
internal abstract record ProcessCase(string Bench, string Argument) : Case(Bench)
{
    /// <summary>None: they need processes of their own.</summary>
    public sealed override IReadOnlyList<Entrant> Entrants => [];

    /// <summary>What is told of the work beside its time, as JSON fields.</summary>
    protected abstract IReadOnlyList<string> Figures { get; }

    /// <inheritdoc/>
    public sealed override Outcome Measure(int rounds)
    {
        var runs = Enumerable.Range(0, rounds)
            .Select(_ => OtherProcess.Run(typeof(ProcessCase).Assembly, [Bench, Argument], CancellationToken.None).GetAwaiter().GetResult())
            .Select(line => JsonSerializer.Deserialize<ProcessRun>(line)!).ToList();
        var timing = new Timing([.. runs.Select(run => run.Milliseconds * 1e3)], Median(runs.Select(run => run.AllocatedBytes)));
        var ours = new Entrant(Library.Engine, Environment.ProcessorCount, () => throw new NotSupportedException($"{this} has a process of its own."));
        return new(this, [new(ours, timing, [.. Figures.Select((_, i) => Median(runs.Select(run => run.Figures[i])))])], [], 0, rounds);
    }

    /// <inheritdoc/>
    public override JsonObject Extras(Outcome outcome)
        => new(Figures.Zip(outcome.Ours.Results, (name, value) => KeyValuePair.Create(name, (JsonNode?)JsonValue.Create(value))));

    /// <inheritdoc/>
    public sealed override void Check(Entrant entrant, double[] results, double[] ours)
    {
    }

    private static double Median(IEnumerable<double> values) => Timing.Quantile(values, 0.5);
}

/// <summary>What a started process writes as one line of JSON.</summary>
/// <param name="Milliseconds">The work's time.</param>
/// <param name="AllocatedBytes">Managed memory it allocated.</param>
/// <param name="Figures">The case's figures, in their order.</param>
internal sealed record ProcessRun(double Milliseconds, double AllocatedBytes, double[] Figures)
{
    /// <summary>Does the work and writes the line.</summary>
    /// <param name="work">The work.</param>
    /// <param name="figures">Its figures, when it is done.</param>
    /// <param name="output">Receives the line.</param>
    public static void Report(Action work, Func<double[]> figures, TextWriter output)
    {
        var (bytes, clock) = (GC.GetTotalAllocatedBytes(), Stopwatch.StartNew());
        work();
        var (milliseconds, allocated) = (clock.Elapsed.TotalMilliseconds, GC.GetTotalAllocatedBytes() - bytes);
        output.WriteLine(JsonSerializer.Serialize(new ProcessRun(milliseconds, allocated, figures())));
    }
}
