using Backprop.Formulas;
using Backprop.Graph.Ops;
using static Backprop.Audit.Mutations.BrokenActivations;

namespace Backprop.Audit.Mutations;

/// <summary>Activations whose value or derivative is wrong.</summary>
internal static class ActivationMutants
{
    private const string Sizes = "6-10-3";

    public static IReadOnlyList<Mutant> All { get; } =
    [
        Of("two digits of gelu's 0.044715 exchanged", "a formula and its derivative, which agree with each other", InNetwork("gelutanh", new MistypedGelu())),
        Of("gelu′ without its density", "Φ(x) is left of the derivative", RuleTrial.Activation(new Gelu(), new GeluWithoutDensity())),
        Of("σ′ = y", "the factor 1 − y is missing", RuleTrial.Activation(new Sigmoid(), new SigmoidWithoutRest())),
        Of("tanh′ = 1 − y", "the square is missing", RuleTrial.Activation(new Tanh(), new TanhWithoutSquare())),
        Of("a derivative off by a millionth", "every gradient below it is too large", RuleTrial.Activation(new Tanh(), new SteepTanh())),
        Of("tanh as 2σ(2x) − 1", "small values have lost their digits", FindingTrial.Of(
            "activations",
            "the activation",
            () => FormulaAudit.Run(new AuditedActivation(Activation.Of(new Tanh()))),
            () => FormulaAudit.Run(new AuditedActivation(Activation.Of(new TanhBySigmoid())), new AuditedActivation(Activation.Of(new Tanh()))))),
        Of("relu6′ without the upper bound", "saturated units pass gradients on", RuleTrial.Activation(new Relu6(), new UnboundedRelu6())),
        Of("leaky relu with another slope backward", "0.1 where the value has 0.01", RuleTrial.Activation(new LeakyRelu(), new LeakierRelu())),
        Of("silu′ of a constant gate", "the product rule's second term is missing", InNetwork("silu", new SiluOfConstantGate())),
        Of("softplus′ with the chain's factor β once more", "β does not cancel", InNetwork("softplus(2)", new SteepSoftplus(2))),
        Of("softplus without a bound", "e^x overflows", InNetwork("softplus", new OverflowingSoftplus(), features: 1e4)),
        Of("elu′ without α", "the slope below 0 is that of α = 1", InNetwork("elu(0.5)", new EluWithoutAlpha(0.5))),
        Of("a derivative of y where x belongs", "the backward pass reads the wrong buffer", GradientTrial.Backward(
            Specimen.Of(Sizes, "silu", "multiclass"),
            node => node is { Op: ApplyGradient, Inputs: [var gradient, _, var y] } ? node.WithInputs([gradient, y, y]) : node)),
    ];

    private static Mutant Of(string name, string breaks, Trial trial) => new(name, "activation", breaks, trial);

    private static Trial InNetwork<TBroken>(string sound, TBroken broken, double features = 1)
        where TBroken : struct, IActivation
    {
        var formula = Activation.Of(broken);
        return GradientTrial.Forward(
            Specimen.Of(Sizes, sound, "multiclass", features: features),
            node => node.Op is Apply ? node.Inputs[0].Apply(formula) : node);
    }
}
