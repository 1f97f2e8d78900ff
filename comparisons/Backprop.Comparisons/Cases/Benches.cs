using Backprop.Comparisons.Fitting;
using Backprop.Comparisons.MachineLearning;
using Backprop.Comparisons.Measuring;

namespace Backprop.Comparisons.Cases;

/// <summary>Every table there is.</summary>
/// <param name="Name">As options and JSON have it.</param>
/// <param name="Cases">Its rows.</param>
/// <param name="InQuick">Whether the quick mode measures it unasked.</param>
internal sealed record Bench(string Name, IReadOnlyList<Case> Cases, bool InQuick);

/// <summary>The catalogue of tables.</summary>
internal static class Benches
{
    /// <summary>All, in the order they are measured.</summary>
    public static IReadOnlyList<Bench> All { get; } =
    [
        new("gemm", [.. GemmCase<float>.All, .. GemmCase<double>.All], true),
        new("functions", [.. Functions.All], true),
        new("train-step", [.. StepCase.All], true),
        new("inference", [.. InferenceCase.All], true),
        new("sparse", [.. SparseCase.All], true),
        new("first-fit", [.. FirstFitCase.All], true),
        new("scaling", [.. StepCase.Scaling], false),
        new("fit", [.. FitCase.All], false),
        new("fit-torch", [.. TorchFitCase.All], false),
        new("layers", [.. LayerCase.All], false),
        new("recompute", [.. RecomputeCase.All], false),
        new("intake", [.. IntakeCase.All], false),
        new("transform", [.. TransformCase.All], false),
        new("text", [.. TextCase.All], false),
        new("streaming", [.. StreamingCase.All], false),
    ];
}
