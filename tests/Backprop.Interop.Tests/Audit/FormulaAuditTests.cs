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
    public void EveryActivationPasses(string name) => Faults.AreNone(FormulaAudit.Run(Activation.Parse(name)));

    [Theory, MemberData(nameof(Losses))]
    public void EveryLossPasses(string name) => Faults.AreNone(FormulaAudit.Run(Loss.Parse(name)));

    [Fact]
    public void WrongRulesAreFound()
    {
        Assert.Equal([Verdict.OursWorse, Verdict.OursWorse], FormulaAudit.Run(Activation.Of(new Steep())).Take(2).Select(finding => finding.Verdict));
        Assert.Equal([double.PositiveInfinity, double.PositiveInfinity], FormulaAudit.Run(Activation.Of(new Undefined())).Take(2).Select(finding => finding.Share));
    }

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
