using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Interop.Tests.Torch;

namespace Backprop.Interop.Tests.Audit;

/// <summary>The audit of formulas passes the catalogue's and finds wrong rules.</summary>
[Collection(TorchCollection.Name)]
public class FormulaAuditTests
{
    public static TheoryData<string> Activations => [.. Activation.All.Select(activation => activation.Name)];

    public static TheoryData<string> Losses => [.. Loss.All.Select(loss => loss.Name)];

    [Theory, MemberData(nameof(Activations))]
    public void EveryActivationPasses(string name) => AssertPasses(FormulaAudit.Run(Activation.Parse(name)));

    [Theory, MemberData(nameof(Losses))]
    public void EveryLossPasses(string name) => AssertPasses(FormulaAudit.Run(Loss.Parse(name)));

    [Fact]
    public void WrongRulesAreFound()
    {
        Assert.All(FormulaAudit.Run(Activation.Of(new Steep())), finding => Assert.False(finding.Passes, finding.Check));
        Assert.All(FormulaAudit.Run(Activation.Of(new Undefined())), finding => Assert.Equal(double.PositiveInfinity, finding.Error));
    }

    private static void AssertPasses(IReadOnlyList<OpFinding> findings)
        => Assert.All(findings, finding => Assert.True(finding.Passes, $"{finding.Check}: {finding.Error:G3} at {finding.Where}"));

    /// <summary>tanh x with a derivative that is off by a millionth.</summary>
    private readonly record struct Steep : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.Tanh(x);

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => 1.000001 * (1 - y * y);
    }

    /// <summary>x with a derivative that is NaN below 0.</summary>
    private readonly record struct Undefined : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => x;

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.Sqrt(x) / TX.Sqrt(x);
    }
}
