using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Interop.Tests.Torch;

namespace Backprop.Interop.Tests.Audit;

/// <summary>The audit of formulas finds wrong rules; that the catalogue's pass, the catalogue's audit tells.</summary>
[Collection(TorchCollection.Name)]
public class FormulaAuditTests
{
    [Fact]
    public void WrongRulesAreFound()
    {
        string[] slopes = ["slope in float", "slope in double", "rule and autograd beside dual numbers"];
        Finding[] Faulty(Activation formula) => [.. FormulaAudit.Run(formula).Where(finding => finding.Verdict == Verdict.OursWorse)];
        Assert.Equal(slopes, Faulty(Activation.Of(new Steep())).Select(finding => finding.Check));
        var undefined = Faulty(Activation.Of(new Undefined()));
        Assert.Equal(slopes, undefined.Select(finding => finding.Check));
        Assert.All(undefined, finding => Assert.Equal(double.PositiveInfinity, finding.Share));
    }

    /// <summary>x with a derivative that is NaN below 0.</summary>
    private readonly record struct Undefined : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => x;

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.Sqrt(x) / TX.Sqrt(x);
    }
}
