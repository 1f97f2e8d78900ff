using System.Numerics;
using System.Text.Json.Nodes;
using Backprop.Comparisons.Contenders;
using Backprop.Comparisons.Measuring;

namespace Backprop.Comparisons.Cases;

/// <summary>Which of its operands a product reads as they lie.</summary>
internal enum ProductKind
{
    /// <summary>C = A · B of square matrices, all row-major in libtorch.</summary>
    Square,

    /// <summary>X · W of a layer's forward pass; libtorch has W as [out][in].</summary>
    Forward,

    /// <summary>dY · Wᵀ: the gradient of a layer's input.</summary>
    InputGradient,

    /// <summary>Xᵀ · dY: the gradient of a layer's weights.</summary>
    WeightGradient,
}

/// <summary>A matrix product (m × k) · (k × n) on one thread, operands in each library's own layout.</summary>
internal sealed record GemmCase<T>(ProductKind Kind, int M, int K, int N) : Case("gemm")
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Squares, and the three products of two layers.</summary>
    public static IEnumerable<Case> All =>
    [
        .. new[] { 16, 32, 64, 128, 256, 512, 1024, 2048 }.Select(n => new GemmCase<T>(ProductKind.Square, n, n, n)),
        .. Layer(256, 784, 256),
        .. Layer(128, 1024, 1024),
    ];

    /// <inheritdoc/>
    public override string Name => $"{Kind} {M} × {K} × {N}, {Precision}";

    /// <inheritdoc/>
    public override JsonObject Fields
        => new() { ["product"] = JsonName(Kind), ["m"] = M, ["k"] = K, ["n"] = N, ["precision"] = Precision };

    /// <inheritdoc/>
    public override bool IsDouble => typeof(T) == typeof(double);

    /// <inheritdoc/>
    public override double Operations => 2.0 * M * K * N;

    /// <inheritdoc/>
    public override IReadOnlyList<Entrant> Entrants =>
    [
        new(Library.Engine, 1, () => new EngineProduct<T>(Kind, M, K, N)),
        new(Library.Torch, 1, () => new TorchProduct<T>(Kind, M, K, N)),
    ];

    private string Precision => IsDouble ? "double" : "float";

    /// <summary>Of random signs, the roundings of a chain of k additions add up to about √k units; libtorch's likewise.</summary>
    public override void Check(Entrant entrant, double[] results, double[] ours)
        => RequireAgreement(entrant, results, ours, 4 * Math.Sqrt(K) * (IsDouble ? Math.Pow(2, -53) : Math.Pow(2, -24)));

    private static IEnumerable<GemmCase<T>> Layer(int batch, int inputs, int units) =>
    [
        new(ProductKind.Forward, batch, inputs, units),
        new(ProductKind.InputGradient, batch, units, inputs),
        new(ProductKind.WeightGradient, inputs, batch, units),
    ];

    private static string JsonName(ProductKind kind) => $"{char.ToLowerInvariant($"{kind}"[0])}{$"{kind}"[1..]}";
}
