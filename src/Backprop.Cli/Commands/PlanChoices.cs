using System.CommandLine;
using Backprop.Cli.Auditing;
using Backprop.Training;

namespace Backprop.Cli.Commands;

/// <summary>How much of everything is audited.</summary>
internal sealed class PlanChoices
{
    private const int QuickCases = 500;
    private const int UsualCases = 5000;

    private readonly Option<bool?> quick = Choices.Flag("--quick", "With --all: in less than a minute on two cores.");

    private readonly Option<int?> cases = Choices.Whole(
        "--cases", $"With --all: random networks; {UsualCases} by default, {QuickCases} with --quick.", 0, 10_000_000);

    /// <summary>Of an audit that may be of something else.</summary>
    public PlanChoices()
        : this(Choices.Seed())
    {
    }

    /// <summary>With a seed that other choices have as well.</summary>
    public PlanChoices(Option<long?> seed) => Seed = seed;

    /// <summary>The seed.</summary>
    public Option<long?> Seed { get; }

    /// <summary>Those that say nothing without all of them.</summary>
    public IReadOnlyList<Option> Own => [quick, cases];

    /// <summary>Adds the options.</summary>
    public void AddTo(Command command)
    {
        command.Add(quick);
        command.Add(cases);
        command.Add(Seed);
    }

    /// <summary>The plan that was chosen.</summary>
    public AuditPlan Plan(ParseResult parsed)
    {
        var isQuick = parsed.GetValue(quick) == true;
        return new(isQuick, parsed.GetValue(cases) ?? (isQuick ? QuickCases : UsualCases), parsed.GetValue(Seed) ?? new TrainingOptions().Seed);
    }
}
