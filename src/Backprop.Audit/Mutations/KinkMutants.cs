using Backprop.Formulas;
using static Backprop.Audit.Mutations.BrokenKinks;

namespace Backprop.Audit.Mutations;

/// <summary>Slopes at kinks that are not PyTorch's.</summary>
internal static class KinkMutants
{
    public static IReadOnlyList<Mutant> All { get; } =
    [
        Of("relu′(0) = 1", "dead units learn", KinkTrial.Activation(new Relu(), new SteepRelu())),
        Of("selu′(0) of its line", "1.05 for 1.76", KinkTrial.Activation(new Selu(), new SeluOfLine())),
        Of("hardtanh′(±1) = 1", "clamp's convention, which is inclusive", KinkTrial.Activation(new HardTanh(), new InclusiveHardTanh())),
        Of("hardswish′(3) of its parabola", "1.5 for 1", KinkTrial.Activation(new HardSwish(), new HardSwishOfParabola())),
        Of("|0|′ = 1 in the absolute error", "a target that is hit is left", KinkTrial.Loss(new AbsoluteError(), new SteepAbsoluteError())),
    ];

    private static Mutant Of(string name, string breaks, Trial trial) => new(name, "kink", breaks, trial);
}
