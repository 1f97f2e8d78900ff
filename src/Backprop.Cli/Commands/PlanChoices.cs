using System.CommandLine;
using Backprop.Cli.Auditing;
using Backprop.Training;

namespace Backprop.Cli.Commands;

/// <summary>What is audited: one network, or everything.</summary>
internal sealed class PlanChoices
{
    private const int QuickCases = 300;
    private const int UsualCases = 5000;

    private readonly NetworkChoices networks = new();

    private readonly Option<bool?> all = Choices.Flag(
        "--all", "Everything: each formula, loss, layer and optimizer, conventions, defects put in on purpose, random networks, trainings.");

    private readonly Option<bool?> quick = Choices.Flag("--quick", "With --all: in less than a minute on two cores.");

    private readonly Option<int?> cases = Choices.Whole(
        "--cases", $"With --all: random networks; {UsualCases} by default, {QuickCases} with --quick.", 0, 10_000_000);

    private readonly Option<long?> seed = Choices.Seed("initial weights, random rows and networks, and row order");
    private readonly Option<int?> threads = Choices.Threads();
    private readonly Option<int?> vectorBits = Choices.VectorBits();

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [.. networks.All, all, quick, cases, seed, threads, vectorBits];

    /// <inheritdoc cref="NetworkChoices.Inputs"/>
    public IEnumerable<string?> Inputs(ParseResult parsed) => networks.Inputs(parsed);

    /// <summary>The plan that was chosen.</summary>
    /// <exception cref="InputException">There is none, choices contradict each other, or a file is not what it should be.</exception>
    public AuditPlan Read(ParseResult parsed)
    {
        var start = parsed.GetValue(seed) ?? new TrainingOptions().Seed;
        if (parsed.GetValue(all) == true)
        {
            NetworkChoices.RequireNone(parsed, "says nothing with --all", [.. networks.All, threads, vectorBits]);
            var isQuick = parsed.GetValue(quick) == true;
            return Everything.Plan(isQuick, parsed.GetValue(cases) ?? (isQuick ? QuickCases : UsualCases), start);
        }

        NetworkChoices.RequireNone(parsed, "belongs to --all", quick, cases);
        return networks.Read(parsed, start).Plan(Choices.Engine(parsed.GetValue(threads), parsed.GetValue(vectorBits)));
    }
}
