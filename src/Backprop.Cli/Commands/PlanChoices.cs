using System.CommandLine;
using Backprop.Cli.Auditing;
using Backprop.Training;

namespace Backprop.Cli.Commands;

/// <summary>How much of everything is audited.</summary>
internal sealed class PlanChoices
{
    private const int QuickCases = 300;
    private const int UsualCases = 5000;

    private readonly Option<bool?> quick = Choices.Flag("--quick", "With --all: in less than a minute on two cores.");

    private readonly Option<int?> cases = Choices.Whole(
        "--cases", $"With --all: random networks; {UsualCases} by default, {QuickCases} with --quick.", 0, 10_000_000);

    private readonly Option<long?> seed = Choices.Seed();

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [.. Own, seed];

    /// <summary>Those that say nothing where not everything is audited.</summary>
    public IReadOnlyList<Option> Own => [quick, cases];

    /// <summary>The plan that was chosen.</summary>
    public AuditPlan Read(ParseResult parsed)
    {
        var isQuick = parsed.GetValue(quick) == true;
        return new(isQuick, parsed.GetValue(cases) ?? (isQuick ? QuickCases : UsualCases), parsed.GetValue(seed) ?? new TrainingOptions().Seed);
    }
}
