namespace Backprop.Audit.Mutations;

/// <summary>Gradients that a pass in float has damaged, wherever it did.</summary>
internal static class PassMutants
{
    public static IReadOnlyList<Mutant> All { get; } =
        [.. PassDamage.All.Select(defect => new Mutant(
            defect.Name, "pass", "the finished gradients are changed", GradientTrial.Pass(Specimen.Of("12-16-16-5", "relu", "multiclass", rows: 24), defect)))];
}
