using System.Text.Json.Nodes;
using Backprop.Comparisons.Cases;
using Backprop.Comparisons.Measuring;
using Backprop.Comparisons.Quick;

namespace Backprop.Interop.Tests.Comparisons;

/// <summary>Who takes part, and under which number of threads.</summary>
public sealed class MatchTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(2, 3)]
    [InlineData(1, 2, 16)]
    public void WhoRunsOnOneThreadIsMeasuredOnceUnderThatNumberWhateverIsAllowed(params int[] allowed)
    {
        var outcome = Match.Of(new OneThread(allowed), 1);
        Assert.Equal([1], outcome.Lines.Select(line => line.Entrant.Threads));
        Assert.Equal(
            allowed.Append(1).Distinct().Order().Select(threads => $"microseconds{threads}"),
            OutcomeJson.Of(outcome).Select(field => field.Key).Where(name => char.IsDigit(name[^1])));
    }

    private sealed record OneThread(int[] Allowed) : Case("one-thread")
    {
        public override string Name => "a product";

        public override JsonObject Fields => [];

        public override IReadOnlyList<Entrant> Entrants
            => [.. Allowed.Select(threads => new GemmCase<float>(ProductKind.Square, 16, 16, 16).Entrants[0] with { Threads = threads })];

        public override void Check(Entrant entrant, double[] results, double[] ours) => RequireAgreement(entrant, results, ours, 0);
    }
}
