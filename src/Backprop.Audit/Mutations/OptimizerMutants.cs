using Backprop.Formulas;
using static Backprop.Audit.Mutations.BrokenUpdates;

namespace Backprop.Audit.Mutations;

/// <summary>Optimizers that make another step than they should.</summary>
internal static class OptimizerMutants
{
    private const double Decay = 0.1;

    private static readonly Adam Adam = new();

    // Its second moment falls as well as rises within a few steps.
    private static readonly Adam AmsGrad = new() { AmsGrad = true, Beta2 = 0.5 };
    private static readonly Sgd Momentum = new() { Momentum = 0.9 };
    private static readonly RmsProp RmsProp = new();
    private static readonly RmsProp Centered = new() { Centered = true };
    private static readonly Adagrad Adagrad = new() { RateDecay = 0.1 };
    private static readonly Adadelta Adadelta = new();

    // Momentum that changes from step to step more than by default.
    private static readonly NAdam NAdam = new() { MomentumDecay = 1 };

    // At the learning rate 1 TorchSharp's, which applies it twice, is PyTorch's.
    private static readonly RAdam RAdam = new() { LearningRate = 1 };

    // Steps long enough to pass a minimum.
    private static readonly Rprop Rprop = new() { LearningRate = 0.3 };

    public static IReadOnlyList<Mutant> All { get; } =
    [
        Of("Adam's betas swapped", "0.999 for the mean, 0.9 for the squares", Adam, Adam with { Beta1 = Adam.Beta2, Beta2 = Adam.Beta1 }),
        Of("Adam's ε inside the root", "small gradients make smaller steps", Adam, (t, η) => new AdamOfEpsilonInside(Adam.At(t, η))),
        Of("Adam's bias correction off by one", "the first step counts as the second", Adam, (t, η) => Adam.At(t + 1, η)),
        Of("Adam without bias correction", "the first steps are too long", Adam, (t, η) => Adam.At(t, η) with { Rate = η, Correction = 1 }),
        Of("Adam's second correction without its root", "1/(1 − β₂ᵗ) beside √v", Adam, (t, η) => Adam.At(t, η) is var sound
            ? sound with { Correction = sound.Correction.Value * sound.Correction.Value } : default),
        Of("AdamW's decay coupled", "it joins the gradient, and is divided by its size", new AdamW(), new AdamW { DecoupledWeightDecay = false }),
        Of("AdamW's decay without the learning rate", "weights shrink by 1 − λ", new AdamW(), (t, η) => new Shrunk<Adam.Update>(Adam.At(t, η), 1 - 0.01)),
        Of("AMSGrad without the largest", "it is Adam", AmsGrad, AmsGrad with { AmsGrad = false }),
        Of("AMSGrad's largest after bias correction", "the paper's order is not PyTorch's", AmsGrad,
            (t, η) => new AmsGradOfCorrected(((Adam)AmsGrad).At(t, η))),
        Of("Nesterov's momentum without looking ahead", "it is plain momentum", Momentum with { Nesterov = true }, Momentum),
        Of("dampening of the first step", "PyTorch begins with the whole gradient", Momentum with { Dampening = 0.5 },
            (_, η) => new Sgd.WithMomentum(η, 0.9, 0.5)),
        Of("momentum forgotten", "each step is the latest gradient's", Momentum, new Sgd()),
        Of("weight decay of the wrong sign", "weights grow", new Sgd { WeightDecay = Decay },
            (_, η) => new Decayed<Sgd.Plain>(new(η), -Decay)),
        Of("weight decay on biases", "textbooks' and this engine's default spare them", new Sgd { WeightDecay = Decay },
            new Sgd { WeightDecay = Decay, DecayBiases = true }),
        Of("L1 with the weight for its sign", "it is L2", new Sgd { L1 = Decay }, new Sgd { WeightDecay = Decay }),
        Of("RMSprop's ε inside the root", "small gradients make smaller steps", RmsProp, (_, η) => new RmsPropOfEpsilonInside(PlainOf(RmsProp, η))),
        Of("centred RMSprop without the mean's square", "√(s − a) for √(s − a²)", Centered,
            (_, η) => new CenteredWithoutSquare(CenteredOf(Centered, η))),
        Of("Adagrad's learning rate falling a step early", "1 + t d for 1 + (t − 1) d", Adagrad, (t, η) => Adagrad.At(t + 1, η)),
        Of("Adagrad without its sum", "every step is as long as the first", Adagrad, (t, η) => new AdagradOfLatest(Adagrad.At(t, η))),
        Of("Adadelta's update of gradients before its use", "u of g, and before d", Adadelta, (t, η) => new AdadeltaOfGradients(Adadelta.At(t, η))),
        Of("Adadelta's ε outside the roots", "the first steps are a thousand times shorter", Adadelta,
            (t, η) => new AdadeltaOfEpsilonOutside(Adadelta.At(t, η))),
        Of("AdaMax without the maximum", "u of the latest gradient alone", new Adamax(), (t, η) => new AdamaxOfLatest(new Adamax().At(t, η))),
        Of("NAdam with a power for the product of momenta", "μₜᵗ for Πμ", NAdam, NAdamOfPowers),
        Of("RAdam rectifying from another length on", "ρ > 4 for ρ > 5", RAdam, RAdamOfFour),
        Of("Rprop's step taken where the sign changed", "it goes back across the minimum", Rprop, (t, η) => new RpropOfEverySign(Rprop.At(t, η))),
    ];

    private static Mutant Of(string name, string breaks, Optimizer right, Optimizer wrong)
        => new(name, "optimizer", breaks, TrainingTrial.Optimizer(right, wrong));

    private static Mutant Of<TUpdate>(string name, string breaks, Optimizer right, Func<long, double, TUpdate> wrong) where TUpdate : struct, IUpdate
        => Of(name, breaks, right, new Mistaken<TUpdate>(wrong) { LearningRate = right.LearningRate });

    private static RmsProp.Plain PlainOf(IOptimizer<RmsProp.Plain> optimizer, double rate) => optimizer.At(1, rate);

    private static RmsProp.CenteredPlain CenteredOf(IOptimizer<RmsProp.CenteredPlain> optimizer, double rate) => optimizer.At(1, rate);

    private static NAdam.Update NAdamOfPowers(long t, double rate)
    {
        double Mu(long step) => NAdam.Beta1 * (1 - 0.5 * Math.Pow(0.96, step * NAdam.MomentumDecay));
        var product = Math.Pow(Mu(t), t);
        return NAdam.At(t, rate) with { GradientRate = rate * (1 - Mu(t)) / (1 - product), MomentRate = rate * Mu(t + 1) / (1 - product * Mu(t + 1)) };
    }

    private static RAdam.Update RAdamOfFour(long t, double rate)
    {
        var (limit, power) = (2 / (1 - RAdam.Beta2) - 1, Math.Pow(RAdam.Beta2, t));
        var length = limit - 2 * t * power / (1 - power);
        if (length is <= 4 or > 5)
        {
            return RAdam.At(t, rate);
        }

        var rectification = Math.Sqrt((length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length));
        return RAdam.At(t, rate) with { Rate = rate / (1 - Math.Pow(RAdam.Beta1, t)) * rectification * Math.Sqrt(1 - power), Rectified = 1 };
    }
}
