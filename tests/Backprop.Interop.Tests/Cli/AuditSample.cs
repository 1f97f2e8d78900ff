using Backprop.Audit;
using Backprop.Cli.Auditing;

namespace Backprop.Interop.Tests.Cli;

/// <summary>A result with something of everything.</summary>
internal static class AuditSample
{
    /// <summary>One whose weight gradient, among others, has the verdict.</summary>
    public static AuditResult Of(Verdict verdict)
    {
        var share = verdict.IsAgainstUs ? 40 : 0.1;
        double[] shares = [.. Enumerable.Range(0, 20 * 30).Select(i => share / (1 + i))];
        TensorAgreement Tensor(string name, int rows, int columns, double error, Verdict of)
            => new(name, rows, columns, error, 2e-7, 8e-7, 0, 0, 0.5, 0.25, 0.5, share, of)
            {
                Spread = ErrorSpread.Of(rows, columns, shares.AsSpan(0, rows * columns), shares.AsSpan(0, rows * columns)),
            };
        return new()
        {
            Gradients =
            [
                new("30-20-1", 16, 1, 1, 1, [Tensor("loss", 1, 1, 1e-8, Verdict.Agrees), Tensor("0.weight", 20, 30, 9e-7, verdict), Tensor("0.bias", 1, 20, 2e-7, Verdict.TheirsWorse)], ["unit <3> of row 4"]),
            ],
            Drifts = [new("adam", [.. Enumerable.Range(1, 20).Select(i => new DriftStep(i, 1e-6 * i, 2e-6 * i, 0.5, 0.5) { Limit = 5e-5 * i })], 1e-3, verdict)],
            Findings =
            [
                new("activation", "silu", "derivative against <dual> numbers", verdict, share, "x = 1 & y = 2"),
                new("loss", "huber(1)", "value against PyTorch's", Verdict.TheirsWorse, 0.5, string.Join(' ', Enumerable.Repeat("a long remark", 30))),
            ],
            Conventions =
            [
                new("relu", "x = 0", [new("slope", 0, verdict.IsAgainstUs ? 1 : 0, !verdict.IsAgainstUs)], null),
                new("mish", "x = +inf", [new("slope", double.NaN, 1, false)], "the limit is meant"),
            ],
            Kills = [new("eps inside the root", "optimizer", verdict.IsAgainstUs ? null : "steps against PyTorch's", "0.weight[3, 4]")],
            NotRun = [new("second derivatives: gelu", "libtorch cannot be loaded.")],
            Unfinished = [new("random networks: number 7", "Its process was ended from outside by SIGKILL while at <a case>.")],
        };
    }
}
