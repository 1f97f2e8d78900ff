using System.Numerics;
using System.Text.Json.Nodes;
using Backprop.Comparisons.Contenders;
using Backprop.Comparisons.Measuring;

namespace Backprop.Comparisons.Cases;

/// <summary>A function of many numbers that lie in the second-level cache, on one thread; of floats, how exact each library is.</summary>
internal sealed record FunctionCase<T, TF>() : Case("functions")
    where T : unmanaged, IFloatingPointIeee754<T>
    where TF : struct, ISpelling
{
    private const int Count = 16_384;

    // By norm each is right to a few units in the last place, though some are not for the smallest arguments.
    private const int Units = 8;

    /// <summary>The function's name in the engine's catalogue.</summary>
    public static string FunctionName => typeof(TF).Name.ToLowerInvariant();

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
            Entrant engine = new(Library.Engine, 1, () => new EngineFunction<T>(FunctionName, Arguments()));
            Entrant torch = new(Library.Torch, 1, () => new TorchFunction<T, TF>(Arguments()));
            return default(TF).InDotNet
                ?
                [
                    engine,
                    new(Functions.Primitives, 1, () => new PrimitivesFunction<T, TF>(Arguments())),
                    new(Functions.Scalar, 1, () => new ScalarFunction<T, TF>(Arguments())),
                    torch,
                ]
                : [engine, torch];
        }
    }

    private string Precision => IsDouble ? "double" : "float";

    /// <inheritdoc/>
    public override void Check(Entrant entrant, double[] results, double[] ours)
        => RequireAgreement(entrant, results, ours, Units * (IsDouble ? double.BitIncrement(1) - 1 : float.BitIncrement(1) - 1));

    /// <summary>The largest error in units in the last place; of floats only, whose reference libtorch gives in double.</summary>
    public override JsonObject Extras(Outcome outcome)
    {
        var extras = new JsonObject();
        if (!IsDouble)
        {
            using var reference = new TorchFunction<double, TF>([.. Arguments().Select(double.CreateTruncating)]);
            var exact = reference.Results();
            foreach (var line in outcome.Lines)
            {
                extras[line.Entrant.Library == Library.Engine ? "ulp" : $"{line.Entrant.Library.Key}Ulp"]
                    = line.Results.Zip(exact, (y, x) => Math.Abs(y - x) / (float.BitIncrement((float)Math.Abs(x)) - (float)Math.Abs(x))).Max();
            }
        }

        return extras;
    }

    /// <summary>Spread over the range by the golden ratio, so that neighbours differ.</summary>
    private static T[] Arguments()
    {
        var (low, high) = default(TF).Range;
        return [.. Enumerable.Range(0, Count).Select(i => T.CreateTruncating(low + (high - low) * (i * 0.6180339887498949 % 1)))];
    }
}
