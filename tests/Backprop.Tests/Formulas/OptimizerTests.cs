using Backprop.Formulas;
using Number = Backprop.Kernels.Lanes<double, double, Backprop.Kernels.Simd1<double>>;

namespace Backprop.Tests.Formulas;

/// <summary>What optimizers promise beside their steps: constants of any step, sane limits, names.</summary>
public class OptimizerTests
{
    public static TheoryData<string> Names => [.. Optimizer.All.Select(o => o.Name).Distinct()];

    [Theory, MemberData(nameof(Names))]
    public void EveryNameIsFoundAndGivesTheCataloguesFirstOfThatName(string name)
        => Assert.Same(Optimizer.All.First(o => o.Name == name), Optimizer.Parse(name.ToUpperInvariant()));

    [Fact]
    public void NAdamsConstantsOfAnyStepAreThoseOfAllStepsBefore()
    {
        foreach (var decay in new[] { 0, 0.004, 0.3, 1 })
        {
            var (optimizer, product) = (new NAdam { MomentumDecay = decay }, 1.0);
            double Mu(long t) => 0.9 * (1 - 0.5 * Math.Pow(0.96, t * decay));
            for (var t = 1; t <= 2000; t++)
            {
                product *= Mu(t);
                if (t is < 10 or 47 or 48 or 100 or 2000)
                {
                    var update = optimizer.At(t, 1);
                    Assert.Equal((1 - Mu(t)) / (1 - product), update.GradientRate.Value, 1e-13);
                    Assert.Equal(Mu(t + 1) / (1 - product * Mu(t + 1)), update.MomentRate.Value, 1e-13);
                }
            }
        }
    }

    [Fact]
    public void ConstantsOfAStepFarAwayAreFoundAtOnce()
    {
        // The limits of the formulas, where every bias correction is 1.
        var nadam = new NAdam().At(1_000_000_000, 1);
        Assert.Equal(0.1, nadam.GradientRate.Value, 1e-15);
        Assert.Equal(0.9, nadam.MomentRate.Value, 1e-15);
        Assert.Equal(1, new Adam().At(1_000_000_000, 1).Correction.Value);
        Assert.Equal(1, new RAdam().At(1_000_000_000, 1).Rate.Value);
    }

    [Fact]
    public void RAdamIsRectifiedFromTheSixthStep()
        => Assert.Equal([0, 0, 0, 0, 0, 1, 1], Enumerable.Range(1, 7).Select(t => new RAdam().At(t, 1).Rectified.Value));

    [Fact]
    public void AVarianceThatRoundsBelowZeroCountsAsZero()
    {
        // A constant gradient's variance is 0, which s − a² misses by rounding, in either direction.
        var (weight, first, second, third) = (new Number(0), new Number(0.09), new Number(Math.BitIncrement(0.3)), default(Number));
        new RmsProp.CenteredPlain(0.01, 1, 0, 1).Apply(new(0.3), ref weight, ref first, ref second, ref third);
        Assert.True(second.Vector * second.Vector > first.Vector);
        Assert.Equal(-0.003, weight.Vector, 1e-18);
    }

    [Fact]
    public void TheLargestSecondMomentNeverFalls()
    {
        var (weight, first, second, third) = (new Number(0), default(Number), default(Number), default(Number));
        var largest = 0.0;
        for (var t = 1; t < 20; t++)
        {
            var update = ((IOptimizer<Adam.LargestUpdate>)new Adam { Beta2 = 0.5 }).At(t, 0.1);
            update.Apply(new(t < 5 ? t : 0.1), ref weight, ref first, ref second, ref third);
            largest = Math.Max(largest, second.Vector);
            Assert.Equal(largest, third.Vector);
        }

        Assert.True(third.Vector > second.Vector);
    }

    [Fact]
    public void HyperParametersOutOfRangeAreRefused()
    {
        string Error(Func<Optimizer> make) => Assert.Throws<ArgumentException>(make).Message;
        Assert.Equal("WeightDecay is -1, not a finite number, 0 or above. Correct it.", Error(() => new Adam { WeightDecay = -1 }));
        Assert.Equal("L1 is Infinity, not a finite number, 0 or above. Correct it.",
            Error(() => new Sgd { L1 = double.PositiveInfinity }).Replace("∞", "Infinity", StringComparison.Ordinal));
        Assert.Equal("Dampening is 2, not from 0 to 1. Correct it.", Error(() => new Sgd { Dampening = 2 }));
        Assert.Equal("Alpha is 1, not from 0 to below 1. Correct it.", Error(() => new RmsProp { Alpha = 1 }));
        Assert.Equal("MomentumDecay is 2, not from 0 to 1. Correct it.", Error(() => new NAdam { MomentumDecay = 2 }));
        Assert.Equal("Grow is 1, not a finite number above 1. Correct it.", Error(() => new Rprop { Grow = 1 }));
        Assert.Equal("Shrink is 1, not above 0 and below 1. Correct it.", Error(() => new Rprop { Shrink = 1 }));
        Assert.Equal("InitialAccumulator is -1, not a finite number, 0 or above. Correct it.", Error(() => new Adagrad { InitialAccumulator = -1 }));
    }
}
