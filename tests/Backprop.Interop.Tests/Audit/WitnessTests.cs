using System.Runtime.CompilerServices;
using Backprop.Audit;
using Backprop.Audit.Mutations;
using Backprop.Formulas;
using Backprop.Interop.Tests.Torch;
using Backprop.Models;
using Backprop.Torch;

namespace Backprop.Interop.Tests.Audit;

/// <summary>Where the witnesses contradict each other, the one that is wrong is named, also where it is wrong in every precision.</summary>
[Collection(TorchCollection.Name)]
public sealed class WitnessTests
{
    private const int Rows = 12;

    private static readonly Model Sound = NetworkOf(Activation.Of(new Formulas.Silu()));

    [Fact]
    public void ADerivativeThatIsWrongInEveryPrecisionIsOurs()
    {
        // The reference's plain loops read the same wrong rule: only differences and libtorch know better.
        var report = Compare(Activation.Of(new WrongRule()), torch: Sound);
        Assert.Contains(report.Tensors, t => t is { Name: "0.weight", Verdict: Verdict.OursWorse, DifferenceShare: > 1 });
        Assert.All(report.Tensors.Where(t => t.Name is "loss" or "logits" or "2.weight"), t => Assert.Equal(Verdict.Agrees, t.Verdict));
    }

    [Fact]
    public void AValueThatIsWrongInEveryPrecisionIsOurs()
    {
        var report = Compare(Activation.Of(new Silu()), torch: Sound);
        Assert.Contains(report.Tensors, t => t is { Name: "loss", Verdict: Verdict.OursWorse });
        Assert.Contains("silu(", report.Tensors[0].Reference, StringComparison.Ordinal);
    }

    [Fact]
    public void AFormulaThatNobodyElseKnowsIsDoubtfulWhereItDiffers()
        => Assert.Contains(Compare(Activation.Of(new Unheard()), torch: Sound).Tensors, t => t is { Name: "loss", Verdict: Verdict.ReferenceDoubtful });

    [Fact]
    public void ADerivativeOfTheirsThatIsWrongInEveryPrecisionIsTheirs()
    {
        var (weights, batch) = Task(Sound);
        var report = Audit(weights, batch, Sound, NetworkOf(Activation.Of(new WrongRule())));
        Assert.Equal(["0.weight", "0.bias"], report.Tensors.Where(t => t.Verdict == Verdict.TheirsWorse).Select(t => t.Name));
        Assert.True(report.NothingAgainstUs);
    }

    [Fact]
    public void AValueOfTheirsThatIsWrongInEveryPrecisionIsTheirs()
    {
        var (weights, batch) = Task(Sound);
        var report = Audit(weights, batch, Sound, NetworkOf(Activation.Of(new Silu())));
        Assert.Contains(report.Tensors, t => t is { Name: "loss", Verdict: Verdict.TheirsWorse });
        Assert.True(report.NothingAgainstUs);
    }

    [Fact]
    public void FloatOfTheirsThatIsOffIsTheirs()
    {
        var (weights, batch) = Task(Sound);
        using var single = new EnginePass<float>(Sound, batch, null);
        using var precise = new EnginePass<double>(Sound, batch, null);
        var report = GradientAudit.Run(weights, batch, single.Run, precise.Run, PassDamage.All[0].In(single.Run), precise.Run);
        Assert.Equal("0.weight", Assert.Single(report.Tensors, t => t.Verdict == Verdict.TheirsWorse).Name);
    }

    /// <summary>A finding names the element of whoever is at fault, and its own bound; also where the other's is exact.</summary>
    [Fact]
    public void TheElementOfWhoeverIsAtFaultIsNamed()
    {
        var (weights, batch) = Task(Sound);
        using var single = new EnginePass<float>(Sound, batch, null);
        using var precise = new EnginePass<double>(Sound, batch, null);
        double Broken(Weights<float> of, Examples<float> table, ReadOnlySpan<int> rows, Weights<float> gradients, Span<float> logits)
        {
            var loss = single.Run(of, table, rows, gradients, logits);
            // Row 7, column 3.
            gradients["0.weight"][7 * 5 + 3] *= 1.25f;
            return loss;
        }

        var theirs = GradientAudit.Run(weights, batch, single.Run, precise.Run, Broken, precise.Run).Tensors.Single(t => t.Name == "0.weight");
        Assert.Equal((Verdict.TheirsWorse, 7, 3), (theirs.Verdict, theirs.TorchWorst!.Row, theirs.TorchWorst.Column));
        Assert.True(theirs.TorchWorst.Bound > 0 && theirs.WorstBound > 0 && theirs.TorchShare > 1 && theirs.WorstShare <= 1, theirs.ToString());
        Assert.Equal(Math.Abs(theirs.TorchWorst.Torch - theirs.TorchWorst.Reference) / theirs.TorchWorst.Bound, theirs.TorchShare!.Value, 9);
        foreach (var audited in new[] { Party.Ours, Party.Theirs })
        {
            var finding = Finding.Of(theirs, "module", "a module", "a check", audited);
            Assert.StartsWith("0.weight [7, 3]: ours ", finding.Where, StringComparison.Ordinal);
            Assert.Contains(FormattableString.Invariant($", bound {theirs.TorchWorst.Bound:G3};"), finding.Where, StringComparison.Ordinal);
            Assert.Equal(audited == Party.Theirs, finding.Share > 1);
        }

        var ours = GradientAudit.Run(weights, batch, Broken, precise.Run, single.Run, precise.Run).Tensors.Single(t => t.Name == "0.weight");
        Assert.Equal((Verdict.OursWorse, 7, 3), (ours.Verdict, ours.WorstRow, ours.WorstColumn));
        Assert.All(new[] { Party.Ours, Party.Theirs }, audited => Assert.True(Finding.Of(ours, "", "", "", audited).Share > 1));
        // An exact number of ours has a bound all the same.
        Assert.Contains("bound 0.25;", (ours with { Verdict = Verdict.Agrees, WorstShare = 0, WorstBound = 0.25 }).Where, StringComparison.Ordinal);
    }

    /// <summary>½ x (1 + erf) cancels below −1: that excuses libtorch, whose formula it is, and nobody who has another.</summary>
    [Fact]
    public void AFormulaThatCancelsExcusesOnlyThoseWhoseItIs()
    {
        var (sound, cancelling) = (NetworkOf(Activation.Parse("gelu")), NetworkOf(Activation.Of(new CancellingGelu())));
        var (weights, batch) = Task(sound);
        weights["0.weight"].Fill(0.01f);
        weights["0.bias"].Fill(-4);
        using var ours = new EnginePass<float>(sound, batch, null);
        using var precise = new EnginePass<double>(sound, batch, null);
        using var rough = new EnginePass<float>(cancelling, batch, null);
        GradientReport Of(GradientsOf<float> ours32, GradientsOf<float> theirs32)
            => GradientAudit.Run(weights, batch, ours32, precise.Run, theirs32, precise.Run);
        Assert.All(Of(ours.Run, rough.Run).Tensors, t => Assert.True(t.Verdict == Verdict.Agrees, t.ToString()));
        var faulty = Of(rough.Run, rough.Run).Tensors.Where(t => t.Verdict == Verdict.OursWorse).Select(t => t.Name).ToList();
        Assert.Contains("2.weight", faulty);
        Assert.All(GradientAudit.Run(weights, batch).Tensors, t => Assert.True(t.Verdict is Verdict.Agrees or Verdict.TheirsWorse, t.ToString()));
    }

    [Fact]
    public void WithoutLibtorchTheOthersDecide()
    {
        var (weights, batch) = Task(Sound);
        var report = GradientAudit.Run(weights, batch, withTorch: false);
        Assert.NotNull(report.TorchMissing);
        Assert.All(report.Tensors,
            t => Assert.True(t is { Verdict: Verdict.Agrees, TorchError: null, WorstTorch: null, TorchShare: null, TorchDoubleShare: null, DoubleShare: <= 1 },
            t.ToString()));
        Assert.All(report.Tensors.Skip(2), t => Assert.True(t.DifferenceShare <= 1, t.ToString()));
        Assert.Null(report.TorchLoss);
    }

    [Fact]
    public void WithoutLibtorchAWrongDerivativeIsOurs()
    {
        var model = NetworkOf(Activation.Of(new WrongRule()));
        var (weights, batch) = Task(model);
        Assert.Contains(GradientAudit.Run(weights, batch, withTorch: false).Tensors, t => t is { Name: "0.weight", Verdict: Verdict.OursWorse });
    }

    [Fact]
    public void WithoutLibtorchAMistypedFormulaIsOurs()
    {
        var model = NetworkOf(Activation.Of(new Silu()));
        var (weights, batch) = Task(model);
        var report = GradientAudit.Run(weights, batch, withTorch: false);
        Assert.All(report.Tensors.Take(2), t => Assert.Equal(Verdict.OursWorse, t.Verdict));
        Assert.Contains("silu(", report.Tensors[0].Reference, StringComparison.Ordinal);
    }

    /// <summary>Where every step meets a kink, nothing but the engine's own rules is left: of so many units one always turns.</summary>
    [Fact]
    public void WithoutLibtorchAndDifferencesNothingIsDecided()
    {
        var model = NetworkOf(Activation.Of(new Relu()));
        var (weights, batch) = (new Weights<float>(model), RandomBatch.Of(model, Rows, 4));
        Initializers.Default<float>(model, 3).Values.CopyTo(weights.Values);
        // At 0, whatever the features, is a kink.
        weights["0.weight"].Clear();
        weights["0.bias"].Clear();
        var alone = GradientAudit.Run(weights, batch, withTorch: false);
        var first = Assert.Single(alone.Tensors, t => t.Name == "0.weight");
        Assert.Equal((Verdict.Undecided, null), (first.Verdict, first.DifferenceShare));
        Assert.Contains(
            "nobody else checks: there is no libtorch, and no central difference. They met a kink at every step.", first.Reference, StringComparison.Ordinal);
        Assert.Equal(Verdict.Agrees, alone.Tensors[0].Verdict);
        Assert.Equal(Verdict.Agrees, Assert.Single(GradientAudit.Run(weights, batch).Tensors, t => t.Name == "0.weight").Verdict);
    }

    [Fact]
    public void AFlooredVarianceIsGivenAsTheReason()
    {
        var model = Model.Of(Signal.Features(3).Linear(2), Head.Parse("gaussian"));
        var (weights, batch) = Task(model);
        weights["0.bias"][1] = -40;
        var bias = Assert.Single(GradientAudit.Run(weights, batch, withTorch: false).Tensors, t => t.Name == "0.bias");
        Assert.Contains("variance is below its floor", bias.Reference, StringComparison.Ordinal);
        Assert.Equal(Verdict.Undecided, bias.Verdict);
    }

    /// <summary>A weakness of libtorch's excuses what comes of it, and nothing else in the network.</summary>
    [Theory]
    [InlineData("gelu", "gelu below -1")]
    [InlineData("smoothclip", "smoothclip and robustscale within a hundredth of their bound")]
    public void AWeaknessExcusesOnlyWhatComesOfIt(string activation, string reason)
    {
        var features = Signal.Features(5);
        var model = Model.Of([
            new(features.Linear(9).Apply(Activation.Parse(activation)).Linear(1), Head.Regression),
            new(features.Linear(8).Apply(Activation.Parse("tanh")).Linear(1), Head.Regression),
        ]);
        var (weights, batch) = Task(model);
        weights.Values.Fill(-100);
        var report = GradientAudit.Run(weights, batch, withTorch: false);
        var named = Reasons.Named(report with { Tensors = [.. report.Tensors.Select(t => t with { Verdict = Verdict.TheirsWorse })] }, weights, batch);
        var excused = named.Tensors.Where(t => t.Reason is not null).ToList();
        Assert.All(excused, t => Assert.StartsWith(reason, t.Reason, StringComparison.Ordinal));
        Assert.Equal(["loss", "logits"], excused.Take(2).Select(t => t.Name));
        // The layers of 9 and of 8 units, and one head after each.
        Assert.Equal(4, excused.Skip(2).Count());
        Assert.Contains(excused, t => t.Rows == 9);
        Assert.DoesNotContain(excused, t => t.Rows == 8 || t.Columns == 8);
        Assert.Equal(4, named.Tensors.Count(t => t.Reason is null));
    }

    [Fact]
    public void ALayerWithoutACounterpartInLibtorchIsAuditedWithoutIt()
    {
        var model = NetworkOf(Activation.Of(new Unheard()));
        var (weights, batch) = Task(model);
        var report = GradientAudit.Run(weights, batch);
        Assert.Contains("Unheard", report.TorchMissing, StringComparison.Ordinal);
        // Differences check the gradients; the values nobody does.
        Assert.All(report.Tensors.Skip(2), t => Assert.True(t.Verdict == Verdict.Agrees, t.ToString()));
        Assert.All(report.Tensors.Take(2), t => Assert.Equal(Verdict.Undecided, t.Verdict));
        Assert.EndsWith("There is no second text of unheard to decide.", report.Tensors[0].Reference, StringComparison.Ordinal);
    }

    private static GradientReport Compare(Activation ours, Model torch)
    {
        var model = NetworkOf(ours);
        var (weights, batch) = Task(model);
        using var single = new EnginePass<float>(model, batch, null);
        using var precise = new EnginePass<double>(model, batch, null);
        using var torch32 = new TorchModel<float>(Of<float>(torch, weights));
        using var torch64 = new TorchModel<double>(Of<double>(torch, weights));
        return GradientAudit.Run(weights, batch, single.Run, precise.Run, TorchPass.Of(torch32), TorchPass.Of(torch64));
    }

    private static GradientReport Audit(Weights<float> weights, Examples<float> batch, Model ours, Model theirs)
    {
        using var single = new EnginePass<float>(ours, batch, null);
        using var precise = new EnginePass<double>(ours, batch, null);
        using var theirs32 = new EnginePass<float>(theirs, batch, null);
        using var theirs64 = new EnginePass<double>(theirs, batch, null);
        return GradientAudit.Run(weights, batch, single.Run, precise.Run, theirs32.Run, theirs64.Run);
    }

    private static Model NetworkOf(Activation activation) => Model.Of(Signal.Features(5).Linear(9).Apply(activation).Linear(2), Head.Regression);

    private static (Weights<float> Weights, Examples<float> Batch) Task(Model model) => (Initializers.Default<float>(model, 3), RandomBatch.Of(model, Rows, 4));

    private static Weights<T> Of<T>(Model model, Weights<float> numbers) where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        var weights = new Weights<float>(model);
        numbers.Values.CopyTo(weights.Values);
        return weights.To<T>();
    }

    /// <summary>Named as the catalogue's, and off by a thousandth, value and derivative alike.</summary>
    private readonly record struct Silu : IActivation
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => 1.001 * default(Formulas.Silu).Forward(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX>
            => 1.001 * default(Formulas.Silu).Derivative(x, default(Formulas.Silu).Forward(x));
    }

    /// <summary>As libtorch has it.</summary>
    private readonly record struct CancellingGelu : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => 0.5 * x * (1 + TX.Erf(x * Math.Sqrt(0.5)));

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => default(Gelu).Derivative(x, y);
    }

    /// <summary>Of nobody's name.</summary>
    private readonly record struct Unheard : IActivation
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.Sin(x) + 0.5 * x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)] public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.Cos(x) + 0.5;
    }

    /// <summary>The right value with a derivative off by 1e-4.</summary>
    private readonly record struct WrongRule : IActivation
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public TX Forward<TX>(TX x) where TX : IReal<TX> => default(Formulas.Silu).Forward(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX>
            => 1.0001 * default(Formulas.Silu).Derivative(x, y);
    }
}
