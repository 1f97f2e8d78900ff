using System.Numerics;
using System.Text.Json.Nodes;
using Backprop.Comparisons.Contenders;
using Backprop.Comparisons.Measuring;

namespace Backprop.Comparisons.Cases;

/// <summary>A function of many numbers that lie in the second-level cache, on one thread.</summary>
internal sealed record FunctionCase<T, TF> : Case
    where T : unmanaged, IFloatingPointIeee754<T>
    where TF : struct, IFunction
{
    private const int Count = 16_384;

    // Four units in the last place each, by norm.
    private const int Units = 8;

    public FunctionCase() : base("functions")
    {
    }

    /// <inheritdoc/>
    public override string Name => $"{FunctionName}, {Precision}";

    /// <inheritdoc/>
    public override JsonObject Fields => new() { ["function"] = FunctionName, ["precision"] = Precision };

    /// <inheritdoc/>
    public override int Elements => Count;

    /// <inheritdoc/>
    public override bool IsDouble => typeof(T) == typeof(double);

    /// <inheritdoc/>
    public override IReadOnlyList<Entrant> Entrants
    {
        get
        {
            var arguments = new Lazy<T[]>(Arguments);
            return
            [
                new(Library.Engine, 1, () => new EngineFunction<T, TF>(arguments.Value)),
                new(Functions.Primitives, 1, () => new PrimitivesFunction<T, TF>(arguments.Value)),
                new(Functions.Scalar, 1, () => new ScalarFunction<T, TF>(arguments.Value)),
                new(Library.Torch, 1, () => new TorchFunction<T, TF>(arguments.Value)),
            ];
        }
    }

    private static string FunctionName => typeof(TF).Name.ToLowerInvariant();

    private string Precision => IsDouble ? "double" : "float";

    /// <inheritdoc/>
    public override void Check(Entrant entrant, double[] results, double[] ours)
        => RequireAgreement(entrant, results, ours, Units * (IsDouble ? double.BitIncrement(1) - 1 : float.BitIncrement(1) - 1));

    private static T[] Arguments()
    {
        var (low, high) = default(TF).Range;
        return [.. Enumerable.Range(0, Count).Select(i => T.CreateTruncating(low + (high - low) * (i * 0.6180339887498949 % 1)))];
    }
}
