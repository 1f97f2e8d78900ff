using Backprop.Audit;

namespace Backprop.Interop.Tests.Audit;

/// <summary>What witnesses say becomes the same verdict, whatever they are witnesses of.</summary>
public sealed class SettlementTests
{
    private static readonly Settled Agreed =
        new(Verdict.Agrees, "All agree."), Theirs = new(Verdict.TheirsWorse, "Theirs."), Ours = new(Verdict.OursWorse, "Ours.");
    private static readonly Testimony Holds = new(true), Fails = new(false), Explained = new(false, true);

    public static TheoryData<string, string, string?, string, Verdict> Cases => new()
    {
        { "agreed", "holds", null, "Kept", Verdict.Agrees },
        { "agreed", "holds", "holds", "Kept", Verdict.Agrees },
        { "agreed", "holds", "fails", "Kept", Verdict.TheirsWorse },
        // What units at kinks explain is nobody's fault, theirs neither.
        { "agreed", "holds", "explained", "Kept", Verdict.Agrees },
        { "agreed", "explained", "fails", "Kept", Verdict.Undecided },
        { "agreed", "fails", "fails", "Kept", Verdict.OursWorse },
        { "theirs", "holds", "holds", "Kept", Verdict.TheirsWorse },
        { "theirs", "fails", "holds", "Kept", Verdict.OursWorse },
        { "ours", "holds", "fails", "Kept", Verdict.OursWorse },
        // Ours has become no number where others may.
        { "agreed", "fails", "holds", "BeyondFloat", Verdict.Undecided },
        { "ours", "fails", "holds", "BeyondFloat", Verdict.OursWorse },
        { "agreed", "holds", "fails", "BeyondFloat", Verdict.TheirsWorse },
        { "agreed", "holds", "holds", "ElsewhereBeyondDouble", Verdict.Agrees },
        { "ours", "fails", "holds", "ElsewhereBeyondDouble", Verdict.Undecided },
        { "theirs", "holds", "fails", "ElsewhereBeyondDouble", Verdict.Undecided },
        { "agreed", "holds", "holds", "BeyondDouble", Verdict.Undecided },
    };

    [Theory, MemberData(nameof(Cases))]
    public void EveryCase(string precise, string ours, string? theirs, string range, Verdict verdict)
    {
        static Testimony Of(string word) => word switch { "holds" => Holds, "fails" => Fails, _ => Explained };
        var settled = Settlement.InFloat(
            precise switch { "agreed" => Agreed, "theirs" => Theirs, _ => Ours }, Of(ours), theirs is null ? null : Of(theirs), Enum.Parse<NumberRange>(range));
        Assert.Equal(verdict, settled.Verdict);
        Assert.EndsWith(".", settled.Words, StringComparison.Ordinal);
        Assert.DoesNotContain("..", settled.Words, StringComparison.Ordinal);
    }

    /// <summary>Alone with its plain loops, a value is only as right as its formulas, which a second text has to say.</summary>
    [Theory]
    [InlineData(null, Verdict.Agrees)]
    [InlineData(false, Verdict.Undecided)]
    [InlineData(true, Verdict.OursWorse)]
    public void WithoutOthersASecondTextDecides(bool? isKnown, Verdict verdict)
    {
        var doubt = isKnown is { } known ? new FormulaDoubt(known, "Why.") : null;
        var settled = Settlement.InDouble(Holds, null, null, (null, null), () => doubt);
        Assert.Equal(verdict, settled.Verdict);
        Assert.StartsWith("Ours and the plain loops agree in double", settled.Words, StringComparison.Ordinal);
        Assert.EndsWith(doubt?.Words ?? "a second text of each.", settled.Words, StringComparison.Ordinal);
    }
}
