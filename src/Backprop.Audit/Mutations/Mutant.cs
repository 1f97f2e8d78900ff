namespace Backprop.Audit.Mutations;

/// <summary>A known defect that the audit puts into the engine to see whether it would have found it.</summary>
/// <remarks>
/// It is in the engine alone: libtorch and the reference stay as they are. Where a formula is wrong, it is so in float and in double.
/// </remarks>
public sealed record Mutant
{
    internal Mutant(string name, string area, string breaks, Trial trial) => (Name, Area, Breaks, Trial) = (name, area, breaks, trial);

    /// <summary>Every mutant there is, area by area.</summary>
    public static IReadOnlyList<Mutant> All { get; } =
    [
        .. ActivationMutants.All,
        .. KinkMutants.All,
        .. LossMutants.All,
        .. OperationMutants.All,
        .. LayerMutants.All,
        .. MemberMutants.All,
        .. PrecisionMutants.All,
        .. PassMutants.All,
        .. OptimizerMutants.All,
        .. TrainingMutants.All,
        .. ClippingMutants.All,
        .. ScheduleMutants.All,
        .. InitializerMutants.All,
    ];

    /// <summary>What is wrong, as "eps inside the root".</summary>
    public string Name { get; }

    /// <summary>Where: "activation", "loss", "operation", "optimizer" …</summary>
    public string Area { get; }

    /// <summary>What comes of it, in one line.</summary>
    public string Breaks { get; }

    /// <summary>What the defect is handed in as.</summary>
    public string Injection => Trial.Injection;

    /// <summary>The check that is to see it.</summary>
    public string Check => Trial.Check;

    /// <summary>Whether that check needs libtorch.</summary>
    public bool NeedsTorch => Trial.NeedsTorch;

    internal Trial Trial { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Area}: {Name}";
}
