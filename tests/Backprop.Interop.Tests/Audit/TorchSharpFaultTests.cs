using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Interop.Tests.Torch;
using Backprop.Models;
using Backprop.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.optim;
using RAdam = Backprop.Formulas.RAdam;
using Reduction = TorchSharp.torch.nn.Reduction;

namespace Backprop.Interop.Tests.Audit;

/// <summary>The audit finds what TorchSharp 0.107 computes otherwise than PyTorch, blames TorchSharp, and passes what is sound beside it.</summary>
[Collection(TorchCollection.Name)]
public sealed class TorchSharpFaultTests
{
    // Kept for ever: the garbage collector may free a temporary scalar while the native call still reads it.
    private static readonly TorchSharp.Scalar Half = 0.5;

    /// <summary>Its P/Invoke is declared void, so that the argument comes back as it was.</summary>
    [Fact]
    public void HardtanhReturnsItsArgument()
    {
        Faults.AreTheirs(() => GradientAudit.Check(Hardtanh(), Input()), "logits [", "1, bound 0");
        Faults.AreNone(GradientAudit.Check(ReLU6(), Input()));
    }

    [Fact]
    public void RAdamMultipliesByTheRateTwiceOnceRectified()
    {
        var ours = new RAdam { LearningRate = 0.01 };
        Faults.AreTheirs(() => GradientAudit.Check(p => RAdam(p, 0.01, 0.9, 0.999, 1e-8), ours),
            "weights after step 6 [0, ", "reference (the formula of radam)");
        Faults.AreNone(GradientAudit.Check(p => RAdam(p, 0.01, 0.9, 0.999, 1e-8), ours, steps: 5));
        Faults.AreNone(GradientAudit.Check(p => RAdam(p, 1, 0.9, 0.999, 1e-8), ours with { LearningRate = 1 }));
    }

    [Fact]
    public void SgdThatMaximisesDecaysTheWrongWay()
    {
        var ours = new Sgd { LearningRate = 0.1, WeightDecay = 0.2 };
        Faults.AreTheirs(() => GradientAudit.Check(p => SGD(p, 0.1, weight_decay: 0.2, maximize: true), ours, maximize: true),
            "weights after step 1 [0, ", "SGD of TorchSharp");
        Faults.AreNone(GradientAudit.Check(p => SGD(p, 0.1, maximize: true), ours with { WeightDecay = 0 }, maximize: true));
        Faults.AreNone(GradientAudit.Check(p => SGD(p, 0.1, weight_decay: 0.2), ours));
    }

    [Fact]
    public void AdamWDecaysByNothingUnlessTold()
    {
        Faults.AreTheirs(() => GradientAudit.Check(p => AdamW(p), new Backprop.Formulas.AdamW()), "weights after step 1 [0, ", "AdamW of TorchSharp");
        Faults.AreNone(GradientAudit.Check(p => AdamW(p, weight_decay: 0.01), new Backprop.Formulas.AdamW()));
    }

    [Fact]
    public void RAdamsUsualRateIsTwicePyTorchs()
        => Faults.AreTheirs(() => GradientAudit.Check(p => RAdam(p), new RAdam(), steps: 5), "weights after step 1 [0, ", "RAdam of TorchSharp");

    /// <summary>Zeros instead of no gradient: weight decay and momentum go on.</summary>
    [Fact]
    public void ZeroGradLeavesZerosThatWeightDecayActsOn()
    {
        var ours = new Sgd { LearningRate = 0.1, WeightDecay = 0.2 };
        Faults.AreTheirs(() => GradientAudit.Check(p => SGD(p, 0.1, weight_decay: 0.2), ours, unusedParameters: true),
            "unused [0, 0]", "Set its grad to null instead.");
        Faults.AreNone(GradientAudit.Check(p => SGD(p, 0.1), ours with { WeightDecay = 0 }, unusedParameters: true));
    }

    /// <summary>It goes from C# to C++ as a float where a double is read. 2⁻²⁶ is the same number in both.</summary>
    [Fact]
    public void PoissonsEpsilonGetsLost()
    {
        const float epsilon = 1f / (1 << 26);
        double[,] rates = { { 0, 1e-7 }, { 1, 2 } }, counts = { { 0, 1 }, { 1, 3 } };
        Faults.AreTheirs(
            () => GradientAudit.Check((z, t) => functional.poisson_nll_loss(z, t, log_input: false, eps: epsilon),
                Loss.Of(new RateLikelihood(epsilon)), rates, counts),
                "dz [0, 1]", "ours");
        Faults.AreNone(GradientAudit.Check((z, t) => functional.poisson_nll_loss(z, t), Loss.Of(new Backprop.Formulas.Poisson())));
    }

    [Fact]
    public void TheGaussiansLossIsTooLargeAndGivesVariancesNoGradient()
    {
        static Tensor Theirs(Tensor z, Tensor t)
        {
            var columns = t.shape[1];
            return functional.gaussian_nll_loss(z.narrow(1, 0, columns), t, z.narrow(1, columns, columns).exp());
        }

        static Tensor Sound(Tensor z, Tensor t)
        {
            var columns = t.shape[1];
            var (mean, logarithm) = (z.narrow(1, 0, columns), z.narrow(1, columns, columns));
            return ((logarithm + (mean - t).square() / logarithm.exp()) * Half).mean();
        }

        Faults.AreTheirs(() => GradientAudit.Check(Theirs, Head.Gaussian), "loss [0, 0]", "plain loops of gaussian");
        var error = Assert.Throws<GradientAuditException>(() => GradientAudit.Check((z, t) => Theirs(z, t) * Half, Head.Gaussian));
        // Divided by its two columns as PyTorch does, the loss agrees: what is left is the gradient that is missing.
        Assert.Equal([("loss", Verdict.Agrees), ("dz", Verdict.TheirsWorse)], error.Findings.Select(f => (f.Check.Split(' ')[0], f.Verdict)));
        Assert.Matches(@"dz \[\d, [2-9]\]: ours \S+, theirs \(TorchSharp\) 0, ", error.Message);
        Faults.AreNone(GradientAudit.Check(Sound, Head.Gaussian));
    }

    [Fact]
    public void TargetsOfKlDivergenceAreLogarithmsUnlessTold()
    {
        var ours = Loss.Of(new Divergence());
        Faults.AreTheirs(() => GradientAudit.Check((z, t) => functional.kl_div(z, t, reduction: Reduction.None).mean(), ours),
            "dz [", "plain loops of divergence");
        Faults.AreNone(GradientAudit.Check((z, t) => functional.kl_div(z, t, log_target: false, reduction: Reduction.None).mean(), ours));
    }

    [Fact]
    public void TheHingeEmbeddingsMarginIsNothingUnlessTold()
    {
        var ours = Loss.Of(new HingeEmbedding());
        double[,] distances = { { 0.3, 0.4 }, { 0.7, 0.2 } }, sides = { { 1, -1 }, { -1, 1 } };
        Faults.AreTheirs(() => GradientAudit.Check((z, t) => functional.hinge_embedding_loss(z, t), ours, distances, sides),
            "dz [0, 1]", "theirs (TorchSharp) 0,");
        Faults.AreNone(GradientAudit.Check((z, t) => functional.hinge_embedding_loss(z, t, 1), ours, distances, sides));
    }

    [Fact]
    public void BatchNormLearnsAVarianceThatIsNoNumberFromOneRow()
    {
        using var module = Sequential(Linear(4, 3), BatchNorm1d(3));
        Faults.AreTheirs(() => GradientAudit.Check(module, randn(1, 4)), "1.running_var [0, 0]", "a batch of one row has no variance");
        Faults.AreNone(GradientAudit.Check(module, randn(6, 4)));
        module.eval();
        Faults.AreNone(GradientAudit.Check(module, randn(1, 4)));
    }

    /// <summary>C# takes 0 for the first of the types, Byte, and adds up everything.</summary>
    [Fact]
    public void SumOfColumnZeroIsAByte()
    {
        Faults.AreTheirs(() => GradientAudit.Check(new Function(x => x.sum(0)), Input()), "outputs [0, 0]", "write x.sum(new long[] { 0 })");
        Faults.AreNone(GradientAudit.Check(new Function(x => x.sum([0L])), Input()));
    }

    [Fact]
    public void OneCycleLeavesTheSecondGroupInItsFirstPhase()
    {
        lr_scheduler.LRScheduler Theirs(optim.Optimizer o) => lr_scheduler.OneCycleLR(o, 0.3, total_steps: 40);
        Faults.AreTheirs(() => GradientAudit.Check(Theirs, new OneCycleRate()), ", 1]: ours", "OneCycleLR of TorchSharp");
        Faults.AreNone(GradientAudit.Check(Theirs, new OneCycleRate(), groups: 1));
    }

    [Fact]
    public void CyclicRatesRaiseTheMomentumWithTheRate()
    {
        static double Up(long t) => 1 - Math.Abs(1 - t % 10 / 5.0);
        static lr_scheduler.LRScheduler Theirs(optim.Optimizer o) => lr_scheduler.CyclicLR(o, 0.1, 0.5, 5);
        Faults.AreTheirs(
            () => GradientAudit.Check(Theirs, t => 0.9 - 0.1 * Up(t), o => ((SGD.ParamGroup)o.ParamGroups.First()).Options.momentum!.Value),
            "rate at [time, group] [5, 0]", "ours 0.8, theirs (TorchSharp) 1,");
        Faults.AreNone(GradientAudit.Check(Theirs, t => 0.1 + 0.4 * Up(t), o => o.ParamGroups.First().LearningRate));
    }

    [Fact]
    public void AMilestoneGivenTwiceCountsOnce()
    {
        var ours = new MultiStepRate { Milestones = [3, 3, 8], Factor = 0.4 };
        Faults.AreTheirs(() => GradientAudit.Check(o => lr_scheduler.MultiStepLR(o, [3, 3, 8], 0.4), ours),
            "rate at [time, group] [3, 0]", "MultiStepLR of TorchSharp");
        Faults.AreNone(GradientAudit.Check(o => lr_scheduler.MultiStepLR(o, [3, 8], 0.4), ours with { Milestones = [3, 8] }));
    }

    /// <summary>Where PyTorch refuses a first factor of 0, by which the next rate is divided.</summary>
    [Fact]
    public void ALinearRateFromZeroIsNoNumber()
    {
        Faults.AreTheirs(
            () => GradientAudit.Check(o => lr_scheduler.LinearLR(o, 0, 1, 5), t => 0.3 * Math.Min(t, 5) / 5, o => o.ParamGroups.First().LearningRate),
            "rate at [time, group] [1, 0]", "theirs (TorchSharp) NaN");
        Faults.AreNone(GradientAudit.Check(o => lr_scheduler.LinearLR(o, 0.25, 1, 5), new LinearRate { FirstFactor = 0.25 }));
    }

    [Fact]
    public void AnExponentialRateFallsToATenthUnlessTold()
    {
        Faults.AreTheirs(() => GradientAudit.Check(o => lr_scheduler.ExponentialLR(o), new ExponentialRate { Factor = 0.9 }),
            "rate at [time, group] [1, 0]", "ExponentialLR of TorchSharp");
        Faults.AreNone(GradientAudit.Check(o => lr_scheduler.ExponentialLR(o, 0.9), new ExponentialRate { Factor = 0.9 }));
    }

    [Fact]
    public void XavierNormalDrawsUniformNumbers()
    {
        Faults.AreTheirs(() => GradientAudit.Check(t => init.xavier_normal_(t), new XavierNormal()), "weight [", "reference (PyTorch's xaviernormal)");
        Faults.AreNone(GradientAudit.Check(t => init.xavier_uniform_(t), new XavierUniform()));
        Faults.AreNone(GradientAudit.Check(t => init.kaiming_normal_(t), new KaimingNormal()));
    }

    [Fact]
    public void TruncatedNormalsAreAllOne()
    {
        Faults.AreTheirs(() => GradientAudit.Check(t => init.trunc_normal_(t), new TruncatedNormal()), "weight [", "theirs (TorchSharp) 1,");
        Faults.AreNone(GradientAudit.Check(t => init.normal_(t, 0.5, 2), new Backprop.Models.Normal { Mean = 0.5, Deviation = 2 }));
    }

    private static Tensor Input()
    {
        manual_seed(3);
        return randn(6, 4);
    }

    /// <summary>z − t log(z + ε): PyTorch's Poisson loss of rates.</summary>
    private readonly record struct RateLikelihood(double Epsilon) : ILoss
    {
        public TX Value<TX>(TX z, TX t) where TX : IReal<TX> => z - t * TX.Log(z + Epsilon);

        public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX> => 1 - t / (z + Epsilon);
    }

    /// <summary>t (log t − z): PyTorch's divergence of a logarithm z.</summary>
    private readonly record struct Divergence : ILoss
    {
        public TX Value<TX>(TX z, TX t) where TX : IReal<TX> => t * (TX.Log(t) - z);

        public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX> => -t;
    }

    /// <summary>z where t is 1, max(0, 1 − z) where it is −1.</summary>
    private readonly record struct HingeEmbedding : ILoss
    {
        public TX Value<TX>(TX z, TX t) where TX : IReal<TX> => TX.IfPositive(t, z, TX.IfPositive(1 - z, 1 - z, 0));

        public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX> => TX.IfPositive(t, 1, TX.IfPositive(1 - z, -1, 0));
    }
}
