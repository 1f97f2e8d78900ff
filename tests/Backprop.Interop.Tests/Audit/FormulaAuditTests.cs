using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Interop.Tests.Torch;

namespace Backprop.Interop.Tests.Audit;

/// <summary>The audit of formulas passes sound ones of a user's own, and finds wrong rules; that the catalogue's pass, the catalogue's audit tells.</summary>
[Collection(TorchCollection.Name)]
public sealed class FormulaAuditTests
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

    [Fact]
    public void AnOwnActivationAndLossAreChecked()
    {
        Faults.AreNone(GradientAudit.Check(Activation.Of(new Swell(1))));
        Faults.AreOurs(() => GradientAudit.Check(Activation.Of(new Swell(-1))), "dy/dx [0, ");
        Faults.AreOurs(() => GradientAudit.Check(Activation.Of(new Swell(1 + 1e-12))), "dy/dx [0, ");
        Faults.AreNone(GradientAudit.Check(Loss.Of(new Tilted(0.25))));
        Faults.AreOurs(() => GradientAudit.Check(Loss.Of(new Tilted(0.75))), "dℓ/dz [0, ");
    }

    /// <summary>PyTorch has no function of that name: what agrees, agrees without it, and says so.</summary>
    [Fact]
    public void AWitnessThatIsMissingIsNamedWithItsReason()
    {
        var findings = FormulaAudit.Run(Activation.Of(new Swell(1)));
        string[] without = ["value in float", "slope in float", "value in double", "slope in double"];
        Assert.Equal(without, findings.Where(f => f.Where.Contains("without libtorch as a witness: ", StringComparison.Ordinal)).Select(f => f.Check));
        Assert.All(findings.Where(f => without.Contains(f.Check)), f => Assert.Contains(nameof(Swell), f.Where, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(FormulaAudit.Run(Activation.Of(new Gelu())), f => f.Where.Contains("without", StringComparison.Ordinal));
    }

    /// <summary>(1 + 3 x²) − 1 is no 3 x² near 0: that its own roundings are as large excuses nothing, and it is said why.</summary>
    [Fact]
    public void ARuleThatCancelsIsFound()
    {
        var findings = FormulaAudit.Run(Activation.Of(new Cancelling()));
        foreach (var check in new[] { "slope in float", "slope in double", "rule and autograd beside dual numbers" })
        {
            var finding = Assert.Single(findings, finding => finding.Check == check);
            Assert.Equal(Verdict.OursWorse, finding.Verdict);
            Assert.Contains("its terms cancel. Write it without their difference", finding.Where, StringComparison.Ordinal);
        }

        Assert.All(findings.Where(finding => finding.Check.StartsWith("value", StringComparison.Ordinal)), finding
            => Assert.Equal(Verdict.Agrees, finding.Verdict));
    }

    /// <summary>A slope of 1e-9 that is off by half: beside numbers near 1 nobody would see it.</summary>
    [Fact]
    public void ATinySlopeThatIsWrongIsFound() => Faults.AreOurs(() => GradientAudit.Check(Activation.Of(new Faint())), "dy/dx [0, ");

    /// <summary>A kink that is a thousandth off, far between the points of a grid.</summary>
    [Fact]
    public void AKinkOfARuleThatIsNotTheFormulasIsFound()
        => Faults.AreOurs(() => GradientAudit.Check(Activation.Of(new Late())), "at x = 0.001, a kink: ours 0,");

    /// <summary>x + x³, with a rule that is right for a factor of 1.</summary>
    private readonly record struct Swell(double Factor) : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => x + x * x * x;

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => Factor * (1 + 3 * x * x);
    }

    /// <summary>x³, whose rule adds 1 and takes it away again.</summary>
    private readonly record struct Cancelling : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => x * x * x;

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => 1 + 3 * x * x - 1;
    }

    /// <summary>The pinball loss of level ¼, with a rule for another.</summary>
    private readonly record struct Tilted(double Level) : ILoss
    {
        public TX Value<TX>(TX z, TX t) where TX : IReal<TX> => TX.IfPositive(t - z, 0.25 * (t - z), 0.75 * (z - t));

        public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX> => TX.IfPositive(t - z, -(TX)Level, 1 - (TX)Level);
    }

    /// <summary>10⁻⁹ x², whose rule forgets the 2.</summary>
    private readonly record struct Faint : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => 1e-9 * x * x;

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => 1e-9 * x;
    }

    /// <summary>ReLU, whose rule turns at a thousandth.</summary>
    private readonly record struct Late : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.IfPositive(x, x, 0);

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.IfPositive(x - 0.001, 1, 0);
    }

    /// <summary>x with a derivative that is NaN below 0.</summary>
    private readonly record struct Undefined : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => x;

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.Sqrt(x) / TX.Sqrt(x);
    }
}
