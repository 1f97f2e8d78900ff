using Backprop.Models;

namespace Backprop.Audit.Mutations;

/// <summary>First weights of another spread than they should have.</summary>
internal static class InitializerMutants
{
    public static IReadOnlyList<Mutant> All { get; } =
    [
        Of("the fan out for the fan in", "weights of layers that widen are too small", new KaimingUniform(), new KaimingUniform { Fan = Fan.Out }),
        Of("a gain left out", "1 for relu's √2", new KaimingNormal(), new KaimingNormal { Gain = 1 }),
        Of("fans multiplied instead of added", "of Xavier's", new XavierUniform(),
            new UniformWithin((fanIn, fanOut) => Math.Sqrt(6.0 / ((double)fanIn * fanOut)))),
        Of("a bound without its root", "1/n for 1/√n", new DefaultBiases(), new UniformWithin((fanIn, _) => 1.0 / fanIn)),
        Of("a normal distribution that is not cut off", "weights beyond 2 σ", new TruncatedNormal(), new Normal()),
    ];

    private static Mutant Of(string name, string breaks, Initializer meant, Initializer broken) => new(name, "initializer", breaks, FindingTrial.Of(
        "initializers", "the initializer", () => InitializerAudit.Run(meant, meant), () => InitializerAudit.Run(broken, meant)));

    /// <summary>U(−b, b) of a bound that is handed in.</summary>
    private sealed record UniformWithin(Func<int, int, double> Bound) : Initializer
    {
        public override void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random)
            => random.FillUniform(values, -Bound(fanIn, fanOut), Bound(fanIn, fanOut));
    }
}
