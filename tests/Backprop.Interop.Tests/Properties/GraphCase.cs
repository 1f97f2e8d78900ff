using Backprop.Graph;
using CsCheck;

namespace Backprop.Interop.Tests.Properties;

/// <summary>One operation of a random graph.</summary>
/// <param name="Operation">Its row of the table.</param>
/// <param name="Operand">What it is applied to: the how manieth latest value.</param>
/// <param name="Choice">Decides what else it takes.</param>
internal readonly record struct GraphStep(int Operation, int Operand, int Choice);

/// <summary>The description of a random graph: any numbers make one.</summary>
/// <param name="BatchRows">Rows of its inputs.</param>
/// <param name="Seed">Gives the leaves their numbers.</param>
/// <param name="Second">Whether second derivatives are compared too.</param>
/// <param name="Steps">Its operations.</param>
internal sealed record GraphCase(int BatchRows, int Seed, bool Second, GraphStep[] Steps)
{
    /// <summary>Operations of a graph at most, one after the other or side by side.</summary>
    public const int MostSteps = 12;

    /// <summary>Graphs of every operation alike; one in three with second derivatives.</summary>
    public static Gen<GraphCase> Gen { get; } = CsCheck.Gen.Select(
        CsCheck.Gen.Int[1, 40],
        CsCheck.Gen.Int[0, int.MaxValue - 1],
        CsCheck.Gen.Int[0, 2],
        CsCheck.Gen.Select(CsCheck.Gen.Int[0, GraphOperation.All.Count - 1], CsCheck.Gen.Frequency((3, CsCheck.Gen.Const(0)), (2, CsCheck.Gen.Int[1, 5])),
            CsCheck.Gen.Int[0, 9999])
            .Select((operation, operand, choice) => new GraphStep(operation, operand, choice)).Array[1, MostSteps],
        (rows, seed, second, steps) => new GraphCase(rows, seed, second == 0, steps));

    /// <summary>The description, and the graph that it makes.</summary>
    public override string ToString()
    {
        var steps = string.Join(", ", Steps.Select(step => $"{GraphOperation.All[step.Operation].Name} ({step.Operand}, {step.Choice})"));
        return $"Batch of {BatchRows}, seed {Seed}{(Second ? ", second derivatives" : "")}: {steps}\n{Drawing.ToText(new GraphBuilder(this).Result.Node)}";
    }
}
